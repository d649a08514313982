/** Pausing until a time or until resumed, and going on. */
import { interrupted, withEnd } from './attempt-history.ts';
import { reading, writing } from './connection.ts';
import { follow, queuedMessage } from './job-lookup.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobRow } from './job-row.ts';
import type { JobQueue } from './queue-port.ts';

export function preparePause(context: QueueContext): Pick<JobQueue, 'pause' | 'resume' | 'resumeDue'> {
  const { database, clock, jobs } = context;
  const pause = database.prepare(`
    UPDATE jobs SET state = @state, phase = 'PAUSED', paused_until = @until, attempts = @attempts, message = 'Paused', next_attempt_at = NULL, worker_pid = NULL, worker_start = NULL
    WHERE id = @id`);
  const resume = database.prepare(`UPDATE jobs SET state = @state, phase = 'QUEUED', paused_until = NULL, message = '${queuedMessage}' WHERE id = @id`);
  const due = database.prepare<[number], JobRow>("SELECT * FROM jobs WHERE state = 'paused' AND paused_until <= ?");

  const resumeOne = writing(context, (id: string) => {
    resume.run({ id, state: follow(jobs.row(id), 'resume', 'resumed') });
    return jobs.record(id);
  });
  const resumeRows = writing(context, (rows: readonly JobRow[]) => jobs.readable(rows).map(({ id }) => resumeOne(id)));
  return {
    pause: writing(context, (id: string, until: number | null) => {
      const row = jobs.row(id);
      pause.run({ id, state: follow(row, 'pause', 'paused'), until, attempts: withEnd(row, clock.now(), interrupted('Paused')) });
      return jobs.record(id);
    }),
    resume: resumeOne,
    resumeDue: reading(context, () => {
      const rows = due.all(clock.now());
      return rows.length === 0 ? [] : resumeRows(rows);
    }),
  };
}
