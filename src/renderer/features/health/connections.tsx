/** The connections of the companion server, live. */
import { useQuery } from '@tanstack/react-query';
import { Unplug } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { ConnectionHealth } from '../../../shared/contract/schemas/connection-health.ts';
import { Failure } from '../../../shared/errors.ts';
import { Button } from '../../components/button.tsx';
import { classes } from '../../components/class-names.ts';
import { EmptyState, NameText, Skeleton, StatusDot } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { keys } from '../../lib/query-keys.ts';
import { messages } from './messages.ts';
import styles from './health.module.css';

const pollMs = 1000;
const tones = { active: 'ok', idle: 'idle', stalled: 'warn' } as const;

export function Connections(): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const { client } = useHost();
  const [chosen, setChosen] = useState<string>();
  const connections = useQuery({ queryKey: keys.connections, queryFn: () => client.get_connection_health(), refetchInterval: pollMs, retry: false });
  const partials = useQuery({ queryKey: [...keys.connections, 'partials'], queryFn: () => client.list_partials(), refetchInterval: pollMs * 5, retry: false });
  const { error } = connections;
  if (error instanceof Failure && error.code === 'SERVER_NOT_RUNNING') return <EmptyState icon={Unplug} title={t.noServer} text={t.noServerText} />;
  if (connections.data === undefined) return error === null ? <Skeleton rows={5} /> : <ErrorPanel error={error} />;
  const list = Object.values(connections.data).toSorted((a, b) => a.connected_at.localeCompare(b.connected_at));
  const count = (state: ConnectionHealth['state']): number => list.filter((one) => one.state === state).length;
  const open = list.find((one) => one.connection_id === chosen);
  const facts = [
    { name: t.open, value: list.length, warn: false },
    { name: t.active, value: count('active'), warn: false },
    { name: t.idle, value: count('idle'), warn: false },
    { name: t.stalled, value: count('stalled'), warn: count('stalled') > 0 },
    { name: t.partials, value: partials.data?.length ?? 0, warn: false },
  ];
  return (
    <>
      <dl className={classes('card', styles['facts'])}>
        {facts.map(({ name, value, warn }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd data-warn={warn ? '' : undefined}>{format.number(value)}</dd>
          </div>
        ))}
      </dl>
      {list.length === 0 ? (
        <EmptyState icon={Unplug} title={t.noConnections} text={t.noConnectionsText} />
      ) : (
        <div className={classes('card', styles['table'])}>
          <table aria-label={t.connections}>
            <thead>
              <tr>
                <th scope="col">{t.client}</th>
                <th scope="col" className={styles['wide']}>
                  {t.address}
                </th>
                <th scope="col">{t.stateColumn}</th>
                {[t.bytesIn, t.bytesOut, t.idleFor, t.requests, t.errors, t.openFor].map((name, index) => (
                  <th key={name} scope="col" className={classes(styles['number'], index === 3 && styles['wide'])}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {list.map((one) => (
                <ConnectionRow key={one.connection_id} connection={one} chosen={one === open} onChoose={() => setChosen(one.connection_id)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {open === undefined ? null : <Details connection={open} onClose={() => setChosen(undefined)} />}
    </>
  );
}

function useClientName({ client_id: id, user_agent: agent }: ConnectionHealth): string {
  const t = useMessages(messages);
  return id ?? agent ?? t.unknownClient;
}

function ConnectionRow({ connection, chosen, onChoose }: { readonly connection: ConnectionHealth; readonly chosen: boolean; readonly onChoose: () => void }): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const name = useClientName(connection);
  return (
    <tr data-chosen={chosen ? '' : undefined}>
      <td>
        <button type="button" className={styles['pick']} aria-expanded={chosen} onClick={onChoose}>
          <span className="strong">
            <NameText>{name}</NameText>
          </span>
          {connection.user_agent === null || connection.user_agent === name ? null : (
            <p className="small t2">
              <NameText>{connection.user_agent}</NameText>
            </p>
          )}
        </button>
      </td>
      <td className={classes('mono', styles['wide'])}>{visibleText(connection.remote_address)}</td>
      <td>
        <span className={styles['state']} data-state={connection.state}>
          <StatusDot tone={tones[connection.state]} />
          {t.states[connection.state]}
        </span>
      </td>
      <td className={styles['number']}>{format.bytes(connection.bytes_in)}</td>
      <td className={styles['number']}>{format.bytes(connection.bytes_out)}</td>
      <td className={styles['number']}>{format.duration(Math.min(connection.idle_read_ms, connection.idle_write_ms) / 1000)}</td>
      <td className={classes(styles['number'], styles['wide'])}>{format.number(connection.requests)}</td>
      <td className={styles['number']}>{format.number(connection.read_errors + connection.write_errors)}</td>
      <td className={styles['number']}>{format.duration(connection.uptime_ms / 1000)}</td>
    </tr>
  );
}

function Details({ connection, onClose }: { readonly connection: ConnectionHealth; readonly onClose: () => void }): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const name = useClientName(connection);
  const facts: readonly (readonly [string, string])[] = [
    [t.connection, connection.connection_id],
    [t.sinceRead, format.duration(connection.idle_read_ms / 1000)],
    [t.lastError, connection.last_error === null ? t.noError : visibleText(connection.last_error)],
    [t.sinceWrite, format.duration(connection.idle_write_ms / 1000)],
    [t.keepAlive, connection.keep_alive ? t.yes : t.no],
    [t.readWriteErrors, `${format.number(connection.read_errors)}, ${format.number(connection.write_errors)}`],
    [t.requests, format.number(connection.requests)],
    [t.cleared, format.number(connection.partial_clears)],
  ];
  return (
    <section className={classes('card', styles['details'])} aria-label={t.details(visibleText(name))}>
      <header>
        <span className="strong grow cut">
          <NameText>{name}</NameText>
        </span>
        <Button variant="quiet" size="small" onClick={onClose}>
          {t.close}
        </Button>
      </header>
      <dl>
        {facts.map(([term, value]) => (
          <FactPair key={term} term={term} value={value} />
        ))}
      </dl>
    </section>
  );
}

function FactPair({ term, value }: { readonly term: string; readonly value: string }): ReactNode {
  return (
    <>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </>
  );
}
