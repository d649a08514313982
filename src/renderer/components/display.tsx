/** Small parts that show something: states, dots, tags, keys, names and paths of files, empty and loading places. */
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { splitForMiddleCut, visibleText } from '../lib/display-text.ts';
import { useMessages } from '../lib/messages/messages.ts';
import { classes } from './class-names.ts';
import styles from './display.module.css';
import { messages } from './messages.ts';
import type { Tone } from './progress.tsx';

/** An icon and a word: never colour alone. */
export function StateChip({ tone, icon: Icon, children }: { readonly tone: Tone; readonly icon: LucideIcon; readonly children: ReactNode }): ReactNode {
  return (
    <span className={classes(styles['state'], styles[`tone-${tone}`])}>
      <Icon size={14} strokeWidth={1.75} aria-hidden />
      {children}
    </span>
  );
}

/** Beside the word that says the same; it differs in shape as well. */
export function StatusDot({ tone }: { readonly tone: Tone }): ReactNode {
  return <span aria-hidden className={classes(styles['dot'], styles[`dot-${tone}`])} />;
}

export function Tag({ tone = 'idle', children }: { readonly tone?: Tone; readonly children: ReactNode }): ReactNode {
  return <span className={classes(styles['tag'], styles[`tone-${tone}`])}>{children}</span>;
}

export function KeyCap({ children }: { readonly children: ReactNode }): ReactNode {
  return <kbd className={styles['key']}>{children}</kbd>;
}

/** The name of a file, a plan or a person: isolated from the direction of what stands around it. */
export function NameText({ children }: { readonly children: string }): ReactNode {
  return <bdi className={styles['name']}>{visibleText(children)}</bdi>;
}

/** A path, cut in the middle where there is no room; the whole of it as its title. */
export function PathText({ path }: { readonly path: string }): ReactNode {
  const shown = visibleText(path);
  const [front, end] = splitForMiddleCut(shown);
  return (
    <bdi className={styles['path']} dir="ltr" title={shown}>
      <span>{front}</span>
      <span>{end}</span>
    </bdi>
  );
}

interface EmptyStateProps {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly text?: ReactNode;
  /** Buttons. */
  readonly children?: ReactNode;
}

export function EmptyState({ icon: Icon, title, text, children }: EmptyStateProps): ReactNode {
  return (
    <div className={styles['empty']}>
      <Icon size={24} strokeWidth={1.5} aria-hidden />
      <h2>{title}</h2>
      {text === undefined ? null : <p>{text}</p>}
      {children === undefined ? null : <div>{children}</div>}
    </div>
  );
}

/** Rows of the final layout, shown from 200 ms on. */
export function Skeleton({ rows = 4 }: { readonly rows?: number }): ReactNode {
  const t = useMessages(messages);
  return (
    <div className={styles['skeleton']} role="status" aria-label={t.loading}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} aria-hidden>
          <i />
          <i />
          <i />
        </div>
      ))}
    </div>
  );
}
