import { expect, it } from 'vitest';
import { rememberTries, triesOf } from './attempts.ts';
import { testJob } from './testing/test-job.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 10, 19, 14, 24, second)).toISOString();
const time = (second: number): number => Date.parse(at(second));

it('remembers each try that was announced, and takes those that ended from the job', () => {
  const job = testJob({ job_id: 'a', phase: 'WAITING_RETRY', state: 'waiting', next_attempt_at: at(10), attempts: [{ attempt: 1, started_at: at(0), finished_at: at(5), error: { code: 'STORAGE_UNREACHABLE', message: '' }, next_attempt_at: at(10) }] });
  rememberTries([job]);
  expect(triesOf([job], time(7))).toEqual({ past: [time(5)], next: time(10) });
  const later = { ...job, next_attempt_at: at(30) };
  rememberTries([later]);
  expect(triesOf([later], time(12))).toEqual({ past: [time(5), time(10)], next: time(30) });
  rememberTries([]);
  expect(triesOf([{ ...later, next_attempt_at: null }], time(40))).toEqual({ past: [time(5)], next: undefined });
});
