/** Whether and when a job is tried again after a failed attempt (interfaces, section 5). */
import { retryCaps, retryDelay } from '../../core/storage/retry-delay.ts';
import type { WorkerError } from '../../shared/worker-protocol.ts';
import type { JobRecord } from '../queue/job-record.ts';

/** A worker that ended without a word: whatever it says of itself, another one may do better. */
const workerLost: readonly string[] = ['WORKER_CRASHED', 'WORKER_HUNG', 'WORKER_OUT_OF_MEMORY'];

/** Milliseconds to wait; null where the job is over. `job` as it was during the attempt; `random`: 0 to 1. */
export function delayOfRetry(job: Pick<JobRecord, 'failures' | 'maxAttempts'>, error: WorkerError, random: number): number | null {
  if (!error.retryable && !workerLost.includes(error.code)) return null;
  if (job.failures + 1 >= job.maxAttempts) return null;
  return retryDelay(job.failures, random, error.retryAfter, retryCaps.job);
}
