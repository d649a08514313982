/** All active jobs as one: what the dock, the ring and the overview say. */
import type { Job } from '../../shared/contract/schemas/job.ts';

export interface JobTotals {
  readonly running: number;
  readonly waiting: number;
  readonly paused: number;
  /** Percent of all running jobs, by their bytes where these are known. */
  readonly progress: number;
  /** Whether every running job is still counting. */
  readonly counting: boolean;
  /** Bytes a second. */
  readonly speed: number;
  /** Seconds until the last running job ends; undefined while one of them cannot say. */
  readonly eta: { readonly low: number; readonly high: number } | undefined;
  /** The soonest next attempt, in ms since 1970, of a job that waits. */
  readonly nextAttempt: number | undefined;
}

export function totalsOf(active: readonly Job[]): JobTotals {
  const running = active.filter((job) => job.state === 'running');
  const total = running.reduce((sum, job) => sum + job.bytes_total, 0);
  const byBytes = total > 0 ? (100 * running.reduce((sum, job) => sum + (job.bytes_total * job.progress) / 100, 0)) / total : mean(running.map((job) => job.progress));
  const etas = running.map((job) => job.eta_range_seconds ?? (job.eta_seconds === null ? undefined : { low: job.eta_seconds, high: job.eta_seconds }));
  const known = etas.filter((eta) => eta !== undefined);
  const attempts = active.flatMap((job) => (job.state === 'waiting' && job.next_attempt_at !== null ? [Date.parse(job.next_attempt_at)] : []));
  return {
    running: running.length,
    waiting: active.filter((job) => job.state === 'queued' || job.state === 'waiting').length,
    paused: active.filter((job) => job.state === 'paused').length,
    progress: Math.min(99, byBytes),
    counting: running.length > 0 && running.every((job) => job.phase === 'SCANNING' && job.progress === 0),
    speed: running.reduce((sum, job) => sum + job.speed_bytes_per_second, 0),
    eta: known.length > 0 && known.length === etas.length ? { low: Math.max(...known.map((eta) => eta.low)), high: Math.max(...known.map((eta) => eta.high)) } : undefined,
    nextAttempt: attempts.length === 0 ? undefined : Math.min(...attempts),
  };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
