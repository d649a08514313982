/** Which notifications the system shows, hours without any, and what needed attention lately. */
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import { useId } from 'react';
import type { ReactNode } from 'react';
import { alertText } from '../../../shared/alert-sentences.ts';
import type { Notifications } from '../../../shared/contract/schemas/settings.ts';
import { Switch, TextInput } from '../../components/controls.tsx';
import { Skeleton } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { alertsQuery } from '../../lib/queries.ts';
import { messages as alertMessages } from '../health/alert-messages.ts';
import { messages } from './messages.ts';
import { Setting } from './setting.tsx';
import styles from './settings.module.css';
import { useSettings } from './use-settings.ts';

export function Alerts(): ReactNode {
  const t = useMessages(messages);
  const { settings, error, change } = useSettings();
  const id = useId();
  if (settings === undefined) return error === null ? <Skeleton rows={4} /> : <ErrorPanel error={error} />;
  const { notifications } = settings;
  const set = (more: Partial<Notifications>): void => change({ notifications: { ...notifications, ...more } });
  const switches = [
    { field: 'completed', name: t.notifyCompleted, hint: t.notifyCompletedHint },
    { field: 'failed', name: t.notifyFailed, hint: t.notifyFailedHint },
    { field: 'alerts', name: t.notifyAlerts, hint: t.notifyAlertsHint },
  ] as const;
  return (
    <>
      <h2>
        <span className="grow">{t.pages.alerts}</span>
        <span className="small t2">{t.notifyBy}</span>
      </h2>
      <div className={`card ${styles['group']}`}>
        {switches.map(({ field, name, hint }) => (
          <Setting key={field} name={name} hint={hint} control={`${id}-${field}`}>
            <Switch id={`${id}-${field}`} checked={notifications[field]} onChange={(on) => set({ [field]: on })} />
          </Setting>
        ))}
        <QuietHours quiet={notifications.quiet} onChange={(quiet) => set({ quiet })} />
      </div>
      {error === null ? null : <ErrorPanel error={error} />}
      <Lately />
    </>
  );
}

function QuietHours({ quiet, onChange }: { readonly quiet: Notifications['quiet']; readonly onChange: (quiet: Notifications['quiet']) => void }): ReactNode {
  const t = useMessages(messages);
  const id = useId();
  return (
    <Setting name={t.quiet} hint={t.quietHint} control={id}>
      <span className="row">
        {quiet === null ? null : (
          <>
            <TextInput type="time" aria-label={t.quietFrom} required value={quiet.from} onChange={(event) => (event.target.value === '' ? undefined : onChange({ ...quiet, from: event.target.value }))} />
            <span className="t2">{t.until}</span>
            <TextInput type="time" aria-label={t.quietTo} required value={quiet.to} onChange={(event) => (event.target.value === '' ? undefined : onChange({ ...quiet, to: event.target.value }))} />
          </>
        )}
        <Switch id={id} label={t.quiet} checked={quiet !== null} onChange={(on) => onChange(on ? { from: '22:00', to: '07:00' } : null)} />
      </span>
    </Setting>
  );
}

const mostShown = 30;

function Lately(): ReactNode {
  const t = useMessages(messages);
  const texts = useMessages(alertMessages);
  const f = useFormat();
  const now = useNow(60_000);
  const { client } = useHost();
  const alerts = useQuery(alertsQuery(client)).data ?? [];
  return (
    <section className={`card ${styles['group']}`} aria-label={t.lately}>
      <h3 className={styles['cardhead']}>{t.lately}</h3>
      {alerts.length === 0 ? <p className={styles['nothing']}>{t.latelyNone}</p> : null}
      <ul className={styles['alerts']}>
        {alerts.slice(0, mostShown).map((alert) => (
          <li key={alert.alert_id}>
            {alert.resolved_at !== null ? (
              <CircleCheck size={16} strokeWidth={1.75} color="var(--ok)" aria-hidden />
            ) : alert.severity === 'critical' ? (
              <CircleX size={16} strokeWidth={1.75} color="var(--danger)" aria-hidden />
            ) : (
              <TriangleAlert size={16} strokeWidth={1.75} color="var(--warn)" aria-hidden />
            )}
            <p className="grow">{visibleText(alertText(alert, texts))}</p>
            <span className="small t3">{alert.resolved_at === null ? f.ago(new Date(alert.at), now) : t.over(f.ago(new Date(alert.resolved_at), now))}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
