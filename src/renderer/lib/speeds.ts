/** How fast running jobs were lately, as this window saw it: five minutes, a sample a second at most. */
import type { Job } from '../../shared/contract/schemas/job.ts';

export interface SpeedSample {
  /** ms since 1970. */
  readonly at: number;
  readonly bytesPerSecond: number;
}

export const rememberedMs = 300_000;
const leastDistanceMs = 1000;
const samples = new Map<string, SpeedSample[]>();

/** What passes the line to the place of the copies. */
export function lineSpeed({ kind, stages }: Pick<Job, 'kind' | 'stages'>): number {
  return (kind === 'backup' ? stages.upload : stages.download)?.bytes_per_second ?? 0;
}

/** Called with all active jobs whenever one of them changed. */
export function rememberSpeeds(active: readonly Job[], now: number): void {
  const running = new Set<string>();
  for (const job of active) {
    if (job.state !== 'running') continue;
    running.add(job.job_id);
    const known = samples.get(job.job_id) ?? [];
    const last = known.at(-1);
    if (last !== undefined && now - last.at < leastDistanceMs) continue;
    samples.set(job.job_id, [...known.filter(({ at }) => now - at <= rememberedMs), { at: now, bytesPerSecond: lineSpeed(job) }]);
  }
  for (const id of samples.keys()) if (!running.has(id)) samples.delete(id);
}

export function speedsOf(jobId: string): readonly SpeedSample[] {
  return samples.get(jobId) ?? [];
}
