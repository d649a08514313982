/** The attempts of a job, newest last; the latest twenty are kept. */
import type { JobAttempt } from '../../shared/contract/schemas/job.ts';
import type { JobError } from './job-record.ts';
import { attemptsOf } from './job-row.ts';
import type { JobRow } from './job-row.ts';

const kept = 20;

const timeText = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString());

/** JSON of the history with a new attempt that begins `now`. */
export function withAttempt(row: JobRow, now: number): string {
  const begun: JobAttempt = { attempt: row.attempt + 1, started_at: new Date(now).toISOString(), finished_at: null, error: null, next_attempt_at: null };
  return JSON.stringify([...attemptsOf(row), begun].slice(-kept));
}

/** JSON of the history with its open attempt ended. */
export function withEnd(row: JobRow, now: number, error: JobError | null, nextAttemptAt: number | null = null): string {
  const ended = { finished_at: timeText(now), error, next_attempt_at: timeText(nextAttemptAt) };
  return JSON.stringify(attemptsOf(row).map((attempt) => (attempt.finished_at === null ? { ...attempt, ...ended } : attempt)));
}

/** Why an attempt ended that neither succeeded nor failed. */
export function interrupted(message: string): JobError {
  return { code: 'INTERRUPTED', message };
}
