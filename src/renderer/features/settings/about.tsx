/** About: the version, where the program keeps its files, and licences. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { Copy, FolderOpen } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../../components/button.tsx';
import { PathText, Skeleton } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { useHost } from '../../lib/host/host.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { useShell } from '../../lib/shell-state.ts';
import { licences, nativeLicences } from './licences.ts';
import { messages } from './messages.ts';
import styles from './settings.module.css';

export function About(): ReactNode {
  const t = useMessages(messages);
  const { client, kind } = useHost();
  const machine = useQuery({ queryKey: ['machine'], queryFn: () => client.get_machine() });
  if (machine.data === undefined) return machine.error === null ? <Skeleton rows={4} /> : <ErrorPanel error={machine.error} />;
  const { version, hostname, username, platform, configuration_folder: configuration, data_folder: data, log_folder: logs } = machine.data;
  const facts = [
    { name: t.version, value: version },
    { name: t.computer, value: `${hostname}, ${t.platforms[platform] ?? platform}` },
    { name: t.user, value: username },
    { name: t.interfaceIn, value: kind === 'electron' ? t.inWindow : t.inBrowser },
  ];
  return (
    <>
      <h2>{t.aboutTitle}</h2>
      <section className={`card ${styles['group']}`} aria-label={t.aboutTitle}>
        <dl className={styles['facts']}>
          {facts.map(({ name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <bdi>{value}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      </section>
      <section className={`card ${styles['group']}`} aria-label={t.folders}>
        <FolderLine name={t.configuration} hint={t.configurationHint} path={configuration} />
        <FolderLine name={t.dataFolder} hint={t.dataHint} path={data} />
        <FolderLine name={t.logs} hint={kind === 'electron' ? t.logsHint : t.logsHintBrowser} path={logs} />
      </section>
      <Licences />
    </>
  );
}

function FolderLine({ name, hint, path }: { readonly name: string; readonly hint: string; readonly path: string }): ReactNode {
  const t = useMessages(messages);
  const notify = useShell((shell) => shell.notify);
  const { showInFolder } = useHost().capabilities;
  const show = useMutation({ mutationFn: (shown: string) => showInFolder?.(shown) ?? Promise.resolve() });
  const copy = (): void => void navigator.clipboard.writeText(path).then(() => notify({ id: 'copied', tone: 'ok', title: t.copied, text: path }));
  return (
    <div className={styles['setting']}>
      <div>
        <span className="strong">{name}</span>
        <p className="small t2">{hint}</p>
        <p className="mono">
          <PathText path={path} />
        </p>
        {show.error === null ? null : <ErrorPanel error={show.error} />}
      </div>
      <IconButton size="small" icon={Copy} label={t.copyPath(name)} onClick={copy} />
      {showInFolder === undefined ? null : <IconButton size="small" icon={FolderOpen} label={t.showFolder(name)} onClick={() => show.mutate(path)} />}
    </div>
  );
}

function Licences(): ReactNode {
  const t = useMessages(messages);
  const [open, setOpen] = useState(false);
  return (
    <section className={`card ${styles['group']}`} aria-label={t.licences}>
      <div className={styles['setting']}>
        <div>
          <span className="strong">{t.licence}</span>
          <p className="small t2">{t.licenceText}</p>
        </div>
        <Button size="small" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t.hideLicences : t.showLicences}
        </Button>
      </div>
      {open ? (
        <table className={styles['table']} aria-label={t.licences}>
          <thead>
            <tr>
              <th scope="col">{t.program}</th>
              <th scope="col">{t.licence}</th>
            </tr>
          </thead>
          <tbody>
            {[...licences, ...nativeLicences].map(([name, licence]) => (
              <tr key={name}>
                <td>{name}</td>
                <td>{licence}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </section>
  );
}
