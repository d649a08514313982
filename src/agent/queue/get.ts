/** One job. */
import { reading } from './connection.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobQueue } from './queue-port.ts';

export function prepareGet(context: QueueContext): JobQueue['get'] {
  return reading(context, (id: string) => context.jobs.record(id));
}
