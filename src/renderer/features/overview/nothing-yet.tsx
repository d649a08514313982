/** The overview before there is anything: two ways to begin, and what to expect. */
import { Archive, FolderPlus, Key, Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { useMessages } from '../../lib/messages/messages.ts';
import { navigate } from '../../lib/router.tsx';
import { messages } from './messages.ts';
import styles from './overview.module.css';

export function NothingYet(): ReactNode {
  const t = useMessages(messages);
  const points = [
    { icon: Lock, title: t.sealed, text: t.sealedText },
    { icon: Archive, title: t.small, text: t.smallText },
    { icon: Key, title: t.free, text: t.freeText },
  ];
  return (
    <div className={styles['empty']}>
      <div className={styles['box']}>
        <svg width="96" height="76" viewBox="0 0 96 76" fill="none" strokeWidth="2" strokeLinejoin="round" strokeLinecap="round" aria-hidden>
          <g stroke="var(--line-control)">
            <path d="M4 14a3 3 0 0 1 2.6-3.4l32-4.6A3 3 0 0 1 42 8.600l6 43a3 3 0 0 1-2.500 3.400L13 59.500A3 3 0 0 1 9.600 57z" fill="var(--bg-surface)" />
            <path d="M54 7a3 3 0 0 1 3.400-2.600l31 4.300A3 3 0 0 1 91 12l-6 43a3 3 0 0 1-3.400 2.600l-31-4.300A3 3 0 0 1 48 50z" fill="var(--bg-surface)" />
          </g>
          <path d="M2 70h92" stroke="var(--line-strong)" />
          <path d="M48 15l20 7v17c0 12-8 21-20 25-12-4-20-13-20-25V22z" fill="var(--accent-tint)" stroke="var(--accent-text)" />
          <path d="M48 32v16M40 40h16" stroke="var(--accent-text)" />
        </svg>
        <h1>{t.nothingYet}</h1>
        <p>{t.nothingYetText}</p>
        <div className={styles['buttons']}>
          <Button variant="primary" onClick={() => navigate({ place: 'first-run' })}>
            {t.setUp}
          </Button>
          <Button onClick={() => navigate({ place: 'settings', page: 'repositories' })}>{t.openExisting}</Button>
        </div>
        <div className={styles['dropbox']}>
          <FolderPlus size={20} strokeWidth={1.75} aria-hidden />
          {t.dropHint}
        </div>
        <ul className={`card ${styles['three'] ?? ''}`}>
          {points.map(({ icon: Icon, title, text }) => (
            <li key={title}>
              <b>
                <Icon size={15} strokeWidth={1.75} aria-hidden />
                {title}
              </b>
              <p>{text}</p>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
