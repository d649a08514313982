/** All keys in one list. */
import { Keyboard } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog } from '../../components/dialog.tsx';
import { KeyCap } from '../../components/display.tsx';
import { useHost } from '../../lib/host/host.ts';
import { keyText } from '../../lib/keys.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { useShell } from '../../lib/shell-state.ts';
import { messages } from './messages.ts';
import styles from './palette.module.css';

export function KeysDialog(): ReactNode {
  const t = useMessages(messages);
  const { platform } = useHost();
  const close = useShell((shell) => shell.close);
  const groups: readonly (readonly [title: string, keys: readonly (readonly [does: string, ...keys: string[]])[]])[] = [
    [
      t.groups.everywhere,
      [
        [t.keys.palette, 'Mod K'],
        [t.keys.places, 'Mod 1', 'Mod 5'],
        [t.keys.settings, 'Mod ,'],
        [t.keys.files, 'Mod O'],
        [t.keys.now, 'Mod Shift B'],
        [t.keys.pause, 'Mod Shift P'],
        [t.keys.cancel, 'Mod Shift X'],
        [t.keys.pane, 'F6', 'Shift F6'],
        [t.keys.side, 'Mod \\'],
        [t.keys.all, '?'],
      ],
    ],
    [
      t.groups.lists,
      [
        [t.keys.arrows, '↑', '↓', 'Home', 'End'],
        [t.keys.open, 'Enter', 'Esc'],
        [t.keys.job, 'P', 'R'],
        [t.keys.del, 'Del'],
      ],
    ],
  ];
  return (
    <Dialog onClose={close} icon={Keyboard} title={t.keysTitle}>
      <div className={styles['table']}>
        {groups.map(([title, keys]) => (
          <section key={title}>
            <h3>{title}</h3>
            <ul>
              {keys.map(([does, ...pressed]) => (
                <li key={does}>
                  <span>{does}</span>
                  <span className={styles['keys']}>
                    {pressed.map((key) => (
                      <KeyCap key={key}>{keyText(key, platform)}</KeyCap>
                    ))}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
