/** A new job, at the end of the queue of its priority. */
import { randomUUID } from 'node:crypto';
import { exclusiveKinds } from '../../shared/job-payload.ts';
import { writing } from './connection.ts';
import { queuedMessage } from './job-lookup.ts';
import type { QueueContext } from './job-lookup.ts';
import type { NewJob } from './job-record.ts';
import type { JobQueue } from './queue-port.ts';

export function prepareEnqueue(context: QueueContext): JobQueue['enqueue'] {
  const insert = context.database.prepare(`
    INSERT INTO jobs (id, payload, repository_id, plan_id, priority, max_attempts, trace_id, state, phase, attempt, failures, attempts, message, created_at, exclusive)
    VALUES (@id, @payload, @repositoryId, @planId, @priority, @maxAttempts, @traceId, 'queued', 'QUEUED', 0, 0, '[]', @message, @now, @exclusive)`);
  return writing(context, ({ payload, ...job }: NewJob) => {
    const id = randomUUID();
    insert.run({ ...job, id, payload: JSON.stringify(payload), message: queuedMessage, now: context.clock.now(), exclusive: exclusiveKinds.has(payload.kind) ? 1 : 0 });
    return context.jobs.record(id);
  });
}
