/** The whole window takes files and folders. Electron learns their paths; a browser never does, and says what to do instead. */
import { Upload } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { KeyCap } from '../../components/display.tsx';
import { useHost } from '../../lib/host/host.ts';
import { keyText } from '../../lib/keys.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { useShell } from '../../lib/shell-state.ts';
import styles from './drop.module.css';
import { messages } from './messages.ts';

export function DropZone(): ReactNode {
  const t = useMessages(messages);
  const { capabilities, platform } = useHost();
  const [over, setOver] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') === true;
    const onOver = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    };
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      const { open, notify } = useShell.getState();
      if (capabilities.pathsOf === undefined) {
        notify({ id: 'drop', tone: 'warn', title: t.browserTitle, text: t.browserText, action: { label: t.choose, run: () => open({ name: 'back-up', paths: [] }) } });
        return;
      }
      const paths = capabilities.pathsOf([...(event.dataTransfer?.files ?? [])]).filter((path) => path !== '');
      if (paths.length === 0) notify({ id: 'drop', tone: 'warn', title: t.nothing, text: t.nothingText });
      else open({ name: 'back-up', paths });
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') setOver(false);
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
      window.removeEventListener('keydown', onKey);
    };
  }, [capabilities, t]);
  if (!over) return null;
  return (
    <div className={styles['drop']}>
      <div className={styles['middle']}>
        <h2>{t.dropTitle}</h2>
        <p className="t2">{t.dropText}</p>
        <div className={styles['target']}>
          <span className={styles['icon']}>
            <Upload size={20} strokeWidth={1.75} aria-hidden />
          </span>
          <b>{t.dropOnce}</b>
        </div>
        <p className={styles['keys']}>
          <KeyCap>Esc</KeyCap> {t.dropKeys} <KeyCap>{keyText('Mod O', platform)}</KeyCap> {t.dropKeysEnd}
        </p>
      </div>
    </div>
  );
}
