/** The connections of the server of this computer, live; those that ended lately; and uploads on their way. */
import { useQuery } from '@tanstack/react-query';
import { Unplug } from 'lucide-react';
import { useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { Failure } from '../../../shared/errors.ts';
import { Button } from '../../components/button.tsx';
import { classes } from '../../components/class-names.ts';
import { EmptyState, NameText, Skeleton, StatusDot } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { keys } from '../../lib/query-keys.ts';
import { ClearPartial, ConnectionDetails, usePartials } from './connection-details.tsx';
import type { PartialUpload } from './connection-details.tsx';
import { messages } from './messages.ts';
import styles from './health.module.css';
import { useConnections } from './use-connections.ts';
import type { LiveConnection } from './use-connections.ts';

const tones = { active: 'ok', idle: 'idle', stalled: 'warn' } as const;
const slowPollMs = 5000;

export function Connections(): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const [chosen, setChosen] = useState<string>();
  const { connections, error } = useConnections();
  if (error instanceof Failure && error.code === 'SERVER_NOT_RUNNING') return <EmptyState icon={Unplug} title={t.noServer} text={t.noServerText} />;
  if (connections === undefined) return error === null ? <Skeleton rows={5} /> : <ErrorPanel error={error} />;
  const count = (state: LiveConnection['state']): number => connections.filter((one) => one.state === state).length;
  const sum = (direction: 'in' | 'out'): number => connections.reduce((total, { rate }) => total + rate[direction], 0);
  const open = connections.find((one) => one.connection_id === chosen);
  const facts = [
    { name: t.open, value: format.number(connections.length) },
    { name: t.active, value: format.number(count('active')) },
    { name: t.idle, value: format.number(count('idle')) },
    { name: t.stalled, value: format.number(count('stalled')), warn: count('stalled') > 0 },
    { name: t.receives, value: format.speed(sum('in')) },
    { name: t.sends, value: format.speed(sum('out')) },
  ];
  return (
    <>
      <dl className={classes('card', styles['facts'])}>
        {facts.map(({ name, value, warn }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd data-warn={warn === true ? '' : undefined}>{value}</dd>
          </div>
        ))}
      </dl>
      {connections.length === 0 ? <EmptyState icon={Unplug} title={t.noConnections} text={t.noConnectionsText} /> : <Table connections={connections} chosen={open} onChoose={setChosen} />}
      {open === undefined ? null : <ConnectionDetails connection={open} onClose={() => setChosen(undefined)} />}
      <Partials />
      <ClosedLately />
    </>
  );
}

interface TableProps {
  readonly connections: readonly LiveConnection[];
  readonly chosen: LiveConnection | undefined;
  readonly onChoose: (id: string | undefined) => void;
}

function Table({ connections, chosen, onChoose }: TableProps): ReactNode {
  const t = useMessages(messages);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('button')];
    const next = rows[rows.indexOf(document.activeElement as HTMLElement) + step];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <div className={classes('card', styles['table'])}>
      <table aria-label={t.connections}>
        <thead>
          <tr>
            <th scope="col">{t.client}</th>
            <th scope="col" className={styles['wide']}>
              {t.address}
            </th>
            <th scope="col">{t.stateColumn}</th>
            <th scope="col" className={styles['number']}>
              {t.bytesIn}
            </th>
            <th scope="col" className={styles['number']}>
              {t.bytesOut}
            </th>
            <th scope="col" className={styles['number']}>
              {t.idleFor}
            </th>
            <th scope="col" className={classes(styles['number'], styles['wide'])}>
              {t.requests}
            </th>
            <th scope="col" className={styles['number']}>
              {t.errors}
            </th>
            <th scope="col" className={styles['number']}>
              {t.openFor}
            </th>
          </tr>
        </thead>
        <tbody onKeyDown={onKeyDown}>
          {connections.map((one) => (
            <ConnectionRow key={one.connection_id} connection={one} chosen={one === chosen} onChoose={() => onChoose(one === chosen ? undefined : one.connection_id)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ConnectionRow({ connection, chosen, onChoose }: { readonly connection: LiveConnection; readonly chosen: boolean; readonly onChoose: () => void }): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const { rate } = connection;
  const name = connection.name ?? t.unknownClient;
  return (
    <tr data-chosen={chosen ? '' : undefined}>
      <td>
        <button type="button" className={styles['pick']} aria-expanded={chosen} onClick={onChoose}>
          <span className="strong">
            <NameText>{name}</NameText>
          </span>
          {connection.user_agent === null || connection.user_agent === name ? null : (
            <span className="small t2">
              <NameText>{connection.user_agent}</NameText>
            </span>
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
      <td className={styles['number']}>
        {format.bytes(connection.bytes_in)}
        <p className="small t2">{rate.in < 1 ? '' : format.speed(rate.in)}</p>
      </td>
      <td className={styles['number']}>
        {format.bytes(connection.bytes_out)}
        <p className="small t2">{rate.out < 1 ? '' : format.speed(rate.out)}</p>
      </td>
      <td className={styles['number']}>{format.duration(Math.min(connection.idle_read_ms, connection.idle_write_ms) / 1000)}</td>
      <td className={classes(styles['number'], styles['wide'])}>{format.number(connection.requests)}</td>
      <td className={styles['number']}><span data-warn={connection.read_errors + connection.write_errors > 0 ? '' : undefined}>{format.number(connection.read_errors + connection.write_errors)}</span></td>
      <td className={styles['number']}>{format.duration(connection.uptime_ms / 1000)}</td>
    </tr>
  );
}

/** Uploads that are not whole yet: nobody sees them before they are. */
function Partials(): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const now = useNow(slowPollMs);
  const partials = usePartials();
  const [clearing, setClearing] = useState<PartialUpload>();
  if (partials.length === 0) return null;
  return (
    <section className={classes('card', styles['table'], styles['later'])} aria-label={t.partials}>
      <h2>{t.partials}</h2>
      <table aria-label={t.partials}>
        <tbody>
          {partials.map((partial) => (
            <tr key={partial.id}>
              <td className={classes('mono cut', styles['fill'])} title={visibleText(`${partial.repository}/${partial.name}`)}>
                {visibleText(`${partial.repository}/${partial.name}`)}
              </td>
              <td className={styles['number']}>{format.bytes(partial.bytes)}</td>
              <td className={styles['number']}>{format.ago(new Date(partial.started_at), now)}</td>
              <td className={styles['number']}>
                <Button size="small" variant="quiet" onClick={() => setClearing(partial)}>
                  {t.clearPartial}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {clearing === undefined ? null : <ClearPartial partial={clearing} onClose={() => setClearing(undefined)} />}
    </section>
  );
}

const mostClosed = 12;

function ClosedLately(): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const now = useNow(slowPollMs);
  const { client } = useHost();
  const closed = useQuery({ queryKey: keys.closedConnections, queryFn: async () => (await client.list_closed_connections()).connections, refetchInterval: slowPollMs, retry: false }).data ?? [];
  if (closed.length === 0) return null;
  return (
    <section className={classes('card', styles['table'], styles['later'])} aria-label={t.closedLately}>
      <h2>{t.closedLately}</h2>
      <table aria-label={t.closedLately}>
        <tbody>
          {closed
            .toReversed()
            .slice(0, mostClosed)
            .map((one) => (
              <tr key={one.connection_id}>
                <td className="cut">
                  <NameText>{one.user_agent ?? one.client_id ?? t.unknownClient}</NameText>
                </td>
                <td>{one.last_error === null ? t.endedWell : visibleText(one.last_error)}</td>
                <td className={styles['number']}>{t.moved(format.bytes(one.bytes_in), format.bytes(one.bytes_out))}</td>
                <td className={styles['number']}>{t.openedAt(format.ago(new Date(one.connected_at), now), format.duration(one.uptime_ms / 1000))}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}
