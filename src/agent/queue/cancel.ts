/** Cancelling: at once where no worker has the job, else in two steps (`cancelled` when the worker is gone). */
import { interrupted, withEnd } from './attempt-history.ts';
import { writing } from './connection.ts';
import { follow } from './job-lookup.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobQueue } from './queue-port.ts';

export function prepareCancel(context: QueueContext): Pick<JobQueue, 'cancel' | 'cancelled'> {
  const begin = context.database.prepare("UPDATE jobs SET state = @state, phase = 'CANCELLING', cancel_reason = @reason, message = 'Cancelling' WHERE id = @id");
  const end = context.database.prepare(`
    UPDATE jobs SET state = @state, phase = 'CANCELLED', cancel_reason = @reason, attempts = @attempts, message = 'Cancelled',
      next_attempt_at = NULL, paused_until = NULL, worker_pid = NULL, worker_start = NULL, finished_at = @now
    WHERE id = @id`);
  return {
    cancel: writing(context, (id: string, reason: string | null) => {
      const row = context.jobs.row(id);
      const state = follow(row, 'cancel', 'cancelled');
      if (state === 'done') end.run({ id, state, reason, attempts: row.attempts, now: context.clock.now() });
      else begin.run({ id, state, reason });
      return context.jobs.record(id);
    }),
    cancelled: writing(context, (id: string) => {
      const row = context.jobs.row(id);
      const now = context.clock.now();
      end.run({ id, state: follow(row, 'stopped', 'ended as cancelled'), reason: row.cancel_reason, attempts: withEnd(row, now, interrupted('Cancelled')), now });
      return context.jobs.record(id);
    }),
  };
}
