/** Finding jobs: what every statement group needs. */
import type { JobPhase, JobState } from '../../shared/contract/schemas/job.ts';
import { nextStateOf, transitions } from '../../shared/job-states.ts';
import type { JobTransition } from '../../shared/job-states.ts';
import { Failure } from '../../shared/errors.ts';
import type { QueueConnection } from './connection.ts';
import { JobOver, jobNotFound, jobState } from './job-failures.ts';
import type { JobRecord } from './job-record.ts';
import { readRow } from './job-row.ts';
import type { JobRow } from './job-row.ts';

export interface QueueContext extends QueueConnection {
  readonly jobs: JobLookup;
}

export interface JobLookup {
  /** Throws `JOB_NOT_FOUND`. */
  row(id: string): JobRow;
  /** Throws `JOB_NOT_FOUND`, `DAMAGED`. */
  record(id: string): JobRecord;
  /** Leaves out, and logs, what cannot be read: one bad row must not hide the others. */
  readable(rows: readonly JobRow[]): JobRecord[];
}

export function prepareLookup(connection: QueueConnection): JobLookup {
  const byId = connection.database.prepare<[string], JobRow>('SELECT * FROM jobs WHERE id = ?');
  const row = (id: string): JobRow => {
    const found = byId.get(id);
    if (found === undefined) throw jobNotFound(id);
    return found;
  };
  return {
    row,
    record: (id) => readRow(row(id)),
    readable: (rows) =>
      rows.flatMap((found) => {
        try {
          return [readRow(found)];
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          connection.logger.error({ job_id: found.id, error: error.message }, 'job left out');
          return [];
        }
      }),
  };
}

/** The state that a transition leads to; throws `JOB_OVER` or `JOB_STATE`. `asked` completes "the job cannot be …". */
export function follow(row: { readonly id: string; readonly state: JobState; readonly phase: JobPhase }, transition: JobTransition, asked: string): JobState {
  const next = nextStateOf(row, transition);
  if (next !== undefined) return next;
  throw row.state === 'done' && transition !== 'retry' ? new JobOver(row.id, row.phase) : jobState(row.id, row.phase, asked);
}

/** The states from which a transition leads to `target`, for the condition of a statement that changes many jobs. */
export function statesThat(transition: JobTransition, target: JobState): string {
  const from = Object.entries(transitions[transition]).filter(([, to]) => to === target);
  return from.map(([state]) => `'${state}'`).join(', ');
}

/** What a job says while it waits for its turn. */
export const queuedMessage = 'Waiting for its turn';
