/** After a crash, or when an agent ends: running jobs whose workers are gone go back into the queue, with their place in it. */
import { interrupted, withEnd } from './attempt-history.ts';
import { writing } from './connection.ts';
import { follow, queuedMessage } from './job-lookup.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobRow } from './job-row.ts';
import type { JobQueue } from './queue-port.ts';

export function prepareRecover(context: QueueContext, cancelled: JobQueue['cancelled']): JobQueue['recover'] {
  const running = context.database.prepare<[], JobRow>("SELECT * FROM jobs WHERE state = 'running' ORDER BY sequence");
  const update = context.database.prepare(`
    UPDATE jobs SET state = @state, phase = 'QUEUED', attempts = @attempts, message = '${queuedMessage}', worker_pid = NULL, worker_start = NULL WHERE id = @id`);
  return writing(context, () => {
    const rows = running.all();
    for (const row of rows) {
      if (row.phase === 'CANCELLING') cancelled(row.id);
      else update.run({ id: row.id, state: follow(row, 'recover', 'put back'), attempts: withEnd(row, context.clock.now(), interrupted('The agent ended under this attempt')) });
    }
    return context.jobs.readable(rows.map((row) => context.jobs.row(row.id)));
  });
}
