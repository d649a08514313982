/** The grouped list of jobs as flat rows, for a virtual list. */
import type { Job } from '../../../shared/contract/schemas/job.ts';

export type JobFilter = 'all' | 'active' | 'finished';
export type JobGroup = 'running' | 'waiting' | 'today' | 'earlier';

export type JobListRow = { readonly kind: 'group'; readonly group: JobGroup; readonly count: number } | { readonly kind: 'job'; readonly job: Job };

export function rowsOf(active: readonly Job[], finished: readonly Job[], filter: JobFilter, now: Date): readonly JobListRow[] {
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate()).toISOString();
  const running = active.filter((job) => job.state === 'running');
  const waiting = active.filter((job) => job.state !== 'running').sort(nextFirst);
  const ended = finished.toSorted((one, other) => endOf(other).localeCompare(endOf(one)));
  const rows: JobListRow[] = [];
  const add = (group: JobGroup, jobs: readonly Job[]): void => {
    if (jobs.length === 0) return;
    rows.push({ kind: 'group', group, count: jobs.length });
    for (const job of jobs) rows.push({ kind: 'job', job });
  };
  if (filter !== 'finished') {
    add('running', running.sort(oldestFirst));
    add('waiting', waiting);
  }
  if (filter !== 'active') {
    add('today', ended.filter((job) => endOf(job) >= today));
    add('earlier', ended.filter((job) => endOf(job) < today));
  }
  return rows;
}

/** The job after or before another one in the list; the first where the other is not in it. */
export function neighbour(rows: readonly JobListRow[], jobId: string | undefined, step: 1 | -1): string | undefined {
  const ids = rows.flatMap((row) => (row.kind === 'job' ? [row.job.job_id] : []));
  const here = jobId === undefined ? -1 : ids.indexOf(jobId);
  if (here === -1) return ids[0];
  return ids[Math.min(ids.length - 1, Math.max(0, here + step))];
}

function endOf(job: Job): string {
  return job.finished_at ?? job.created_at;
}

function oldestFirst(one: Job, other: Job): number {
  return one.created_at.localeCompare(other.created_at);
}

const order = { waiting: 0, paused: 1, queued: 2, running: 3, done: 4 } as const;

/** Those that wait for another attempt, then paused ones, then the queue in its own order. */
function nextFirst(one: Job, other: Job): number {
  return order[one.state] - order[other.state] || other.priority - one.priority || oldestFirst(one, other);
}
