/** How many jobs there are in each state. */
import type { JobState } from '../../shared/contract/schemas/job.ts';
import { reading } from './connection.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobQueue } from './queue-port.ts';

export function prepareCounts(context: QueueContext): JobQueue['counts'] {
  const counts = context.database.prepare<[], { state: JobState; jobs: number }>('SELECT state, jobs FROM job_counts');
  return reading(context, () => {
    const found: Record<JobState, number> = { queued: 0, running: 0, paused: 0, waiting: 0, done: 0 };
    for (const { state, jobs } of counts.all()) found[state] = jobs;
    return found;
  });
}
