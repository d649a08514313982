/** An attempt that failed: the job waits for the next one, or is over. Error, next time and end of the attempt in one statement. */
import { withEnd } from './attempt-history.ts';
import { writing } from './connection.ts';
import { follow } from './job-lookup.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobError } from './job-record.ts';
import type { JobQueue } from './queue-port.ts';

export function prepareFail(context: QueueContext): JobQueue['fail'] {
  const update = context.database.prepare(`
    UPDATE jobs SET state = @state, phase = @phase, failures = failures + 1, attempts = @attempts, next_attempt_at = @retryAt,
      error_code = @code, error_message = @message, error_parts = @parts, message = @message, worker_pid = NULL, worker_start = NULL, finished_at = @finishedAt
    WHERE id = @id`);
  return writing(context, (id: string, { code, message, parts }: JobError, retryAt: number | null) => {
    const row = context.jobs.row(id);
    const now = context.clock.now();
    const over = retryAt === null;
    update.run({
      id,
      state: follow(row, over ? 'fail' : 'postpone', 'failed'),
      phase: over ? 'FAILED' : 'WAITING_RETRY',
      attempts: withEnd(row, now, { code, message }, retryAt),
      retryAt,
      code,
      message,
      parts: parts === undefined ? null : JSON.stringify(parts),
      finishedAt: over ? now : null,
    });
    return context.jobs.record(id);
  });
}
