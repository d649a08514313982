import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleJob, sampleProgress } from '../queue/testing/sample-jobs.ts';
import { completed, endRunner, newRunner, settled, startedRunner } from './testing/test-runner.ts';
import type { TestRunner } from './testing/test-runner.ts';
import { toJob } from './to-job.ts';

let test: TestRunner;

beforeEach(async () => {
  test = await startedRunner();
});

afterEach(() => endRunner(test));

describe('R4: cancel', () => {
  it('of what waits is instant; of what runs it is over when the worker is gone', async () => {
    test.obedient = false;
    const { id, worker } = await test.running();
    const queued = test.runner.enqueue(sampleJob).id;
    expect(await test.runner.cancel(queued, null)).toMatchObject({ phase: 'CANCELLED', startedAt: null });
    const both = [test.runner.cancel(id, 'too slow'), test.runner.cancel(id, 'me too')];
    await settled();
    expect(worker.stops).toEqual(['cancel']);
    expect(test.queue.get(id)).toMatchObject({ state: 'running', phase: 'CANCELLING' });
    worker.say({ type: 'progress', progress: sampleProgress });
    expect(toJob(test.runner.current(test.queue.get(id)))).toMatchObject({ phase: 'CANCELLING', message: 'Cancelling' });
    await expect(test.runner.pause(id, null)).rejects.toMatchObject({ code: 'JOB_STATE' });
    await worker.end({ outcome: 'failed', error: { code: 'WORKER_CRASHED', message: 'killed', retryable: true } });
    expect((await Promise.all(both)).map(({ phase, cancelReason }) => [phase, cancelReason])).toEqual([['CANCELLED', 'too slow'], ['CANCELLED', 'too slow']]);
    expect(test.heard.filter(({ name }) => name === 'job_cancelled').map(({ payload }) => payload)).toEqual([
      { job_id: queued, phase: 'CANCELLED', reason: null },
      { job_id: id, phase: 'CANCELLED', reason: 'too slow' },
    ]);
    await expect(test.runner.cancel(id, null)).rejects.toMatchObject({ code: 'JOB_OVER', phase: 'CANCELLED' });
    await expect(test.runner.cancel('nobody', null)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });

  it('of a job that was done before it heard of it: completed, and the caller is told', async () => {
    test.obedient = false;
    const { id, worker } = await test.running();
    const cancelling = test.runner.cancel(id, 'late');
    const refused = expect(cancelling).rejects.toMatchObject({ code: 'JOB_OVER', phase: 'COMPLETED' });
    await worker.end(completed);
    await refused;
    expect(test.names().at(-1)).toBe('job_completed');
    expect(test.names()).not.toContain('job_cancelled');
  });

  it('before the worker is there keeps it from being started', async () => {
    const { id } = test.runner.enqueue(sampleJob);
    expect(test.queue.get(id).state).toBe('running');
    expect(await test.runner.cancel(id, null)).toMatchObject({ phase: 'CANCELLED' });
    expect(test.workers).toEqual([]);
  });

  it('goes before a pause that is under way', async () => {
    test.obedient = false;
    const { id, worker } = await test.running();
    const pausing = expect(test.runner.pause(id, null)).rejects.toMatchObject({ code: 'JOB_OVER', phase: 'CANCELLED' });
    await settled();
    const cancelling = test.runner.cancel(id, null);
    await settled();
    expect(worker.stops).toEqual(['pause', 'cancel']);
    await worker.end({ outcome: 'stopped', reason: 'pause' });
    expect((await cancelling).phase).toBe('CANCELLED');
    await pausing;
  });
});

describe('pause', () => {
  it('stops the worker, survives a restart, and goes on with a new attempt that costs no failure', async () => {
    const { id, worker } = await test.running();
    worker.say({ type: 'progress', progress: sampleProgress });
    expect(await test.runner.pause(id, null)).toMatchObject({ state: 'paused', phase: 'PAUSED', workerPid: null });
    expect(worker.stops).toEqual(['pause']);
    await expect(test.runner.pause(id, null)).rejects.toMatchObject({ code: 'JOB_STATE' });
    await test.runner.close();
    const next = newRunner(test);
    await next.runner.start();
    expect(next.queue.get(id).state).toBe('paused');
    await next.runner.resume(id);
    await settled();
    expect(next.workers.map(({ task }) => [task.jobId, task.attempt])).toEqual([[id, 2]]);
    expect(next.queue.get(id).failures).toBe(0);
    await next.runner.close();
  });

  it('until a time ends by itself; resuming while it is under way waits for it', async () => {
    test.obedient = false;
    const { id, worker } = await test.running();
    const pausing = test.runner.pause(id, test.clock.now() + 3 * 86_400_000);
    await settled();
    await worker.end({ outcome: 'stopped', reason: 'pause' });
    expect((await pausing).pausedUntil).toBe(test.clock.now() + 3 * 86_400_000);
    await test.clock.advance(3 * 86_400_000 - 1);
    expect(test.workers).toHaveLength(1);
    await test.clock.advance(1);
    await settled();
    expect(test.workers).toHaveLength(2);

    const again = test.runner.pause(id, null);
    await settled();
    const resuming = test.runner.resume(id);
    await test.workers[1]?.end({ outcome: 'stopped', reason: 'pause' });
    expect((await again).state).toBe('paused');
    await resuming;
    await settled();
    expect(test.workers).toHaveLength(3);
  });
});
