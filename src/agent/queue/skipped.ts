/** What a job that is over could not save or restore, in the order in which it was told. */
import type { SkippedItem } from '../../shared/contract/schemas/job.ts';
import { reading } from './connection.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobQueue } from './queue-port.ts';

export function prepareSkipped(context: QueueContext): JobQueue['skipped'] {
  const select = context.database.prepare<[string], SkippedItem>('SELECT path, during, message FROM skipped_items WHERE job = ? ORDER BY position');
  return reading(context, (id: string) => {
    context.jobs.row(id);
    return select.all(id);
  });
}
