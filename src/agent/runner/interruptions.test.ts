import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { idleProcesses } from '../../../test/support/idle-processes.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { processStart } from '../../core/platform/process-start.ts';
import { sampleJob, sampleProgress } from '../queue/testing/sample-jobs.ts';
import { newQueue } from '../queue/testing/test-queue.ts';
import { completed, endRunner, newRunner, settled, startedRunner } from './testing/test-runner.ts';
import type { TestRunner } from './testing/test-runner.ts';

const startChild = idleProcesses();

let test: TestRunner;

beforeEach(async () => {
  test = await startedRunner();
});

afterEach(() => endRunner(test));

describe('ends and starts of the agent', () => {
  it('closing stops workers and puts their jobs back', async () => {
    const { id, worker } = await test.running();
    await test.runner.close();
    expect(worker.stops).toEqual(['shutdown']);
    expect(test.queue.get(id)).toMatchObject({ state: 'queued', failures: 0, workerPid: null });
    const next = newRunner(test);
    await next.runner.start();
    await settled();
    await next.workers[0]?.end(completed);
    expect(next.queue.get(id)).toMatchObject({ phase: 'COMPLETED', attempt: 2 });
    await next.runner.close();
    expect(test.clock.sleeping).toBe(0);
  });

  it('a job that is cancelled or done while the agent ends is that', async () => {
    test.obedient = false;
    const first = await test.running({ ...sampleJob, repositoryId: 'a' });
    const second = await test.running({ ...sampleJob, repositoryId: 'b' });
    const cancelling = test.runner.cancel(first.id, 'why');
    await settled();
    const closing = test.runner.close();
    await settled();
    await first.worker.end({ outcome: 'stopped', reason: 'shutdown' });
    await second.worker.end(completed);
    await closing;
    expect((await cancelling).phase).toBe('CANCELLED');
    expect(test.queue.get(second.id).phase).toBe('COMPLETED');
  });

  it.skipIf(process.platform === 'win32')('after a crash the old worker is gone before its job runs again', async () => {
    const crashed = newQueue();
    const child = await startChild();
    const exit = once(child, 'exit');
    const ids = [1, 2].map(() => crashed.queue.enqueue(sampleJob).id);
    crashed.queue.claim({ total: 2, perRepository: 2 });
    crashed.queue.claim({ total: 2, perRepository: 2 });
    crashed.queue.workerStarted(ids[0] ?? '', child.pid, processStart(child.pid));
    crashed.queue.cancel(ids[1] ?? '', 'before the crash');

    const next = newRunner(crashed);
    const starting = next.runner.start();
    const cancelled = next.runner.cancel(ids[1] ?? '', 'again');
    const over = expect(cancelled).rejects.toMatchObject({ code: 'JOB_OVER', phase: 'CANCELLED' });
    await settled();
    expect([next.workers.length, processStart(child.pid) === undefined]).toEqual([0, false]);
    while (next.workers.length === 0) {
      await crashed.clock.advance(50);
      await systemClock.sleep(1);
    }
    expect(await exit).toEqual([null, 'SIGTERM']);
    await starting;
    await over;
    expect(next.queue.get(ids[0] ?? '')).toMatchObject({ state: 'running', attempt: 2 });
    expect(next.queue.get(ids[1] ?? '').cancelReason).toBe('before the crash');
    expect(next.heard.map(({ name }) => name)).toContain('job_cancelled');
    await next.end();
  });
});

describe('a full disk', () => {
  it('ends no job: checkpoints are left out, the end is stored when there is room, new jobs are refused', async () => {
    const { id, worker } = await test.running();
    const full = (): void => void test.database.pragma(`max_page_count = ${test.database.pragma('page_count', { simple: true }) as number}`);
    full();
    expect(() => {
      for (let job = 0; job < 1000; job++) test.queue.enqueue(sampleJob);
    }).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }) as Error);
    const long = '/'.padEnd(30_000, 'x');
    worker.say({ type: 'progress', progress: { ...sampleProgress, file: long } });
    expect(test.queue.get(id).progress).toBeNull();
    expect(test.runner.current(test.queue.get(id)).progress?.file).toBe(long);
    await worker.end({ ...completed, summary: { text: long } } as typeof completed);
    expect(test.queue.get(id).state).toBe('running');
    expect(test.log.some(({ level, message }) => level === 'error' && message === 'the end of an attempt could not be stored')).toBe(true);
    await test.clock.advance(5000);
    expect(test.queue.get(id).state).toBe('running');
    test.database.pragma('max_page_count = 1000000');
    await test.clock.advance(5000);
    expect(test.queue.get(id)).toMatchObject({ state: 'done', phase: 'COMPLETED' });
    expect(test.names().filter((name) => name === 'job_completed')).toHaveLength(1);
  });
});
