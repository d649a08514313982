/** Is everything backed up, what runs, what needs me. */
import { useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import { Button } from '../../components/button.tsx';
import { Skeleton } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { Pause } from '../../components/pause-icon.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { activeJobsQuery, destinationsQuery, finishedJobsQuery, plansQuery, repositoriesQuery, snapshotsQuery } from '../../lib/queries.ts';
import { Link, navigate } from '../../lib/router.tsx';
import { useShell } from '../../lib/shell-state.ts';
import { messages as jobMessages } from '../jobs/messages.ts';
import { useJobActions } from '../jobs/use-job-actions.ts';
import { OfflinePanel } from '../offline/offline-panel.tsx';
import { Facts } from './facts.tsx';
import { Hero } from './hero.tsx';
import { LiveJob } from './live-job.tsx';
import { messages } from './messages.ts';
import { NothingYet } from './nothing-yet.tsx';
import styles from './overview.module.css';
import { PlanTable } from './plan-table.tsx';
import { planStates, protectionOf } from './protection.ts';

const none: readonly Job[] = [];
/** Of running jobs; the others are one click away. */
const mostShown = 4;

export function OverviewScreen(): ReactNode {
  const { client } = useHost();
  const t = useMessages(messages);
  const jobTexts = useMessages(jobMessages);
  const now = useNow(30_000);
  const plans = useQuery(plansQuery(client));
  const activeQuery = useQuery(activeJobsQuery(client));
  const finishedQuery = useInfiniteQuery(finishedJobsQuery(client));
  const repositories = useQuery(repositoriesQuery(client));
  const destinations = useQuery(destinationsQuery(client)).data ?? [];
  const active = activeQuery.data ?? none;
  const finished = useMemo(() => finishedQuery.data?.pages.flat() ?? none, [finishedQuery.data]);
  const snapshots = useQueries({ queries: (repositories.data ?? []).map((repository) => snapshotsQuery(client, repository.repository_id)), combine: (all) => all.flatMap((one) => one.data ?? []) });
  const states = useMemo(() => planStates(plans.data ?? [], active, finished, now), [plans.data, active, finished, now]);
  const error = plans.error ?? activeQuery.error ?? finishedQuery.error ?? repositories.error;
  if (plans.data === undefined || activeQuery.data === undefined || finishedQuery.data === undefined || repositories.data === undefined) {
    if (error === null) return <Skeleton rows={6} />;
    return (
      <div className="body pad">
        <ErrorPanel error={error}>
          <Button variant="primary" onClick={() => void Promise.all([plans.refetch(), activeQuery.refetch(), finishedQuery.refetch(), repositories.refetch()])}>
            {jobTexts.retry}
          </Button>
        </ErrorPanel>
      </div>
    );
  }
  const drives = new Set(repositories.data.flatMap(({ repository_id: id, kind }) => (kind === 'local' ? [id] : [])));
  const protection = protectionOf(states, active, finished, destinations, drives);
  if (protection.kind === 'nothing') return <NothingYet />;
  const waitsFor = protection.kind === 'unreachable' ? repositories.data.find((repository) => repository.repository_id === protection.repositoryId) : undefined;
  return (
    <div className="body pad">
      <Hero protection={protection} plans={plans.data} active={active} repositories={repositories.data} now={now} />
      {waitsFor === undefined || protection.kind !== 'unreachable' ? null : <OfflinePanel repository={waitsFor} jobs={protection.jobs} newest={newestOn(waitsFor.repository_id, finished)} />}
      <Facts states={states} finished={finished} snapshots={snapshots} repositories={repositories.data} now={now} />
      <Running active={active} />
      {plans.data.length === 0 ? null : (
        <section>
          <div className="section-head">
            <h2>{t.plans}</h2>
            <span className="grow" />
            <Button variant="quiet" size="small" icon={Plus} onClick={() => navigate('/settings/plan-new')}>
              {t.newPlan}
            </Button>
          </div>
          <PlanTable states={states} repositories={repositories.data} now={now} />
        </section>
      )}
    </div>
  );
}

function newestOn(repositoryId: string, finished: readonly Job[]): Date | undefined {
  const ends = finished.flatMap((job) => (job.kind === 'backup' && job.repository_id === repositoryId && job.snapshot_id !== null && job.finished_at !== null ? [Date.parse(job.finished_at)] : []));
  return ends.length === 0 ? undefined : new Date(Math.max(...ends));
}

function Running({ active }: { readonly active: readonly Job[] }): ReactNode {
  const t = useMessages(messages);
  const jobTexts = useMessages(jobMessages);
  const f = useFormat();
  const actions = useJobActions();
  const open = useShell((shell) => shell.open);
  const running = active.filter((job) => job.state === 'running');
  if (running.length === 0) return null;
  const waiting = active.length - running.length;
  return (
    <section className={styles['running']}>
      <div className="section-head">
        <h2>{t.runningNow}</h2>
        <em>{t.runningCount(running.length, waiting)}</em>
        <span className="grow" />
        <Button variant="quiet" size="small" icon={Pause} onClick={() => actions.pauseAll()}>
          {jobTexts.pauseAll}
        </Button>
        <Button variant="quiet" size="small" icon={X} onClick={() => open({ name: 'cancel-all' })}>
          {jobTexts.cancelAll}
        </Button>
      </div>
      <div className="card">
        {running.slice(0, mostShown).map((job) => (
          <LiveJob key={job.job_id} job={job} t={jobTexts} f={f} actions={actions} />
        ))}
        {running.length > mostShown ? (
          <div className={styles['more']}>
            <Link to="/jobs">{t.allJobs(running.length - mostShown)}</Link>
          </div>
        ) : null}
      </div>
    </section>
  );
}
