import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleJob } from '../queue/testing/sample-jobs.ts';
import { completed, endRunner, settled, startedRunner } from './testing/test-runner.ts';
import type { TestRunner } from './testing/test-runner.ts';

let test: TestRunner;

beforeEach(async () => {
  test = await startedRunner();
});

afterEach(() => endRunner(test));

describe('all jobs', () => {
  it('are cancelled at the same time, with a result and a reason for each', async () => {
    test.obedient = false;
    const first = await test.running({ ...sampleJob, repositoryId: 'a' });
    const second = await test.running({ ...sampleJob, repositoryId: 'b' });
    const queued = [1, 2].map(() => test.runner.enqueue(sampleJob).id);
    const paused = (await test.runner.pause(test.runner.enqueue(sampleJob).id, null)).id;
    const all = test.runner.cancelAll('enough', { [second.id]: 'especially', [queued[1] ?? '']: 'you' });
    await settled();
    expect([first, second].map(({ worker }) => worker.stops)).toEqual([['cancel'], ['cancel']]);
    expect(test.workers).toHaveLength(2);
    await first.worker.end(completed);
    await second.worker.end({ outcome: 'stopped', reason: 'cancel' });
    const results = Object.fromEntries([...queued, paused, second.id].map((id) => [id, true]));
    expect(await all).toEqual({ ...results, [first.id]: false });
    expect(test.heard.at(-1)).toMatchObject({ name: 'jobs_cancelled', payload: { results: { ...results, [first.id]: false }, reason: 'enough' } });
    expect([...queued, paused, second.id].map((id) => test.queue.get(id).cancelReason)).toEqual(['enough', 'you', 'enough', 'especially']);
    expect(await test.runner.cancelAll(null)).toEqual({});
  });

  it('are paused, where nothing takes the place of what stops, and go on', async () => {
    const { id } = await test.running();
    const queued = [1, 2, 3].map(() => test.runner.enqueue(sampleJob).id);
    await test.runner.pauseAll(null);
    expect([id, ...queued].map((each) => test.queue.get(each).state)).toEqual(['paused', 'paused', 'paused', 'paused']);
    expect(test.workers).toHaveLength(1);
    await test.runner.resumeAll();
    await settled();
    expect(test.queue.counts()).toMatchObject({ paused: 0, running: 1, queued: 3 });
    expect(test.queue.get(id).state).toBe('running');
  });
});

describe('a thousand jobs', () => {
  const thousand = (): string[] => test.queue.together(() => Array.from({ length: 1000 }, () => test.queue.enqueue(sampleJob).id));

  /** How often the event loop goes round until `work` is done; `meanwhile` is called on the third round. */
  async function rounds(work: Promise<unknown>, meanwhile: () => void = () => undefined): Promise<number> {
    let count = 0;
    const over = new AbortController();
    const done = work.finally(() => over.abort());
    for (; !over.signal.aborted; count++) {
      if (count === 3) meanwhile();
      await setImmediate();
    }
    await done;
    return count;
  }

  it('are cancelled without holding up anything else, and what happens meanwhile is right', async () => {
    const { id: first, worker } = await test.running();
    const ids = thousand();
    const [early = '', , late = '', paused = ''] = ids.slice(-4);
    let added = '';
    let alone: Promise<unknown> = Promise.resolve();
    const all = test.runner.cancelAll('enough');
    const turns = await rounds(all, () => {
      // A running job ends, whose place nobody takes; one is cancelled by itself, one changes its state, one comes.
      void worker.end(completed);
      alone = test.runner.cancel(early, 'mine');
      void test.runner.pause(paused, null);
      added = test.runner.enqueue(sampleJob).id;
    });
    expect(turns).toBeGreaterThan(8);
    const results = await all;
    expect(await alone).toMatchObject({ cancelReason: 'mine' });
    expect([results[early], results[first], results[late], results[paused], results[added]]).toEqual([false, false, true, true, undefined]);
    expect(Object.values(results).filter(Boolean)).toHaveLength(999);
    const told = test.heard.filter(({ name }) => name === 'job_cancelled').map(({ payload }) => (payload as { job_id: string }).job_id);
    expect([told.length, new Set(told).size]).toEqual([1000, 1000]);
    expect(test.queue.counts()).toMatchObject({ queued: 0, paused: 0, running: 1, done: 1001 });
    await settled();
    expect(test.workers.map(({ task }) => task.jobId)).toEqual([first, added]);
  });

  it('are paused and resumed in the same way', async () => {
    const ids = thousand();
    expect(await rounds(test.runner.pauseAll(null))).toBeGreaterThan(8);
    expect(test.queue.counts()).toMatchObject({ queued: 0, paused: 1000 });
    expect(await rounds(test.runner.resumeAll(), () => void test.runner.cancel(ids[999] ?? '', null))).toBeGreaterThan(8);
    expect(test.queue.counts()).toMatchObject({ paused: 0, queued: 998, running: 1, done: 1 });
    await test.runner.cancelAll(null);
  });
});
