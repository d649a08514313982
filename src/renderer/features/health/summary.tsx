/** Whether the line is well at a glance: open alerts, checks with value and limit, connections. */
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX, ShieldAlert, ShieldCheck, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { alertText } from '../../../shared/alert-sentences.ts';
import { classes } from '../../components/class-names.ts';
import { NameText, Skeleton, StateChip, StatusDot } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { alertsQuery, healthQuery } from '../../lib/queries.ts';
import { Link } from '../../lib/router.tsx';
import { messages as alertMessages } from './alert-messages.ts';
import { quantity } from './check-value.ts';
import type { HealthCheck } from './check-value.ts';
import styles from './health.module.css';
import { messages } from './messages.ts';
import { useConnections } from './use-connections.ts';

const looks = { healthy: { tone: 'ok', icon: CircleCheck }, degraded: { tone: 'warn', icon: TriangleAlert }, unhealthy: { tone: 'danger', icon: CircleX } } as const;
const tones = { active: 'ok', idle: 'idle', stalled: 'warn' } as const;

export function Summary(): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const now = useNow(1000);
  const { client } = useHost();
  const health = useQuery({ ...healthQuery(client), refetchInterval: 5000 });
  if (health.data === undefined) return health.error === null ? <Skeleton rows={5} /> : <ErrorPanel error={health.error} />;
  const { status, checks } = health.data;
  const off = Object.values(checks).filter((check) => check.status !== 'healthy').length;
  const Seal = status === 'healthy' ? ShieldCheck : ShieldAlert;
  return (
    <>
      <div className={styles['hero']}>
        <span className={styles['seal']} data-tone={looks[status].tone}>
          <Seal size={22} strokeWidth={1.75} aria-hidden />
        </span>
        <div>
          <h2>{t.status[status]}</h2>
          <p className="t2">
            {off === 0 ? t.allWell : t.statusText(off)} {t.looked(Object.keys(checks).length, format.duration(Math.max(0, now.getTime() - health.dataUpdatedAt) / 1000))}
          </p>
        </div>
      </div>
      <OpenAlerts />
      <div className={styles['two']}>
        <Checks checks={checks} />
        <ConnectionsCard />
      </div>
    </>
  );
}

function OpenAlerts(): ReactNode {
  const t = useMessages(messages);
  const texts = useMessages(alertMessages);
  const format = useFormat();
  const now = useNow(60_000);
  const { client } = useHost();
  const open = useQuery(alertsQuery(client)).data?.filter((alert) => alert.resolved_at === null) ?? [];
  if (open.length === 0) return null;
  return (
    <ul className={styles['alerts']} aria-label={t.alerts}>
      {open.map((alert) => (
        <li key={alert.alert_id} data-severity={alert.severity}>
          {alert.severity === 'critical' ? <CircleX size={16} strokeWidth={1.75} aria-hidden /> : <TriangleAlert size={16} strokeWidth={1.75} aria-hidden />}
          <p className="grow">{visibleText(alertText(alert, texts))}</p>
          <span className="small t2">{format.ago(new Date(alert.at), now)}</span>
        </li>
      ))}
    </ul>
  );
}

function Checks({ checks }: { readonly checks: Readonly<Record<string, HealthCheck>> }): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  return (
    <section className={classes('card', styles['table'])} aria-label={t.checks}>
      <h2>{t.checks}</h2>
      <table aria-label={t.checks}>
        <tbody>
          {Object.entries(checks).map(([name, check]) => {
            const value = quantity(name, check.value, format);
            const limit = quantity(name, check.threshold, format);
            return (
              <tr key={name}>
                <td>{t.checkNames[name] ?? name}</td>
                <td>
                  <StateChip {...looks[check.status]}>{t.state[check.status]}</StateChip>
                </td>
                <td className={classes(styles['number'], 't2')}>{value === undefined ? '' : limit === undefined ? value : t.valueLimit(value, limit)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

const mostShown = 6;

function ConnectionsCard(): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const { connections = [], error } = useConnections();
  const count = (state: 'active' | 'idle' | 'stalled'): number => connections.filter((one) => one.state === state).length;
  return (
    <section className={classes('card', styles['table'])} aria-label={t.connections}>
      <h2>
        <span>{t.connections}</span>
        <span className="small t2 grow">{connections.length === 0 ? '' : t.counts(count('active'), count('idle'), count('stalled'))}</span>
        <Link to={{ place: 'health', page: 'connections' }}>{t.showAll}</Link>
      </h2>
      {connections.length === 0 ? (
        <p className={styles['nothing']}>{error === null ? t.noConnections : t.noServer}</p>
      ) : (
        <table aria-label={t.connections}>
          <tbody>
            {connections.slice(0, mostShown).map((one) => (
              <tr key={one.connection_id}>
                <td className="cut">
                  <NameText>{one.name ?? t.unknownClient}</NameText>
                </td>
                <td>
                  <span className={styles['state']} data-state={one.state}>
                    <StatusDot tone={tones[one.state]} />
                    {t.states[one.state]}
                  </span>
                </td>
                <td className={styles['number']}>{format.bytes(one.bytes_in)}</td>
                <td className={styles['number']}>{format.bytes(one.bytes_out)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
