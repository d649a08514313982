/** The title bar: brand, command field, alerts. */
import { useQuery } from '@tanstack/react-query';
import { Bell, CircleX, Search, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { alertText } from '../../shared/alert-sentences.ts';
import { IconButton } from '../components/button.tsx';
import { EmptyState, KeyCap } from '../components/display.tsx';
import { Popover } from '../components/menu.tsx';
import { messages as alertMessages } from '../features/health/alert-messages.ts';
import { visibleText } from '../lib/display-text.ts';
import { useHost } from '../lib/host/host.ts';
import { keyText } from '../lib/keys.ts';
import { useFormat, useMessages } from '../lib/messages/messages.ts';
import { useNow } from '../lib/now.ts';
import { alertsQuery } from '../lib/queries.ts';
import { useShell } from '../lib/shell-state.ts';
import styles from './frame.module.css';
import { messages } from './messages.ts';

export function TitleBar(): ReactNode {
  const t = useMessages(messages);
  const { platform } = useHost();
  const open = useShell((shell) => shell.open);
  return (
    <header className={styles['titlebar']}>
      <div className={styles['brand']}>
        <Mark />
        <span>CyberBackup</span>
      </div>
      <button type="button" className={styles['command']} onClick={() => open({ name: 'palette' })}>
        <Search size={14} strokeWidth={1.75} aria-hidden />
        <span>{t.search}</span>
        <KeyCap>{keyText('Mod K', platform)}</KeyCap>
      </button>
      <div className={styles['right']}>
        <AlertsButton />
      </div>
    </header>
  );
}

function Mark(): ReactNode {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden>
      <rect width="20" height="20" rx="5" fill="var(--accent)" />
      <path d="M14 7.2A5 5 0 1 0 14.6 12M14.8 4.6V7.6H11.8" fill="none" stroke="#fff" strokeWidth="1.9" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

function AlertsButton(): ReactNode {
  const t = useMessages(messages);
  const texts = useMessages(alertMessages);
  const f = useFormat();
  const now = useNow(60_000);
  const { client } = useHost();
  const alerts = useQuery(alertsQuery(client)).data?.filter((alert) => alert.resolved_at === null) ?? [];
  const label = alerts.length === 0 ? t.alerts : t.alertsOpen(alerts.length);
  return (
    <span className={styles['bell']}>
      <Popover trigger={<IconButton icon={Bell} label={label} />} label={t.alerts}>
        {alerts.length === 0 ? (
          <EmptyState icon={Bell} title={t.noAlerts} text={t.noAlertsText} />
        ) : (
          <div className={styles['alerts']}>
            <h2>{t.alerts}</h2>
            <ul>
              {alerts.map((alert) => (
                <li key={alert.alert_id}>
                  {alert.severity === 'critical' ? <CircleX size={16} strokeWidth={1.75} color="var(--danger)" aria-hidden /> : <TriangleAlert size={16} strokeWidth={1.75} color="var(--warn)" aria-hidden />}
                  <p>{visibleText(alertText(alert, texts))}</p>
                  <span />
                  <span className="small t3">{f.ago(new Date(alert.at), now)}</span>
                </li>
              ))}
            </ul>
          </div>
        )}
      </Popover>
      {alerts.length === 0 ? null : <span className={styles['mark']} aria-hidden />}
    </span>
  );
}
