/** Takes a job that is over out of the history. */
import { writing } from './connection.ts';
import { jobState } from './job-failures.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobQueue } from './queue-port.ts';

export function prepareRemove(context: QueueContext): JobQueue['remove'] {
  const remove = context.database.prepare('DELETE FROM jobs WHERE id = ?');
  return writing(context, (id: string) => {
    const row = context.jobs.row(id);
    if (row.state !== 'done') throw jobState(id, row.phase, 'removed');
    remove.run(id);
  });
}
