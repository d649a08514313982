/** An error as every error is shown: what happened, what is safe, what to do, and one first action. */
import { ArrowRight, Info, ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { Failure } from '../../shared/errors.ts';
import { visibleText } from '../lib/display-text.ts';
import { useMessages } from '../lib/messages/messages.ts';
import styles from './display.module.css';
import { messages } from './messages.ts';

interface ErrorPanelProps {
  readonly error: unknown;
  readonly safe?: string;
  readonly next?: string;
  /** Buttons; the first is the main one. */
  readonly children?: ReactNode;
}

export function ErrorPanel({ error, safe, next, children }: ErrorPanelProps): ReactNode {
  const t = useMessages(messages);
  const failure = error instanceof Failure ? error : undefined;
  const parts = [
    { icon: <Info size={16} strokeWidth={1.75} color="var(--danger)" aria-hidden />, title: t.whatHappened, text: failure?.text.what ?? t.unexpected },
    { icon: <ShieldCheck size={16} strokeWidth={1.75} color="var(--ok)" aria-hidden />, title: t.whatIsSafe, text: safe ?? failure?.text.safe ?? t.nothingAtRisk },
    { icon: <ArrowRight size={16} strokeWidth={1.75} color="var(--accent-text)" aria-hidden />, title: t.whatToDo, text: next ?? failure?.text.next ?? t.tryAgain },
  ];
  return (
    <div className={styles['error']} role="alert">
      <dl>
        {parts.map((part) => (
          <div key={part.title}>
            {part.icon}
            <dt>{part.title}</dt>
            <dd>{visibleText(part.text)}</dd>
          </div>
        ))}
      </dl>
      {children === undefined ? null : <div className={styles['actions']}>{children}</div>}
      {failure === undefined ? null : <p className={styles['code']}>{failure.code}</p>}
    </div>
  );
}
