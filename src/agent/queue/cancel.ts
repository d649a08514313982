/** Cancelling: at once where no worker has the job, else in two steps (`cancelled` when the worker is gone). */
import { interrupted, withEnd } from './attempt-history.ts';
import { writing } from './connection.ts';
import { follow, statesThat } from './job-lookup.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobRow } from './job-row.ts';
import type { JobQueue } from './queue-port.ts';

export function prepareCancel(context: QueueContext): Pick<JobQueue, 'cancel' | 'cancelIdle' | 'cancelled'> {
  const { database, clock, jobs } = context;
  const begin = database.prepare("UPDATE jobs SET state = @state, phase = 'CANCELLING', cancel_reason = @reason, message = 'Cancelling' WHERE id = @id");
  const over = `state = 'done', phase = 'CANCELLED', message = 'Cancelled', next_attempt_at = NULL, paused_until = NULL, finished_at = @now`;
  const end = database.prepare(`UPDATE jobs SET ${over}, attempts = @attempts, worker_pid = NULL, worker_start = NULL WHERE id = @id`);
  const endIdle = database.prepare<[{ id: string; reason: string | null; now: number }], JobRow>(
    `UPDATE jobs SET ${over}, cancel_reason = @reason WHERE id = @id AND state IN (${statesThat('cancel', 'done')}) RETURNING *`,
  );
  return {
    cancel: writing(context, (id: string, reason: string | null) => {
      const state = follow(jobs.row(id), 'cancel', 'cancelled');
      if (state === 'done') endIdle.get({ id, reason, now: clock.now() });
      else begin.run({ id, state, reason });
      return jobs.record(id);
    }),
    cancelIdle: writing(context, (ids: readonly string[], reasonOf: (id: string) => string | null) => {
      const now = clock.now();
      return jobs.readable(ids.flatMap((id) => endIdle.get({ id, reason: reasonOf(id), now }) ?? []));
    }),
    cancelled: writing(context, (id: string) => {
      const row = jobs.row(id);
      const now = clock.now();
      follow(row, 'stopped', 'ended as cancelled');
      end.run({ id, attempts: withEnd(row, now, interrupted('Cancelled')), now });
      return jobs.record(id);
    }),
  };
}
