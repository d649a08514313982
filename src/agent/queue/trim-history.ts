/** Retention of jobs that are over. */
import { writing } from './connection.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobQueue } from './queue-port.ts';

export function prepareTrimHistory(context: QueueContext): JobQueue['trimHistory'] {
  const old = context.database.prepare("DELETE FROM jobs WHERE state = 'done' AND finished_at < ?");
  const beyond = context.database.prepare("DELETE FROM jobs WHERE sequence IN (SELECT sequence FROM jobs WHERE state = 'done' AND finished_at IS NOT NULL ORDER BY finished_at DESC LIMIT -1 OFFSET ?)");
  return writing(context, ({ olderThan, keep }: Parameters<JobQueue['trimHistory']>[0]) => old.run(olderThan).changes + beyond.run(keep).changes);
}
