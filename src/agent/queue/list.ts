/** Pages of jobs, newest first, and all jobs that are not over. */
import { reading } from './connection.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobRow } from './job-row.ts';
import type { JobFilter, JobQueue } from './queue-port.ts';

const alive = "state IN ('queued', 'running', 'paused', 'waiting')";
/** Running ones first, then as `claim` takes them; those that nothing starts by itself last. */
const asTheyRun = "ORDER BY CASE state WHEN 'running' THEN 0 WHEN 'paused' THEN 2 ELSE 1 END, priority DESC, sequence";

export function prepareList(context: QueueContext): Pick<JobQueue, 'list' | 'active' | 'cancelable'> {
  const { database, jobs } = context;
  const all = database.prepare<[number, number], JobRow>('SELECT * FROM jobs WHERE sequence < ? ORDER BY sequence DESC LIMIT ?');
  const inState = database.prepare<[string, number, number], JobRow>('SELECT * FROM jobs WHERE state = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?');
  const active = database.prepare<[], JobRow>(`SELECT * FROM jobs WHERE ${alive} ${asTheyRun}`);
  const cancelable = database.prepare<[], JobRow>(`SELECT * FROM jobs WHERE ${alive} AND phase <> 'CANCELLING' ${asTheyRun}`);
  return {
    list: reading(context, ({ state, limit, before }: JobFilter) => {
      const below = before === undefined ? Number.MAX_SAFE_INTEGER : jobs.row(before).sequence;
      return jobs.readable(state === undefined ? all.all(below, limit) : inState.all(state, below, limit));
    }),
    active: reading(context, () => jobs.readable(active.all())),
    cancelable: reading(context, () => jobs.readable(cancelable.all())),
  };
}
