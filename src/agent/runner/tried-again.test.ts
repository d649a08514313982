/** R3: while a worker waits to try a storage operation again, its job says so. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { job as jobSchema } from '../../shared/contract/schemas/job.ts';
import type { Job } from '../../shared/contract/schemas/job.ts';
import { phasesOf } from '../../shared/job-states.ts';
import { sampleProgress } from '../queue/testing/sample-jobs.ts';
import type { PlayedWorker, TestRunner } from './testing/test-runner.ts';
import { completed, newRunner, settled } from './testing/test-runner.ts';
import { toJob } from './to-job.ts';

let test: TestRunner;
let id: string;
let worker: PlayedWorker;

beforeEach(async () => {
  test = newRunner();
  await test.runner.start();
  ({ id, worker } = await test.running());
  worker.say({ type: 'progress', progress: sampleProgress });
});

afterEach(async () => {
  for (const one of test.workers) await one.end({ outcome: 'stopped', reason: 'shutdown' });
  await test.end();
});

const now = (): Job => jobSchema.parse(toJob(test.runner.current(test.queue.get(id))));
const retry = (operation: string, delay: number): void => worker.say({ type: 'retry', operation, message: `${operation}: the server cannot be reached`, attempt: 1, delay });
const inTime = (ms: number): string => new Date(test.clock.now() + ms).toISOString();

it('shows cause and next time, and that nothing moves', async () => {
  retry('storing a', 4000);
  expect(now()).toMatchObject({
    state: 'running',
    phase: 'WAITING_RETRY',
    message: 'storing a: the server cannot be reached',
    error: { code: 'STORAGE_UNREACHABLE', message: 'storing a: the server cannot be reached' },
    next_attempt_at: inTime(4000),
    speed_bytes_per_second: 0,
    eta_seconds: null,
    bytes_done: sampleProgress.bytesDone,
  });
  expect(phasesOf.running).toContain(now().phase);
  await test.clock.advance(200);
  expect(test.heard.findLast(({ name }) => name === 'job_updated')?.payload).toMatchObject({ phase: 'WAITING_RETRY', next_attempt_at: inTime(3800) });
});

it('of several operations names the one that is tried first', () => {
  retry('storing a', 4000);
  retry('storing b', 1000);
  expect(now()).toMatchObject({ next_attempt_at: inTime(1000), message: 'storing b: the server cannot be reached' });
});

it('is over when the operation is tried again', async () => {
  retry('storing a', 4000);
  await test.clock.advance(4000);
  expect(now()).toMatchObject({ phase: sampleProgress.phase, next_attempt_at: null, error: null, message: sampleProgress.message });
});

it('is no matter while other bytes move', () => {
  retry('storing a', 4000);
  worker.say({ type: 'progress', progress: sampleProgress });
  expect(now().phase).toBe('WAITING_RETRY');
  worker.say({ type: 'progress', progress: { ...sampleProgress, bytesDone: sampleProgress.bytesDone + 1 } });
  expect(now()).toMatchObject({ phase: sampleProgress.phase, next_attempt_at: null, error: null });
});

it('never reaches the queue, and does not hide a cancellation', async () => {
  retry('storing a', 4000);
  expect(test.queue.get(id)).toMatchObject({ phase: sampleProgress.phase, nextAttemptAt: null, error: null });
  test.obedient = false;
  const cancelling = test.runner.cancel(id, 'enough');
  await settled();
  expect(now().phase).toBe('CANCELLING');
  await worker.end({ outcome: 'stopped', reason: 'cancel' });
  expect((await cancelling).phase).toBe('CANCELLED');
});

it('leaves nothing behind at the end', async () => {
  retry('storing a', 4000);
  await worker.end(completed);
  expect(now()).toMatchObject({ state: 'done', phase: 'COMPLETED', error: null, next_attempt_at: null });
});
