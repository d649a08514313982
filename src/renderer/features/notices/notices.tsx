/** Notices at the foot of the window. They stay until they are read. */
import { Ban, CircleCheck, CircleX, TriangleAlert, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../../components/button.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { useShell } from '../../lib/shell-state.ts';
import { messages } from './messages.ts';
import styles from './notices.module.css';

const icons = { ok: CircleCheck, warn: TriangleAlert, danger: CircleX, idle: Ban } as const;

export function Notices(): ReactNode {
  const t = useMessages(messages);
  const notices = useShell((shell) => shell.notices);
  const dismiss = useShell((shell) => shell.dismiss);
  if (notices.length === 0) return null;
  return (
    <section aria-label={t.notices}>
      <ul className={styles['stack']}>
        {notices.map(({ id, tone, title, text, action }) => {
          const Icon = icons[tone];
          return (
            <li key={id} className={styles['notice']}>
              <Icon size={16} strokeWidth={1.75} className={styles[tone]} aria-hidden />
              <div className={styles['text']}>
                <div className="strong">{visibleText(title)}</div>
                {text === undefined ? null : <p>{visibleText(text)}</p>}
              </div>
              {action === undefined ? null : (
                <Button
                  size="small"
                  onClick={() => {
                    dismiss(id);
                    action.run();
                  }}
                >
                  {action.label}
                </Button>
              )}
              <IconButton size="small" icon={X} label={t.dismiss} onClick={() => dismiss(id)} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}
