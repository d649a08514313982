/** Whether a restore would work and the line is well: checks with value and limit, and open alerts. */
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { classes } from '../../components/class-names.ts';
import { Skeleton, StateChip } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import type { Format } from '../../lib/format.ts';
import { alertsQuery, healthQuery } from '../../lib/queries.ts';
import styles from './health.module.css';
import { messages } from './messages.ts';

const looks = { healthy: { tone: 'ok', icon: CircleCheck }, degraded: { tone: 'warn', icon: TriangleAlert }, unhealthy: { tone: 'danger', icon: CircleX } } as const;
const colours = { healthy: 'var(--ok)', degraded: 'var(--warn)', unhealthy: 'var(--danger)' } as const;

export function Summary(): ReactNode {
  const t = useMessages(messages);
  const format = useFormat();
  const { client } = useHost();
  const health = useQuery({ ...healthQuery(client), refetchInterval: 5000 });
  const alerts = useQuery(alertsQuery(client));
  if (health.data === undefined) return health.error === null ? <Skeleton rows={5} /> : <ErrorPanel error={health.error} />;
  const { status, checks } = health.data;
  const Icon = looks[status].icon;
  const off = Object.values(checks).filter((check) => check.status !== 'healthy').length;
  const open = alerts.data?.filter((alert) => alert.resolved_at === null) ?? [];
  return (
    <div className={styles['tables']}>
      <section className={classes('card', styles['hero'])}>
        <Icon size={28} strokeWidth={1.75} color={colours[status]} aria-hidden />
        <div>
          <h2>{t.status[status]}</h2>
          <p className="t2">{off === 0 ? t.allWell : t.statusText(off)}</p>
        </div>
      </section>
      <div className={classes('card', styles['table'])}>
        <table aria-label={t.checks}>
          <thead>
            <tr>
              <th scope="col">{t.checks}</th>
              <th scope="col">{t.stateColumn}</th>
              <th scope="col" className={styles['number']}>
                {t.value}
              </th>
              <th scope="col" className={styles['number']}>
                {t.limit}
              </th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(checks).map(([name, check]) => (
              <tr key={name}>
                <td className="strong">{t.checkNames[name] ?? name}</td>
                <td>
                  <StateChip {...looks[check.status]}>{t.state[check.status]}</StateChip>
                </td>
                <td className={styles['number']}>{quantity(name, check.value, format) ?? t.none}</td>
                <td className={classes(styles['number'], 't2')}>{quantity(name, check.threshold, format) ?? t.none}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <section>
        <h2 className="section-head">{t.alerts}</h2>
        {open.length === 0 ? (
          <p className="t2">{t.noAlerts}</p>
        ) : (
          <ul className="card">
            {open.map((alert) => (
              <li key={alert.alert_id} className={styles['alert']}>
                <TriangleAlert size={16} strokeWidth={1.75} color={alert.severity === 'critical' ? 'var(--danger)' : 'var(--warn)'} aria-hidden />
                <p>{visibleText(alert.message)}</p>
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

/** In the unit of the check; undefined where it has none to show. */
function quantity(name: string, value: number | null, format: Format): string | undefined {
  if (value === null || name === 'server') return undefined;
  if (name === 'memory' || name.endsWith('disk_free')) return format.bytes(Math.max(0, value));
  return name === 'event_loop' ? `${format.number(value)} ms` : undefined;
}
