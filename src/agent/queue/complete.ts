/** A job that is done, wholly or in part. */
import { withEnd } from './attempt-history.ts';
import { writing } from './connection.ts';
import { follow } from './job-lookup.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobQueue } from './queue-port.ts';

export function prepareComplete(context: QueueContext): JobQueue['complete'] {
  const update = context.database.prepare(`
    UPDATE jobs SET state = @state, phase = @phase, snapshot_id = @snapshotId, summary = @summary, message = @message, attempts = @attempts,
      error_code = NULL, error_message = NULL, error_parts = NULL, cancel_reason = NULL, worker_pid = NULL, worker_start = NULL, finished_at = @now
    WHERE id = @id`);
  const skip = context.database.prepare('INSERT INTO skipped_items (job, position, path, during, message) VALUES (?, ?, ?, ?, ?)');
  return writing(context, (id: string, { phase, snapshotId, summary, message, skipped = [] }: Parameters<JobQueue['complete']>[1]) => {
    const row = context.jobs.row(id);
    const now = context.clock.now();
    update.run({ id, state: follow(row, 'succeed', 'completed'), phase, snapshotId, summary: JSON.stringify(summary), message, attempts: withEnd(row, now, null), now });
    for (const [position, { path, during, message: why }] of skipped.entries()) skip.run(id, position, path, during, why);
    return context.jobs.record(id);
  });
}
