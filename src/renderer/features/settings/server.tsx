/** The server of this computer: how it does, who may back up to it, and from where it is reached. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Copy, Eye, Server } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import type { OperationOutput } from '../../../shared/contract/operations.ts';
import type { Settings } from '../../../shared/contract/schemas/settings.ts';
import { Failure } from '../../../shared/errors.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Switch, TextInput } from '../../components/controls.tsx';
import { PathText, Skeleton } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { keys } from '../../lib/query-keys.ts';
import { Link } from '../../lib/router.tsx';
import { useShell } from '../../lib/shell-state.ts';
import { messages } from './messages.ts';
import { messages as serverMessages } from './server-messages.ts';
import { ServerUsers } from './server-users.tsx';
import { Setting } from './setting.tsx';
import styles from './settings.module.css';
import { useSettings } from './use-settings.ts';

type EmbeddedServer = Settings['embedded_server'];
type ServerUse = OperationOutput<'get_server_use'>;

const pollMs = 2000;

export function ServerPage(): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const { settings, error, change } = useSettings();
  const { data: server } = useQuery({ queryKey: ['server'], queryFn: () => client.get_server(), refetchInterval: pollMs });
  // A server that starts or ends just now has nothing to say; the state above says so.
  const use = useQuery({ queryKey: [...keys.serverUse, server?.reach], queryFn: () => client.get_server_use(), refetchInterval: pollMs, retry: false, enabled: server !== undefined, placeholderData: (before) => before }).data;
  if (settings === undefined) return error === null ? <Skeleton rows={4} /> : <ErrorPanel error={error} />;
  if (server === undefined) return <Skeleton rows={4} />;
  const { embedded_server: embedded } = settings;
  const set = (changed: Partial<EmbeddedServer>): void => change({ embedded_server: { ...embedded, ...changed } });
  const network = use?.network ?? null;
  const url = network?.urls[0] ?? server.url;
  const needsUser = error instanceof Failure && error.code === 'SERVER_USERS_NEEDED';
  return (
    <>
      <h2>
        <span className="grow">{t.pages.server}</span>
        <span className="small t2">{t.serverFor}</span>
      </h2>
      <ServerState server={server} use={use} url={url} enabled={embedded.enabled} onEnable={(enabled) => set({ enabled })} />
      <ServerUsers url={url} dataFolder={server.data_folder} />
      <Switches embedded={embedded} isOpen={network !== null} needsUser={needsUser} onChange={set} />
      <Address key={embedded.listen} listen={embedded.listen} onChange={(listen) => set({ listen })} />
      {error === null || needsUser ? null : <ErrorPanel error={error} />}
    </>
  );
}

interface ServerStateProps {
  readonly server: OperationOutput<'get_server'>;
  readonly use: ServerUse | undefined;
  readonly url: string;
  readonly enabled: boolean;
  readonly onEnable: (enabled: boolean) => void;
}

function ServerState({ server, use, url, enabled, onEnable }: ServerStateProps): ReactNode {
  const t = useMessages(messages);
  const s = useMessages(serverMessages);
  const f = useFormat();
  const id = useId();
  const now = useNow(60_000);
  const { client } = useHost();
  const running = server.reach === 'reachable';
  const connections = useQuery({ queryKey: keys.connections, queryFn: () => client.get_connection_health(), refetchInterval: pollMs, enabled: running, retry: false }).data;
  const since = running && use?.since !== undefined && use.since !== null ? s.since(f.moment(new Date(use.since), now)) : t.serverOn;
  const words = { reachable: since, starting: t.serverStarting, unused: enabled ? t.serverWaiting : t.serverOff, unreachable: t.serverLost } as const;
  const tones = { reachable: 'ok', starting: 'accent', unused: 'idle', unreachable: 'danger' } as const;
  const { disk = null, stored_bytes: stored = null, network = null } = use ?? {};
  const facts = [...(stored === null ? [] : [s.stored(f.bytes(stored))]), ...(disk === null || disk.total_bytes === 0 ? [] : [s.diskUsed(f.percent(100 - (100 * disk.free_bytes) / disk.total_bytes))])];
  return (
    <section className={`card ${styles['group']}`} aria-label={t.pages.server}>
      <div className={styles['server']}>
        <span className={styles['seal']} data-tone={tones[server.reach]}>
          <Server size={18} strokeWidth={1.75} aria-hidden />
        </span>
        <div className="grow">
          <label htmlFor={id}>
            <span className="strong" role="status">
              {words[server.reach]}
            </span>
          </label>
          <p className="small t2">
            {running && connections !== undefined ? (
              <>
                <Link to={{ place: 'health', page: 'connections' }}>{t.connections(Object.keys(connections).length)}</Link>
                {facts.map((fact) => `, ${fact}`).join('')}
              </>
            ) : server.trouble === null ? (
              t.serverHint
            ) : (
              t.troubles[server.trouble]
            )}
          </p>
        </div>
        <Switch id={id} label={t.serverSwitch} checked={enabled} onChange={onEnable} />
      </div>
      <dl className={styles['columns']}>
        <div>
          <dt>{t.address}</dt>
          <dd>
            <span className="mono cut" dir="ltr" title={network === null ? url : network.urls.join('\n')}>
              {url}
            </span>
            <CopyButton label={t.copyAddress} text={url} />
          </dd>
        </div>
        <div>
          <dt>{t.data}</dt>
          <dd className="mono">
            <PathText path={server.data_folder} />
          </dd>
        </div>
        {network === null ? (
          <div>
            <dt>{s.reachedFrom}</dt>
            <dd>{s.onlyHere}</dd>
          </div>
        ) : (
          <Fingerprint fingerprint={network.fingerprint} />
        )}
      </dl>
    </section>
  );
}

/** Its beginning and end, by which most people compare; all of it on demand. */
function Fingerprint({ fingerprint }: { readonly fingerprint: string }): ReactNode {
  const s = useMessages(serverMessages);
  const [whole, setWhole] = useState(false);
  return (
    <div data-whole={whole ? '' : undefined}>
      <dt>{s.fingerprint}</dt>
      <dd>
        <span className="mono" dir="ltr">
          {whole ? fingerprint : `${fingerprint.slice(0, 11)} … ${fingerprint.slice(-11)}`}
        </span>
        <IconButton size="small" icon={Eye} label={s.showFingerprint} aria-pressed={whole} onClick={() => setWhole(!whole)} />
        <CopyButton label={s.copyFingerprint} text={fingerprint} />
      </dd>
    </div>
  );
}

function CopyButton({ label, text }: { readonly label: string; readonly text: string }): ReactNode {
  const t = useMessages(messages);
  const notify = useShell((shell) => shell.notify);
  return <IconButton size="small" icon={Copy} label={label} onClick={() => void navigator.clipboard.writeText(text).then(() => notify({ id: 'copied', tone: 'ok', title: t.copied, text }))} />;
}

interface SwitchesProps {
  readonly embedded: EmbeddedServer;
  /** Other computers reach it now. */
  readonly isOpen: boolean;
  /** It could not be opened, since nobody could sign in. */
  readonly needsUser: boolean;
  readonly onChange: (change: Partial<EmbeddedServer>) => void;
}

function Switches({ embedded: { enabled, network, metrics }, isOpen, needsUser, onChange }: SwitchesProps): ReactNode {
  const s = useMessages(serverMessages);
  const id = useId();
  return (
    <section className={`card ${styles['group']}`}>
      <Setting name={s.network} hint={needsUser ? s.networkNeedsUser : network && enabled && !isOpen ? s.networkWaits : s.networkHint} control={`${id}-network`}>
        <Switch id={`${id}-network`} checked={network} disabled={!enabled} onChange={(wanted) => onChange({ network: wanted })} />
      </Setting>
      <StartAtLogin />
      <Setting name={s.metrics} hint={s.metricsHint} control={`${id}-metrics`}>
        <Switch id={`${id}-metrics`} checked={metrics} disabled={!enabled} onChange={(wanted) => onChange({ metrics: wanted })} />
      </Setting>
    </section>
  );
}

/** Only where the program runs on the desktop that the person signs in to. */
function StartAtLogin(): ReactNode {
  const { startAtLogin } = useHost().capabilities;
  return startAtLogin === undefined ? null : <LoginSwitch {...startAtLogin} />;
}

function LoginSwitch({ isSet, set }: { readonly isSet: () => Promise<boolean>; readonly set: (wanted: boolean) => Promise<void> }): ReactNode {
  const s = useMessages(serverMessages);
  const id = useId();
  const cache = useQueryClient();
  const queryKey = ['start-at-login'];
  const { data = false } = useQuery({ queryKey, queryFn: isSet });
  const change = useMutation({ mutationFn: set, onSettled: () => cache.invalidateQueries({ queryKey }) });
  return (
    <>
      <Setting name={s.atLogin} hint={s.atLoginHint} control={id}>
        <Switch id={id} checked={data} onChange={change.mutate} />
      </Setting>
      {change.error === null ? null : <ErrorPanel error={change.error} />}
    </>
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
