/** How far a running attempt is. A power loss may lose the latest one. */
import type { WorkerProgress } from '../../shared/worker-protocol.ts';
import { relaxed } from './connection.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobQueue } from './queue-port.ts';

export function prepareCheckpoint(context: QueueContext): JobQueue['checkpoint'] {
  const update = context.database.prepare("UPDATE jobs SET progress = @progress, phase = CASE phase WHEN 'CANCELLING' THEN phase ELSE @phase END WHERE id = @id AND state = 'running'");
  return relaxed(context, (id: string, progress: WorkerProgress) => {
    update.run({ id, progress: JSON.stringify(progress), phase: progress.phase });
    return context.jobs.record(id);
  });
}
