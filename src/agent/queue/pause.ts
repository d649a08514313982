/** Pausing until a time or until resumed, and going on. */
import { interrupted, withEnd } from './attempt-history.ts';
import { reading, writing } from './connection.ts';
import { follow, queuedMessage, statesThat } from './job-lookup.ts';
import type { QueueContext } from './job-lookup.ts';
import type { JobRow } from './job-row.ts';
import type { JobQueue } from './queue-port.ts';

export function preparePause(context: QueueContext): Pick<JobQueue, 'pause' | 'pauseIdle' | 'resume' | 'resumeMany' | 'resumeDue'> {
  const { database, clock, jobs } = context;
  const paused = `state = 'paused', phase = 'PAUSED', paused_until = @until, message = 'Paused', next_attempt_at = NULL`;
  const pause = database.prepare(`UPDATE jobs SET ${paused}, attempts = @attempts, worker_pid = NULL, worker_start = NULL WHERE id = @id`);
  const pauseIdle = database.prepare<[{ id: string; until: number | null }], JobRow>(
    `UPDATE jobs SET ${paused} WHERE id = @id AND state <> 'running' AND state IN (${statesThat('pause', 'paused')}) RETURNING *`,
  );
  const resume = database.prepare<[{ id: string }], JobRow>(
    `UPDATE jobs SET state = 'queued', phase = 'QUEUED', paused_until = NULL, message = '${queuedMessage}' WHERE id = @id AND state IN (${statesThat('resume', 'queued')}) RETURNING *`,
  );
  const due = database.prepare<[number], string>("SELECT id FROM jobs WHERE state = 'paused' AND paused_until <= ?").pluck();

  const resumeOne = writing(context, (id: string) => {
    follow(jobs.row(id), 'resume', 'resumed');
    resume.get({ id });
    return jobs.record(id);
  });
  const resumeMany = writing(context, (ids: readonly string[]) => jobs.readable(ids.flatMap((id) => resume.get({ id }) ?? [])));
  return {
    pause: writing(context, (id: string, until: number | null) => {
      const row = jobs.row(id);
      follow(row, 'pause', 'paused');
      pause.run({ id, until, attempts: withEnd(row, clock.now(), interrupted('Paused')) });
      return jobs.record(id);
    }),
    pauseIdle: writing(context, (ids: readonly string[], until: number | null) => jobs.readable(ids.flatMap((id) => pauseIdle.get({ id, until }) ?? []))),
    resume: resumeOne,
    resumeMany,
    resumeDue: reading(context, () => {
      const ids = due.all(clock.now());
      return ids.length === 0 ? [] : resumeMany(ids);
    }),
  };
}
