/** Backs up chosen or dropped paths once: which, where to, start. */
import { useQuery } from '@tanstack/react-query';
import { FilePlus, FolderPlus, Upload, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../../components/button.tsx';
import { Select } from '../../components/controls.tsx';
import { Dialog, DialogGap } from '../../components/dialog.tsx';
import { PathText } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { baseName, visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { repositoriesQuery } from '../../lib/queries.ts';
import { navigate } from '../../lib/router.tsx';
import { useShell } from '../../lib/shell-state.ts';
import { useChoosePaths } from '../paths/use-choose-paths.tsx';
import styles from './drop.module.css';
import { messages } from './messages.ts';

/** The most that one backup takes, and the most that are listed. */
const mostPaths = 1000;
const mostListed = 100;

export function BackUpDialog({ paths: given }: { readonly paths: readonly string[] }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const close = useShell((shell) => shell.close);
  const repositories = useQuery(repositoriesQuery(client)).data ?? [];
  const [paths, setPaths] = useState<readonly string[]>(() => [...new Set(given)].slice(0, mostPaths));
  const [place, setPlace] = useState('');
  const [error, setError] = useState<unknown>();
  const [sending, setSending] = useState(false);
  const chooser = useChoosePaths((added) => setPaths((before) => [...new Set([...before, ...added])].slice(0, mostPaths)));
  const filesButton = useRef<HTMLButtonElement>(null);
  const startButton = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (paths.length > 0) startButton.current?.focus();
  }, [paths.length]);

  const start = async (): Promise<void> => {
    setSending(true);
    setError(undefined);
    try {
      const { job_id: jobId } = await client.start_backup({ paths: [...paths], ...(place === '' ? {} : { repository_id: place }) });
      close();
      navigate({ place: 'jobs', jobId });
    } catch (failure) {
      setError(failure);
      setSending(false);
    }
  };
  return (
    <Dialog
      onClose={close}
      icon={Upload}
      title={t.title}
      description={t.text}
      onOpenAutoFocus={(event) => {
        event.preventDefault();
        (paths.length > 0 ? startButton : filesButton).current?.focus();
      }}
      foot={
        <>
          <Button ref={filesButton} icon={FilePlus} onClick={() => chooser.choose('files')}>
            {t.files}
          </Button>
          <Button icon={FolderPlus} onClick={() => chooser.choose('folders')}>
            {t.folders}
          </Button>
          <DialogGap />
          <Button variant="quiet" onClick={close}>
            {t.close}
          </Button>
          <Button ref={startButton} variant="primary" disabled={paths.length === 0 || sending} onClick={() => void start()}>
            {t.start(paths.length)}
          </Button>
        </>
      }
    >
      {paths.length === 0 ? (
        <p className={styles['none']}>{t.none}</p>
      ) : (
        <ul className={styles['list']} aria-label={t.chosen(paths.length)}>
          {paths.slice(0, mostListed).map((path) => (
            <li key={path}>
              <span className="grow cut">
                <PathText path={path} />
              </span>
              <IconButton size="small" icon={X} label={t.remove(visibleText(baseName(path)))} onClick={() => setPaths((before) => before.filter((one) => one !== path))} />
            </li>
          ))}
          {paths.length > mostListed ? <li className="small t2">{t.more(paths.length - mostListed)}</li> : null}
        </ul>
      )}
      {repositories.length > 1 ? (
        <div className="row">
          <span className="strong">{t.where}</span>
          <Select
            label={t.where}
            value={place === '' ? (repositories.find((repository) => repository.kind === 'embedded') ?? repositories[0])?.repository_id ?? '' : place}
            choices={repositories.map((repository) => ({ value: repository.repository_id, label: visibleText(repository.name) }))}
            onChange={setPlace}
          />
        </div>
      ) : null}
      {error === undefined ? null : <ErrorPanel error={error} />}
      {chooser.dialog}
    </Dialog>
  );
}
