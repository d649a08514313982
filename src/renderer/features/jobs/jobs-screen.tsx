/** What runs, waits and ended: the grouped list, and the drawer of the chosen job. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ChevronDown, CircleCheck, ListChecks, Play, X } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import { Button, IconButton, SplitButton } from '../../components/button.tsx';
import { Segments } from '../../components/controls.tsx';
import { EmptyState, Skeleton } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { Menu, MenuItem } from '../../components/menu.tsx';
import { Pause } from '../../components/pause-icon.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { activeJobsQuery, finishedJobsQuery } from '../../lib/queries.ts';
import { navigate } from '../../lib/router.tsx';
import { useShell } from '../../lib/shell-state.ts';
import { JobDrawer } from './job-drawer.tsx';
import { JobList } from './job-list.tsx';
import { rowsOf } from './job-rows.ts';
import type { JobFilter } from './job-rows.ts';
import styles from './jobs.module.css';
import { messages } from './messages.ts';
import { PartialReport } from './partial-report.tsx';
import { pauseEnd, useJobActions } from './use-job-actions.ts';
import { useJobNames } from './use-job-names.ts';

const none: readonly Job[] = [];

export function JobsScreen({ jobId, report }: { readonly jobId: string | undefined; readonly report: boolean }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const { client } = useHost();
  const names = useJobNames();
  const actions = useJobActions();
  const now = useNow(60_000);
  const [filter, setFilter] = useState<JobFilter>('all');
  const activeQuery = useQuery(activeJobsQuery(client));
  const finishedQuery = useInfiniteQuery(finishedJobsQuery(client));
  const active = activeQuery.data ?? none;
  const finished = useMemo(() => finishedQuery.data?.pages.flat() ?? none, [finishedQuery.data]);
  const rows = useMemo(() => rowsOf(active, finished, filter, now), [active, finished, filter, now]);
  const choose = useCallback((id: string | undefined) => navigate(id === undefined ? { place: 'jobs' } : { place: 'jobs', jobId: id }, { replace: true }), []);
  const known = active.find((job) => job.job_id === jobId) ?? finished.find((job) => job.job_id === jobId);
  if (report && known?.phase === 'PARTIAL' && known.kind === 'backup') return <PartialReport job={known} names={names} actions={actions} />;
  const error = activeQuery.error ?? finishedQuery.error;
  const nothingLoaded = activeQuery.data === undefined || finishedQuery.data === undefined;
  const older = (): void => void finishedQuery.fetchNextPage();
  return (
    <>
      <div className="toolbar">
        <h1>{t.title}</h1>
        <Segments
          label={t.show}
          value={filter}
          onChange={setFilter}
          choices={[
            { value: 'all', label: t.all },
            { value: 'active', label: t.active, ...(active.length === 0 ? {} : { count: f.number(active.length) }) },
            { value: 'finished', label: t.finished },
          ]}
        />
        <span className="grow" />
        {active.length === 0 ? null : <QueueButtons active={active} />}
      </div>
      <div className={styles['jobs']}>
        {nothingLoaded ? (
          error === null ? (
            <div className="grow">
              <Skeleton rows={6} />
            </div>
          ) : (
            <div className="pad grow">
              <ErrorPanel error={error}>
                <Button
                  variant="primary"
                  onClick={() => {
                    void activeQuery.refetch();
                    void finishedQuery.refetch();
                  }}
                >
                  {t.retry}
                </Button>
              </ErrorPanel>
            </div>
          )
        ) : rows.length === 0 ? (
          <div className="grow">
            <NoJobs filter={filter} onAll={() => setFilter('all')} />
          </div>
        ) : (
          <JobList rows={rows} chosen={jobId} names={names} actions={actions} onChoose={choose} onOlder={filter !== 'active' && finishedQuery.hasNextPage ? older : undefined} />
        )}
        {jobId === undefined ? null : <JobDrawer key={jobId} jobId={jobId} known={known} names={names} actions={actions} onClose={() => choose(undefined)} />}
      </div>
    </>
  );
}

function QueueButtons({ active }: { readonly active: readonly Job[] }): ReactNode {
  const t = useMessages(messages);
  const actions = useJobActions();
  const open = useShell((shell) => shell.open);
  const paused = active.every((job) => job.state === 'paused');
  return (
    <>
      {paused ? (
        <Button icon={Play} onClick={() => actions.resumeAll()}>
          {t.resumeAll}
        </Button>
      ) : (
        <SplitButton>
          <Button icon={Pause} onClick={() => actions.pauseAll()}>
            {t.pauseAll}
          </Button>
          <Menu trigger={<IconButton variant="plain" icon={ChevronDown} label={t.pauseFor} />}>
            <MenuItem onSelect={() => actions.pauseAll(pauseEnd('hour', new Date()))}>{t.pauseHour}</MenuItem>
            <MenuItem onSelect={() => actions.pauseAll(pauseEnd('tomorrow', new Date()))}>{t.pauseTomorrow}</MenuItem>
            <MenuItem onSelect={() => actions.pauseAll()}>{t.pauseUntilResumed}</MenuItem>
          </Menu>
        </SplitButton>
      )}
      <Button icon={X} onClick={() => open({ name: 'cancel-all' })}>
        {t.cancelAll}
      </Button>
    </>
  );
}

function NoJobs({ filter, onAll }: { readonly filter: JobFilter; readonly onAll: () => void }): ReactNode {
  const t = useMessages(messages);
  const open = useShell((shell) => shell.open);
  if (filter === 'active') {
    return (
      <EmptyState icon={CircleCheck} title={t.emptyActive} text={t.emptyActiveText}>
        <Button onClick={onAll}>{t.showAll}</Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={ListChecks} title={filter === 'finished' ? t.emptyFinished : t.emptyTitle} text={t.emptyText}>
      <Button onClick={() => open({ name: 'back-up', paths: [] })}>{t.backUpFiles}</Button>
    </EmptyState>
  );
}
