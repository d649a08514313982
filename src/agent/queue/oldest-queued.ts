/** Since when the job that waits longest for its turn has been waiting. */
import { reading } from './connection.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobQueue } from './queue-port.ts';

export function prepareOldestQueuedAt(context: QueueContext): JobQueue['oldestQueuedAt'] {
  const oldest = context.database.prepare<[], number | null>("SELECT min(created_at) FROM jobs WHERE state = 'queued'").pluck();
  return reading(context, () => oldest.get() ?? undefined);
}
