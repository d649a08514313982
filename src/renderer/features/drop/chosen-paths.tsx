/** The chosen paths: how much each holds, what is wrong with it, and a way to leave it out. */
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { MeasuredPath } from '../../../shared/contract/schemas/machine.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { PathText } from '../../components/display.tsx';
import { baseName, visibleText } from '../../lib/display-text.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { isRefused, usePathProblem } from '../paths/path-problem.ts';
import { PathSize } from '../paths/path-size.tsx';
import styles from './drop.module.css';
import { messages } from './messages.ts';

const mostListed = 100;

interface ChosenPathsProps {
  readonly paths: readonly string[];
  readonly measured: ReadonlyMap<string, MeasuredPath>;
  readonly onChange: (paths: readonly string[]) => void;
}

export function ChosenPaths({ paths, measured, onChange }: ChosenPathsProps): ReactNode {
  const t = useMessages(messages);
  const refused = paths.filter((path) => isRefused(measured.get(path)));
  // What needs a decision stands where it is seen.
  const sorted = refused.length === 0 ? paths : [...refused, ...paths.filter((path) => !refused.includes(path))];
  return (
    <>
      <ul className={styles['list']} aria-label={t.chosen(paths.length)}>
        {sorted.slice(0, mostListed).map((path) => (
          <ChosenPath key={path} path={path} measured={measured.get(path)} onRemove={() => onChange(paths.filter((one) => one !== path))} />
        ))}
        {paths.length > mostListed ? <li className="small t2">{t.more(paths.length - mostListed)}</li> : null}
      </ul>
      {refused.length === 0 ? null : (
        <p className={styles['refused']} role="status">
          {t.refused(refused.length)}
          <Button size="small" onClick={() => onChange(paths.filter((path) => !refused.includes(path)))}>
            {t.leaveRefused(refused.length)}
          </Button>
        </p>
      )}
    </>
  );
}

function ChosenPath({ path, measured, onRemove }: { readonly path: string; readonly measured: MeasuredPath | undefined; readonly onRemove: () => void }): ReactNode {
  const t = useMessages(messages);
  const problem = usePathProblem(measured);
  return (
    <li>
      <div className="grow">
        <PathText path={path} />
        {problem === undefined ? null : <p className={problem.refused ? styles['danger'] : styles['warn']}>{problem.text}</p>}
      </div>
      <PathSize measured={measured} />
      <IconButton size="small" icon={X} label={t.remove(visibleText(baseName(path)))} onClick={onRemove} />
    </li>
  );
}
