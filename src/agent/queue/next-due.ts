/** The next time at which something happens by itself. */
import { reading } from './connection.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobQueue } from './queue-port.ts';

export function prepareNextDueAt(context: QueueContext): JobQueue['nextDueAt'] {
  const waiting = context.database.prepare<[number], number | null>("SELECT min(next_attempt_at) FROM jobs WHERE state = 'waiting' AND next_attempt_at > ?").pluck();
  const paused = context.database.prepare<[number], number | null>("SELECT min(paused_until) FROM jobs WHERE state = 'paused' AND paused_until > ?").pluck();
  return reading(context, (after: number) => {
    const times = [waiting.get(after), paused.get(after)].filter((time) => typeof time === 'number');
    return times.length === 0 ? undefined : Math.min(...times);
  });
}
