/** A person asks again for a job that waits, failed or was cancelled. Its history stays; its failures no longer count. */
import { writing } from './connection.ts';
import { jobState } from './job-failures.ts';
import { follow, queuedMessage } from './job-lookup.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobQueue } from './queue-port.ts';

export function prepareRetry(context: QueueContext): JobQueue['retry'] {
  const update = context.database.prepare(`
    UPDATE jobs SET state = @state, phase = 'QUEUED', failures = 0, next_attempt_at = NULL, cancel_reason = NULL, error_code = NULL, error_message = NULL, error_parts = NULL,
      message = '${queuedMessage}', progress = NULL, finished_at = NULL
    WHERE id = @id`);
  return writing(context, (id: string) => {
    const row = context.jobs.row(id);
    const state = follow(row, 'retry', 'tried again');
    if (row.phase === 'COMPLETED' || row.phase === 'PARTIAL') throw jobState(id, row.phase, 'tried again');
    update.run({ id, state });
    return context.jobs.record(id);
  });
}
