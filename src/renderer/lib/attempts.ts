/**
 * When waiting jobs were tried, as this window saw it: the agent tells the attempts that ended and the next one, but not how
 * often a running attempt has tried the same operation again.
 */
import type { Job } from '../../shared/contract/schemas/job.ts';

/** By job: times of tries, in ms since 1970; the last may still come. */
const seen = new Map<string, Set<number>>();

/** Called with all active jobs whenever one of them changed. */
export function rememberTries(active: readonly Job[]): void {
  const waiting = new Set<string>();
  for (const { job_id: id, phase, next_attempt_at: next } of active) {
    if (phase !== 'WAITING_RETRY') continue;
    waiting.add(id);
    const times = seen.get(id) ?? new Set();
    seen.set(id, times);
    if (next !== null) times.add(Date.parse(next));
  }
  // A try that is under way shows another phase; only a job that is gone is forgotten.
  const known = new Set(active.map(({ job_id: id }) => id));
  for (const id of seen.keys()) if (!known.has(id) && !waiting.has(id)) seen.delete(id);
}

/** Tries of these jobs that are over, oldest first, and the next one. */
export function triesOf(jobs: readonly Job[], now: number): { readonly past: readonly number[]; readonly next: number | undefined } {
  const times = new Set<number>();
  for (const job of jobs) {
    for (const { error, finished_at: ended } of job.attempts) if (error !== null && ended !== null) times.add(Date.parse(ended));
    for (const time of seen.get(job.job_id) ?? []) times.add(time);
  }
  const next = jobs.flatMap(({ next_attempt_at: at }) => (at === null ? [] : [Date.parse(at)])).filter((time) => time > now);
  return { past: [...times].filter((time) => time <= now).toSorted((one, other) => one - other), next: next.length === 0 ? undefined : Math.min(...next) };
}
