/** Commands while the queue cannot be written: they answer with the reason instead of waiting for room. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sampleProgress } from '../queue/testing/sample-jobs.ts';
import type { PlayedWorker, TestRunner } from './testing/test-runner.ts';
import { newRunner } from './testing/test-runner.ts';

let test: TestRunner;
let id: string;
let worker: PlayedWorker;

/** Whatever is written from now on fails, as it does on a full disk. */
const fill = (): void => void test.database.pragma('query_only = 1');
const free = (): void => void test.database.pragma('query_only = 0');

beforeEach(async () => {
  test = newRunner();
  await test.runner.start();
  ({ id, worker } = await test.running());
  worker.say({ type: 'progress', progress: sampleProgress });
});

afterEach(async () => {
  free();
  for (const one of test.workers) await one.end({ outcome: 'stopped', reason: 'shutdown' });
  await test.end();
});

it('a pause is refused, and the job goes on', async () => {
  fill();
  await expect(test.runner.pause(id, null)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  expect(worker.stops).toEqual([]);
  free();
  expect((await test.runner.pause(id, null)).phase).toBe('PAUSED');
});

it('a cancellation stops the worker, says that it is not stored yet, and is stored when there is room', async () => {
  fill();
  await expect(test.runner.cancel(id, 'enough')).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  expect(worker.stops).toEqual(['cancel']);
  free();
  await test.clock.advance(5000);
  expect(test.queue.get(id)).toMatchObject({ phase: 'CANCELLED', cancelReason: 'enough' });
  expect(test.heard.filter(({ name }) => name === 'job_cancelled')).toHaveLength(1);
});
