/**
 * The list of jobs as the interface holds it, and how events change it.
 *
 * Vocabulary: *active* jobs are those that are not over, *finished* ones are; finished jobs come page by page.
 *
 * Invariants: a fold returns the same objects for what did not change, so that only changed rows are drawn; progress of a
 * job never goes back within one attempt.
 */
import type { Job } from '../../shared/contract/schemas/job.ts';

/** What came for a job since the last fold: its newest state, or the news that it was cancelled. */
export type JobChange = { readonly kind: 'job'; readonly job: Job } | { readonly kind: 'cancelled'; readonly reason: string | null; readonly at: string };

export type JobChanges = ReadonlyMap<string, JobChange>;

export interface FinishedPages {
  readonly pages: readonly (readonly Job[])[];
  readonly pageParams: readonly (string | undefined)[];
}

/** The job after a change; undefined where nothing is known to change. */
export function changed(before: Job | undefined, change: JobChange): Job | undefined {
  if (change.kind === 'cancelled') {
    return before === undefined ? undefined : { ...before, state: 'done', phase: 'CANCELLED', cancel_reason: change.reason, finished_at: before.finished_at ?? change.at };
  }
  const { job } = change;
  const goesBack = before !== undefined && before.attempt === job.attempt && job.state !== 'done' && job.progress < before.progress;
  return goesBack ? { ...job, progress: before.progress } : job;
}

/** Active jobs, newest first. */
export function foldActive(active: readonly Job[], changes: JobChanges): readonly Job[] {
  const rest = new Map(changes);
  let same = true;
  const folded: Job[] = [];
  for (const job of active) {
    const change = rest.get(job.job_id);
    rest.delete(job.job_id);
    const next = change === undefined ? job : changed(job, change);
    if (next !== job) same = false;
    if (next !== undefined && next.state !== 'done') folded.push(next);
  }
  const added: Job[] = [];
  for (const change of rest.values()) {
    const job = changed(undefined, change);
    if (job !== undefined && job.state !== 'done') added.push(job);
  }
  if (added.length > 0) return [...added.sort(newestFirst), ...folded];
  return same ? active : folded;
}

/** Finished jobs; those that ended since stand at the front of the first page. */
export function foldFinished(finished: FinishedPages, changes: JobChanges, active: readonly Job[]): FinishedPages {
  const before = new Map(active.map((job) => [job.job_id, job]));
  const known = new Set<string>();
  let same = true;
  const pages = finished.pages.map((page) => {
    let samePage = true;
    const kept = page.flatMap((job) => {
      known.add(job.job_id);
      const change = changes.get(job.job_id);
      const next = change === undefined ? job : changed(job, change);
      if (next === job) return [job];
      samePage = false;
      // Tried again: it is active now.
      return next === undefined || next.state !== 'done' ? [] : [next];
    });
    if (!samePage) same = false;
    return samePage ? page : kept;
  });
  const ended: Job[] = [];
  for (const [id, change] of changes) {
    if (known.has(id)) continue;
    const job = changed(before.get(id), change);
    if (job?.state === 'done') ended.push(job);
  }
  if (ended.length === 0) return same ? finished : { ...finished, pages };
  const [first = [], ...others] = pages;
  return { pageParams: finished.pages.length === 0 ? [undefined] : finished.pageParams, pages: [[...ended.sort(newestFirst), ...first], ...others] };
}

function newestFirst(one: Job, other: Job): number {
  return other.created_at.localeCompare(one.created_at);
}
