/** What becomes of a job when an attempt has ended: what was wished decides, except that a job that is done is done. */
import type { JobSummary } from '../../shared/contract/schemas/job.ts';
import { Failure } from '../../shared/errors.ts';
import type { WorkerEnd, WorkerError } from '../../shared/worker-protocol.ts';
import type { JobRecord } from '../queue/job-record.ts';
import type { JobQueue } from '../queue/queue-port.ts';
import type { Attempt } from './attempt.ts';
import { delayOfRetry } from './retry-policy.ts';

type Completed = Extract<WorkerEnd, { outcome: 'completed' }>;

/** Nobody here asked for it. */
const outside = new Failure('WORKER_CRASHED', { what: 'The worker was stopped from outside', safe: 'What was stored stays stored', next: 'It is started again by itself' });
const stoppedFromOutside: WorkerError = { code: outside.code, message: outside.message, parts: outside.text, retryable: true };

/** Stores the end; returns the job afterwards. `random`: 0 to 1; `now`: milliseconds since the epoch. */
export function settle(queue: JobQueue, attempt: Attempt, end: WorkerEnd, random: number, now: number): JobRecord {
  const { id, stopping } = attempt;
  if (end.outcome === 'completed') return queue.complete(id, completion(attempt, end));
  if (stopping === 'cancel') {
    return queue.together(() => {
      // On a full disk the first step may not have been stored.
      if (queue.get(id).phase !== 'CANCELLING') queue.cancel(id, attempt.cancelReason);
      return queue.cancelled(id);
    });
  }
  // Stays running until every worker is gone: then `recover` puts it back, as it would after a crash.
  if (stopping === 'shutdown') return queue.get(id);
  if (stopping === 'pause') return queue.pause(id, attempt.pauseUntil);
  const error = end.outcome === 'failed' ? end.error : stoppedFromOutside;
  const delay = delayOfRetry(queue.get(id), error, random);
  return queue.fail(id, { code: error.code, message: error.message, ...(error.parts === undefined ? {} : { parts: error.parts }) }, delay === null ? null : now + delay);
}

function completion({ progress, record }: Attempt, end: Completed): Parameters<JobQueue['complete']>[1] {
  const { itemErrors, lastItemErrors, skipped } = progress;
  const phase = end.partial ? 'PARTIAL' : 'COMPLETED';
  if (itemErrors === 0) return { phase, snapshotId: end.snapshotId, summary: end.summary, message: end.message };
  const verb = { backup: 'saved', restore: 'restored', check: 'checked', forget: 'forgotten', prune: 'pruned' }[record.kind];
  const last = lastItemErrors.at(-1);
  const summary: JobSummary = { ...end.summary, item_errors: itemErrors, last_item_errors: lastItemErrors.join('\n') };
  return { phase, snapshotId: end.snapshotId, summary, skipped, message: `${end.message} (${itemErrors} could not be ${verb}${last === undefined ? '' : `, the last: ${last}`})` };
}
