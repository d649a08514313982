/** Pages of jobs, newest first, and looks at all jobs that are not over: those cost little a job, since there may be many. */
import type { JobState } from '../../shared/contract/schemas/job.ts';
import { reading } from './connection.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobRow } from './job-row.ts';
import type { CancelableJob, JobFilter, JobOwner, JobQueue } from './queue-port.ts';

const alive = "state IN ('queued', 'running', 'paused', 'waiting')";
/** Running ones first, then as `claim` takes them; those that nothing starts by itself last. */
const asTheyRun = "ORDER BY CASE state WHEN 'running' THEN 0 WHEN 'paused' THEN 2 ELSE 1 END, priority DESC, sequence";
const percent = "CASE WHEN json_valid(progress) THEN coalesce(json_extract(progress, '$.percent'), 0) ELSE 0 END";

export function prepareList(context: QueueContext): Pick<JobQueue, 'list' | 'cancelable' | 'idsIn' | 'activeOf' | 'exclusiveOf'> {
  const { database, jobs } = context;
  const all = database.prepare<[number, number], JobRow>('SELECT * FROM jobs WHERE sequence < ? ORDER BY sequence DESC LIMIT ?');
  const inState = database.prepare<[string, number, number], JobRow>('SELECT * FROM jobs WHERE state = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?');
  const cancelable = database.prepare<[], CancelableJob>(`SELECT id, state, phase, message, ${percent} AS percent FROM jobs WHERE ${alive} AND phase <> 'CANCELLING' ${asTheyRun}`);
  const idsIn = database.prepare<[string], string>('SELECT id FROM jobs WHERE state = ? ORDER BY priority DESC, sequence').pluck();
  const ofRepository = database.prepare<[string], JobRow>(`SELECT * FROM jobs WHERE ${alive} AND repository_id = ? LIMIT 1`);
  const ofPlan = database.prepare<[string], JobRow>(`SELECT * FROM jobs WHERE ${alive} AND plan_id = ? AND exclusive = 0 LIMIT 1`);
  const exclusive = database.prepare<[string], JobRow>("SELECT * FROM jobs WHERE exclusive = 1 AND state <> 'done' AND repository_id = ? ORDER BY sequence");
  return {
    list: reading(context, ({ state, limit, before }: JobFilter) => {
      const below = before === undefined ? Number.MAX_SAFE_INTEGER : jobs.row(before).sequence;
      return jobs.readable(state === undefined ? all.all(below, limit) : inState.all(state, below, limit));
    }),
    cancelable: reading(context, () => cancelable.all()),
    idsIn: reading(context, (state: JobState) => idsIn.all(state)),
    exclusiveOf: reading(context, (repositoryId: string) => jobs.readable(exclusive.all(repositoryId))),
    activeOf: reading(context, (owner: JobOwner) => {
      const row = 'planId' in owner ? ofPlan.get(owner.planId) : ofRepository.get(owner.repositoryId);
      return row === undefined ? undefined : jobs.readable([row])[0];
    }),
  };
}
