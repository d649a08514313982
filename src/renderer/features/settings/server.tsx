/** The server of this computer: whether it is used, how it does, and its address. */
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import type { Settings } from '../../../shared/contract/schemas/settings.ts';
import { Button } from '../../components/button.tsx';
import { Switch, TextInput } from '../../components/controls.tsx';
import { PathText, Skeleton, StatusDot } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { useHost } from '../../lib/host/host.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { messages } from './messages.ts';
import { Setting } from './setting.tsx';
import styles from './settings.module.css';
import { useSettings } from './use-settings.ts';

export function ServerPage(): ReactNode {
  const { settings, error } = useSettings();
  if (settings === undefined) return error === null ? <Skeleton rows={4} /> : <ErrorPanel error={error} />;
  return <ServerForm settings={settings} />;
}

function ServerForm({ settings }: { readonly settings: Settings }): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const { save } = useSettings();
  const { enabled, listen } = settings.embedded_server;
  const [address, setAddress] = useState(listen);
  const server = useQuery({ queryKey: ['server'], queryFn: () => client.get_server(), refetchInterval: 2000 });
  const id = useId();
  const words = { reachable: t.serverOn, starting: t.serverStarting, unused: enabled ? t.serverWaiting : t.serverOff, unreachable: t.serverLost } as const;
  const tones = { reachable: 'ok', starting: 'accent', unused: 'idle', unreachable: 'danger' } as const;
  const change = (more: Partial<Settings['embedded_server']>): void => save.mutate({ ...settings, embedded_server: { ...settings.embedded_server, ...more } });
  return (
    <>
      <h2>{t.pages.server}</h2>
      <div className={`card ${styles['group']}`}>
        <Setting name={t.serverSwitch} hint={t.serverHint} control={`${id}-enabled`}>
          <Switch id={`${id}-enabled`} checked={enabled} disabled={save.isPending} onChange={(on) => change({ enabled: on })} />
        </Setting>
        {server.data === undefined ? null : (
          <dl className={styles['facts']}>
            <div className={styles['whole']}>
              <dt className="row">
                <StatusDot tone={tones[server.data.reach]} />
                {words[server.data.reach]}
              </dt>
            </div>
            <div>
              <dt>{t.address}</dt>
              <dd className="mono">{server.data.url}</dd>
            </div>
            <div>
              <dt>{t.data}</dt>
              <dd>
                <PathText path={server.data.data_folder} />
              </dd>
            </div>
          </dl>
        )}
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change({ listen: address });
        }}
      >
        <div className={`card ${styles['group']}`}>
          <Setting name={t.listen} hint={t.listenHint} control={`${id}-listen`}>
            <TextInput id={`${id}-listen`} aria-label={t.listen} dir="ltr" spellCheck={false} value={address} onChange={(event) => setAddress(event.target.value)} />
          </Setting>
        </div>
        {save.error === null ? null : <ErrorPanel error={save.error} />}
        <Button type="submit" variant="primary" disabled={save.isPending || address === listen}>
          {t.save}
        </Button>
      </form>
    </>
  );
}
