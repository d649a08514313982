/** The five places, and the live dock at their foot. */
import { useQuery } from '@tanstack/react-query';
import { Activity, History, LayoutDashboard, ListChecks, SlidersHorizontal } from 'lucide-react';
import type { ReactNode } from 'react';
import { classes } from '../components/class-names.ts';
import { Tooltip } from '../components/tooltip.tsx';
import { useHost } from '../lib/host/host.ts';
import { keyText } from '../lib/keys.ts';
import { useMessages } from '../lib/messages/messages.ts';
import { activeJobsQuery, alertsQuery } from '../lib/queries.ts';
import { Link, toPath, useRoute } from '../lib/router.tsx';
import styles from './frame.module.css';
import { LiveDock } from './live-dock.tsx';
import { messages } from './messages.ts';

const places = [
  { place: 'overview', icon: LayoutDashboard },
  { place: 'jobs', icon: ListChecks },
  { place: 'restore', icon: History },
  { place: 'health', icon: Activity },
  { place: 'settings', icon: SlidersHorizontal },
] as const;

export function SideBar({ rail }: { readonly rail: boolean }): ReactNode {
  const t = useMessages(messages);
  const { client, platform } = useHost();
  const route = useRoute();
  const active = useQuery({ ...activeJobsQuery(client), select: (jobs) => jobs.length }).data ?? 0;
  const alerts = useQuery({ ...alertsQuery(client), select: (all) => all.filter((alert) => alert.resolved_at === null).length }).data ?? 0;
  return (
    <div className={styles['side']}>
      <nav className={styles['nav']} aria-label={t.places}>
        {places.map(({ place, icon: Icon }, index) => {
          const count = place === 'jobs' ? active : place === 'health' ? alerts : 0;
          const current = route.place === place || (place === 'overview' && route.place === 'first-run');
          return (
            <Tooltip key={place} text={t[place]} keys={keyText(`Mod ${index + 1}`, platform)}>
              <Link to={toPath({ place })} {...(current ? { 'aria-current': 'page' as const } : {})}>
                <Icon size={17} strokeWidth={1.75} aria-hidden />
                <span className={styles['label']}>{t[place]}</span>
                {count === 0 ? null : <span className={classes(styles['count'], place === 'health' && styles['warn'])}>{count}</span>}
              </Link>
            </Tooltip>
          );
        })}
      </nav>
      <LiveDock rail={rail} />
    </div>
  );
}
