/** Which process does a running attempt. */
import { writing } from './connection.ts';
import { jobState } from './job-failures.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobQueue } from './queue-port.ts';

export function prepareWorkerStarted(context: QueueContext): JobQueue['workerStarted'] {
  const update = context.database.prepare('UPDATE jobs SET worker_pid = ?, worker_start = ? WHERE id = ?');
  return writing(context, (id: string, pid: number, start: string | undefined) => {
    const row = context.jobs.row(id);
    if (row.state !== 'running') throw jobState(id, row.phase, 'given a worker');
    update.run(pid, start ?? null, id);
    return context.jobs.record(id);
  });
}
