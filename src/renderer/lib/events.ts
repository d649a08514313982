/**
 * Events of the agent, folded into the cache of operations.
 *
 * Events come ten times a second for a job; they are gathered, and only the newest of each job is folded, four times a
 * second at most. What does not have the agreed shape is dropped and the lists are read again.
 */
import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import { events } from '../../shared/contract/events.ts';
import type { Job } from '../../shared/contract/schemas/job.ts';
import type { Alert } from '../../shared/contract/schemas/observability.ts';
import { changed, foldActive, foldFinished } from './jobs.ts';
import type { JobChange } from './jobs.ts';
import { keys } from './query-keys.ts';

export const redrawMs = 250;

export interface EventFold {
  /** Takes an event as it came. */
  readonly take: (name: string, payload: unknown) => void;
  readonly stop: () => void;
}

/** `quarter`: a further quarter of the work is done. */
export type JobNewsKind = 'started' | 'quarter' | 'ended';

/** Called for each job that began, came a quarter further or ended, after the cache knows it. */
export type JobNews = (job: Job, kind: JobNewsKind) => void;

export function foldEvents(cache: QueryClient, onJobNews: JobNews): EventFold {
  const waiting = new Map<string, { name: string; payload: unknown }>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastFlush = 0;

  const flush = (): void => {
    timer = undefined;
    lastFlush = performance.now();
    const taken = [...waiting];
    waiting.clear();
    foldJobEvents(cache, taken, onJobNews);
  };
  return {
    take(name, payload) {
      const id = jobIdOf(name, payload);
      if (id === undefined) {
        foldOther(cache, name, payload);
        return;
      }
      const earlier = waiting.get(id);
      // The final event tells more than the last update.
      if (earlier === undefined || !isFinal(earlier.name) || isFinal(name)) waiting.set(id, { name: earlier?.name === 'job_created' && name === 'job_updated' ? 'job_created' : name, payload });
      timer ??= setTimeout(flush, Math.max(0, redrawMs - (performance.now() - lastFlush)));
    },
    stop() {
      clearTimeout(timer);
      waiting.clear();
    },
  };
}

function isFinal(name: string): boolean {
  return name === 'job_completed' || name === 'job_failed' || name === 'job_cancelled';
}

function jobIdOf(name: string, payload: unknown): string | undefined {
  if (!name.startsWith('job_') || typeof payload !== 'object' || payload === null) return undefined;
  const { job_id: id } = payload as { job_id?: unknown };
  return typeof id === 'string' ? id : undefined;
}

function foldJobEvents(cache: QueryClient, taken: readonly (readonly [string, { readonly name: string; readonly payload: unknown }])[], onJobNews: JobNews): void {
  const changes = new Map<string, JobChange>();
  const ended: string[] = [];
  for (const [id, { name, payload }] of taken) {
    const change = changeOf(name, payload);
    if (change === undefined) {
      void cache.invalidateQueries({ queryKey: keys.jobs });
      continue;
    }
    changes.set(id, change);
    if (isFinal(name)) ended.push(id);
  }
  const active = cache.getQueryData<readonly Job[]>(keys.activeJobs) ?? [];
  const finished = cache.getQueryData<InfiniteData<readonly Job[], string | undefined>>(keys.finishedJobs);
  if (finished !== undefined) {
    const folded = foldFinished(finished, changes, active);
    if (folded !== finished) cache.setQueryData(keys.finishedJobs, folded);
  }
  cache.setQueryData<readonly Job[]>(keys.activeJobs, (before) => (before === undefined ? undefined : foldActive(before, changes)));
  for (const [id, change] of changes) {
    const known = cache.getQueryData<Job>(keys.job(id));
    const next = changed(known ?? active.find((job) => job.job_id === id), change);
    // Of a job that nobody looks at, only its end is kept, so that its news can be told.
    if (next !== undefined && (known !== undefined || next.state === 'done')) cache.setQueryData(keys.job(id), next);
  }
  for (const id of ended) {
    const change = changes.get(id);
    const job = change?.kind === 'job' ? change.job : cache.getQueryData<Job>(keys.job(id));
    if (job !== undefined) onJobNews(job, 'ended');
  }
  const before = new Map(active.map((job) => [job.job_id, job]));
  for (const [id, change] of changes) {
    const kind = change.kind === 'job' ? progressNews(before.get(id), change.job) : undefined;
    if (change.kind === 'job' && kind !== undefined) onJobNews(change.job, kind);
  }
  if (ended.length > 0) {
    void cache.invalidateQueries({ queryKey: keys.plans });
    void cache.invalidateQueries({ queryKey: keys.snapshots });
  }
}

/** What a change of a job that runs is news of; undefined: of nothing. A job that goes on after a pause has begun before. */
export function progressNews(before: Job | undefined, job: Job): JobNewsKind | undefined {
  if (job.state !== 'running') return undefined;
  const quarter = ({ progress }: Job): number => Math.floor(progress / 25);
  if (before?.state !== 'running' && job.attempt <= 1 && quarter(job) === 0) return 'started';
  return before?.state === 'running' && quarter(job) > quarter(before) && job.progress < 100 ? 'quarter' : undefined;
}

function changeOf(name: string, payload: unknown): JobChange | undefined {
  if (name === 'job_cancelled') {
    const cancelled = events.job_cancelled.payload.safeParse(payload);
    return cancelled.success ? { kind: 'cancelled', reason: cancelled.data.reason, at: new Date().toISOString() } : undefined;
  }
  const job = events.job_updated.payload.safeParse(payload);
  return job.success ? { kind: 'job', job: job.data } : undefined;
}

function foldOther(cache: QueryClient, name: string, payload: unknown): void {
  switch (name) {
    case 'plans_changed':
      void cache.invalidateQueries({ queryKey: keys.plans });
      break;
    case 'repositories_changed':
      void cache.invalidateQueries({ queryKey: keys.repositories });
      void cache.invalidateQueries({ queryKey: keys.destinations });
      break;
    case 'health_changed': {
      const health = events.health_changed.payload.safeParse(payload);
      if (health.success) cache.setQueryData(keys.health, health.data);
      break;
    }
    case 'connection_health': {
      const connections = events.connection_health.payload.safeParse(payload);
      if (connections.success) cache.setQueryData(keys.connections, connections.data);
      break;
    }
    case 'alert': {
      const alert = events.alert.payload.safeParse(payload);
      if (alert.success) cache.setQueryData<readonly Alert[]>(keys.alerts, (before) => (before === undefined ? undefined : [alert.data, ...before.filter(({ alert_id: id }) => id !== alert.data.alert_id)]));
      break;
    }
    default:
      // `jobs_cancelled` repeats what each job's own event says.
      break;
  }
}
