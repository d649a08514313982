/** The server of this computer: whether it is used, how it does, and its address. */
import { useQuery } from '@tanstack/react-query';
import { Copy, Server } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../../components/button.tsx';
import { Switch, TextInput } from '../../components/controls.tsx';
import { PathText, Skeleton } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { keys } from '../../lib/query-keys.ts';
import { Link } from '../../lib/router.tsx';
import { useShell } from '../../lib/shell-state.ts';
import { messages } from './messages.ts';
import { Setting } from './setting.tsx';
import styles from './settings.module.css';
import { useSettings } from './use-settings.ts';

export function ServerPage(): ReactNode {
  const t = useMessages(messages);
  const { settings, error, change } = useSettings();
  if (settings === undefined) return error === null ? <Skeleton rows={4} /> : <ErrorPanel error={error} />;
  const { embedded_server: embedded } = settings;
  return (
    <>
      <h2>
        <span className="grow">{t.pages.server}</span>
        <span className="small t2">{t.serverFor}</span>
      </h2>
      <ServerState enabled={embedded.enabled} onEnable={(enabled) => change({ embedded_server: { ...embedded, enabled } })} />
      <Address key={embedded.listen} listen={embedded.listen} onChange={(listen) => change({ embedded_server: { ...embedded, listen } })} />
      {error === null ? null : <ErrorPanel error={error} />}
    </>
  );
}

function ServerState({ enabled, onEnable }: { readonly enabled: boolean; readonly onEnable: (enabled: boolean) => void }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const { client } = useHost();
  const notify = useShell((shell) => shell.notify);
  const id = useId();
  const { data: server } = useQuery({ queryKey: ['server'], queryFn: () => client.get_server(), refetchInterval: 2000 });
  const running = server?.reach === 'reachable';
  const connections = useQuery({ queryKey: keys.connections, queryFn: () => client.get_connection_health(), refetchInterval: 2000, enabled: running, retry: false });
  const folder = server?.data_folder;
  const room = useQuery({ queryKey: ['restore-target', folder], queryFn: () => client.look_at_target({ path: folder ?? '' }), enabled: folder !== undefined, staleTime: 30_000, retry: false });
  if (server === undefined) return <Skeleton rows={2} />;
  const words = { reachable: t.serverOn, starting: t.serverStarting, unused: enabled ? t.serverWaiting : t.serverOff, unreachable: t.serverLost } as const;
  const tones = { reachable: 'ok', starting: 'accent', unused: 'idle', unreachable: 'danger' } as const;
  const free = room.data?.free_bytes ?? null;
  const details = [running && connections.data !== undefined ? t.connections(Object.keys(connections.data).length) : undefined, free === null ? undefined : t.freeHere(f.bytes(free))].filter((part) => part !== undefined);
  const copy = (): void => void navigator.clipboard.writeText(server.url).then(() => notify({ id: 'copied', tone: 'ok', title: t.copied, text: server.url }));
  return (
    <section className={`card ${styles['group']}`} aria-label={t.pages.server}>
      <div className={styles['server']}>
        <span className={styles['seal']} data-tone={tones[server.reach]}>
          <Server size={18} strokeWidth={1.75} aria-hidden />
        </span>
        <label htmlFor={id} className="grow">
          <span className="strong" role="status">
            {words[server.reach]}
          </span>
          <p className="small t2">{server.trouble === null ? (running ? details.join(', ') : t.serverHint) : t.troubles[server.trouble]}</p>
        </label>
        <Switch id={id} label={t.serverSwitch} checked={enabled} onChange={onEnable} />
      </div>
      <dl className={styles['columns']}>
        <div>
          <dt>{t.address}</dt>
          <dd className="row">
            <span className="mono">{server.url}</span>
            <IconButton size="small" icon={Copy} label={t.copyAddress} onClick={copy} />
          </dd>
        </div>
        <div>
          <dt>{t.data}</dt>
          <dd className="mono">
            <PathText path={server.data_folder} />
          </dd>
        </div>
        <div>
          <dt>{t.liveConnections}</dt>
          <dd>
            <Link to={{ place: 'health', page: 'connections' }}>{t.showConnections}</Link>
          </dd>
        </div>
      </dl>
    </section>
  );
}

function Address({ listen, onChange }: { readonly listen: string; readonly onChange: (listen: string) => void }): ReactNode {
  const t = useMessages(messages);
  const id = useId();
  const [address, setAddress] = useState(listen);
  return (
    <form
      className={`card ${styles['group']}`}
      onSubmit={(event) => {
        event.preventDefault();
        onChange(address.trim());
      }}
    >
      <Setting name={t.listen} hint={t.listenHint} control={id}>
        <span className="row">
          <TextInput id={id} aria-label={t.listen} dir="ltr" spellCheck={false} value={address} onChange={(event) => setAddress(event.target.value)} />
          <Button type="submit" disabled={address.trim() === listen || address.trim() === ''}>
            {t.save}
          </Button>
        </span>
      </Setting>
    </form>
  );
}
