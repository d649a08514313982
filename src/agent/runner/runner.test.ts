import { spawn } from 'node:child_process';
import { traceRoot } from '../../telemetry/traceparent.ts';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '../../shared/contract/schemas/job.ts';
import { job as jobSchema } from '../../shared/contract/schemas/job.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { processStart } from '../../core/platform/process-start.ts';
import { newQueue } from '../queue/testing/test-queue.ts';
import { sampleJob, sampleProgress } from '../queue/testing/sample-jobs.ts';
import { completed, newRunner, settled, unreachable } from './testing/test-runner.ts';
import type { Heard, PlayedWorker, TestRunner } from './testing/test-runner.ts';
import { toJob } from './to-job.ts';

let test: TestRunner;

beforeEach(async () => {
  test = newRunner();
  await test.runner.start();
});

afterEach(async () => {
  test.obedient = true;
  for (const worker of test.workers) await worker.end({ outcome: 'stopped', reason: 'shutdown' });
  await test.end();
  expect(test.clock.sleeping).toBe(0);
});

const names = (): string[] => test.heard.map(({ name }) => name);
const last = (name: Heard['name']): Job => test.heard.findLast((event) => event.name === name)?.payload as Job;
const counted = (name: string): number => test.metrics.filter((metric) => metric.name === name).reduce((sum, { value }) => sum + value, 0);

/** A job whose worker runs. */
async function running(job = sampleJob): Promise<{ id: string; worker: PlayedWorker }> {
  const { id } = test.runner.enqueue(job);
  await settled();
  const worker = test.workers.findLast(({ task }) => task.jobId === id);
  if (worker === undefined) throw new Error('no worker runs');
  return { id, worker };
}

describe('a job that goes well', () => {
  it('is created, runs with all it needs, and is completed', async () => {
    const { id, worker } = await running();
    expect(worker.task).toEqual({
      jobId: id,
      attempt: 1,
      payload: sampleJob.payload,
      repository: { repositoryId: 'home', url: '/repositories/home', password: 'secret' },
      uploadLimit: 0,
      downloadLimit: 0,
      traceparent: `00-${sampleJob.traceId}-00000000000000aa-01`,
      programVersion: '1.2.3',
    });
    expect(test.queue.get(id)).toMatchObject({ state: 'running', phase: 'CONNECTING', workerPid: 2 ** 22 + 1 });
    worker.say({ type: 'progress', progress: sampleProgress });
    await worker.end(completed);
    expect(test.queue.get(id)).toMatchObject({ phase: 'COMPLETED', snapshotId: 'abc123', summary: { files_new: 2 }, message: '2 files saved', progress: sampleProgress });
    expect(names()).toEqual(['job_created', 'job_updated', 'job_updated', 'job_completed']);
    expect(last('job_completed')).toMatchObject({ job_id: id, phase: 'COMPLETED', progress: 100, bytes_done: 250, speed_bytes_per_second: 0, eta_seconds: null, file: null });
    expect(test.used).toEqual([{ id: 'home', error: null }]);
    expect(test.spans).toEqual([{ name: 'job attempt', parent: traceRoot(sampleJob.traceId), attributes: { job_id: id, kind: 'backup', attempt: 1, repository_id: 'home', outcome: 'completed' }, failed: false }]);
    expect([counted('jobs_started_total'), counted('jobs_completed_total'), test.metrics.findLast(({ name }) => name === 'queue_length')?.value]).toEqual([1, 1, 0]);
    expect(test.log.filter(({ fields }) => fields['job_id'] !== id || fields['trace_id'] !== sampleJob.traceId)).toEqual([]);
    expect(JSON.stringify(test.log)).not.toContain('secret');
  });

  it('in part says what is missing', async () => {
    const { id, worker } = await running();
    for (let item = 0; item < 7; item++) worker.say({ type: 'item-error', item: `/f${item}`, during: 'read', message: 'denied' });
    worker.say({ type: 'progress', progress: sampleProgress });
    await test.clock.advance(200);
    expect(last('job_updated').error_count).toBe(7);
    await worker.end({ ...completed, partial: true } as typeof completed);
    expect(test.queue.get(id)).toMatchObject({ phase: 'PARTIAL', message: '2 files saved (7 could not be saved, the last: /f6: read: denied)', summary: { files_new: 2, item_errors: 7 } });
    expect(String(test.queue.get(id).summary?.['last_item_errors']).split('\n')).toEqual(['/f2', '/f3', '/f4', '/f5', '/f6'].map((item) => `${item}: read: denied`));
    expect(last('job_completed').phase).toBe('PARTIAL');
  });

  it('passes on what its worker tells', async () => {
    const { worker } = await running();
    worker.say({ type: 'log', level: 'warn', fields: { size: 5, job_id: 'forged' }, message: 'slow' });
    worker.say({ type: 'metrics', counters: { packs_total: 3 }, timers: { upload_ms: [4, 6] } });
    worker.say({ type: 'retry', operation: 'storing', message: 'reset', attempt: 1, delay: 500 });
    expect(test.log.find(({ message }) => message === 'slow')).toMatchObject({ level: 'warn', fields: { size: 5, job_id: worker.task.jobId } });
    expect([counted('packs_total'), counted('upload_ms'), counted('storage_retries_total')]).toEqual([3, 10, 1]);
  });
});

describe('claims', () => {
  it('keep the limits, and follow them when they change', async () => {
    for (const repositoryId of ['a', 'a', 'b', 'c']) test.runner.enqueue({ ...sampleJob, repositoryId });
    await settled();
    const atWork = (): string[] => test.workers.map(({ task }) => task.repository.repositoryId);
    expect(atWork()).toEqual(['a', 'b']);
    await test.workers[1]?.end(completed);
    expect(atWork()).toEqual(['a', 'b', 'c']);
    test.settings = { ...test.settings, concurrency: 3, concurrency_per_repository: 2 };
    test.runner.settingsChanged();
    await settled();
    expect(atWork()).toEqual(['a', 'b', 'c', 'a']);
  });
});

describe('progress', () => {
  it('reaches listeners at most ten times a second, the last always, and the queue once a second and at each phase', async () => {
    const { id, worker } = await running();
    let checkpoints = 0;
    const count = test.database.prepare('SELECT progress FROM jobs WHERE id = ?').pluck();
    let before = count.get(id);
    for (let turn = 0; turn < 300; turn++) {
      worker.say({ type: 'progress', progress: { ...sampleProgress, phase: turn < 150 ? 'SCANNING' : 'TRANSFERRING', percent: turn / 4 } });
      const after = count.get(id);
      if (after !== before) checkpoints++;
      before = after;
      expect(test.runner.current(test.queue.get(id)).progress?.percent).toBe(turn / 4);
      await test.clock.advance(10);
    }
    for (const phase of ['FINALIZING', 'VERIFYING'] as const) {
      worker.say({ type: 'progress', progress: { ...sampleProgress, phase, percent: 299 / 4 } });
      expect(test.queue.get(id)).toMatchObject({ phase, progress: { phase } });
    }
    await worker.end(completed);
    expect(checkpoints).toBeGreaterThanOrEqual(3);
    expect(checkpoints).toBeLessThanOrEqual(5);
    const updates = test.heard.filter(({ name }) => name === 'job_updated').map(({ at }) => at);
    for (const at of updates) expect(updates.filter((other) => other >= at && other < at + 1000).length).toBeLessThanOrEqual(10);
    expect(updates.length).toBeGreaterThan(20);
    expect(last('job_updated')).toEqual(last('job_completed'));
    expect(test.queue.get(id).progress?.percent).toBe(299 / 4);
  });
});

describe('retry', () => {
  it('waits longer each time, says so, and ends with the last cause', async () => {
    const { id, worker } = await running();
    await worker.end(unreachable);
    expect(test.queue.get(id)).toMatchObject({ state: 'waiting', phase: 'WAITING_RETRY', nextAttemptAt: test.clock.now() + 500 });
    await test.clock.advance(499);
    expect(test.workers).toHaveLength(1);
    await test.clock.advance(1);
    expect(test.workers[1]?.task.attempt).toBe(2);
    await test.workers[1]?.end({ outcome: 'failed', error: { code: 'WORKER_OUT_OF_MEMORY', message: 'out of memory', retryable: false } });
    expect(test.queue.get(id)).toMatchObject({ state: 'waiting', nextAttemptAt: test.clock.now() + 1000 });
    await test.clock.advance(1000);
    await test.workers[2]?.end(unreachable);
    expect(test.queue.get(id)).toMatchObject({ state: 'done', phase: 'FAILED', error: { code: 'STORAGE_UNREACHABLE' } });
    expect(last('job_failed').attempts.map(({ error }) => error?.code)).toEqual(['STORAGE_UNREACHABLE', 'WORKER_OUT_OF_MEMORY', 'STORAGE_UNREACHABLE']);
    expect(names().filter((name) => name === 'job_failed')).toHaveLength(1);
    expect(test.spans.map(({ failed }) => failed)).toEqual([true, true, true]);
    expect(counted('job_retries_total')).toBe(2);

    expect(test.runner.retry(id)).toMatchObject({ state: 'queued', failures: 0 });
    await settled();
    await test.workers[3]?.end(completed);
    expect(test.queue.get(id)).toMatchObject({ phase: 'COMPLETED', attempt: 4 });
  });

  it('does not try again what would fail again, and comes at once when a person asks', async () => {
    const { id, worker } = await running();
    await worker.end({ outcome: 'failed', error: { code: 'WRONG_PASSWORD', message: 'wrong', retryable: false } });
    expect(test.queue.get(id).phase).toBe('FAILED');
    const other = await running({ ...sampleJob, repositoryId: 'gone' }).catch(() => undefined);
    expect(other).toBeUndefined();
    expect(last('job_failed')).toMatchObject({ repository_id: 'gone', error: { code: 'REPOSITORY_NOT_FOUND' } });

    const third = await running();
    await third.worker.end({ outcome: 'failed', error: { code: 'STORAGE_UNREACHABLE', message: 'busy', retryable: true, retryAfter: 3_600_000 } });
    expect(test.queue.get(third.id).nextAttemptAt).toBe(test.clock.now() + 3_600_000);
    test.runner.retry(third.id);
    await settled();
    expect(test.queue.get(third.id)).toMatchObject({ state: 'running', attempt: 2 });
  });

  it('a worker that somebody else stopped is started again', async () => {
    const { id, worker } = await running();
    await worker.end({ outcome: 'stopped', reason: 'shutdown' });
    expect(test.queue.get(id)).toMatchObject({ state: 'waiting', error: { code: 'WORKER_CRASHED' } });
  });
});

describe('cancel', () => {
  it('of what waits is instant; of what runs it is over when the worker is gone', async () => {
    test.obedient = false;
    const { id, worker } = await running();
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
    const { id, worker } = await running();
    const cancelling = test.runner.cancel(id, 'late');
    const refused = expect(cancelling).rejects.toMatchObject({ code: 'JOB_OVER', phase: 'COMPLETED' });
    await worker.end(completed);
    await refused;
    expect(names().at(-1)).toBe('job_completed');
    expect(names()).not.toContain('job_cancelled');
  });

  it('before the worker is there keeps it from being started', async () => {
    const { id } = test.runner.enqueue(sampleJob);
    expect(test.queue.get(id).state).toBe('running');
    expect(await test.runner.cancel(id, null)).toMatchObject({ phase: 'CANCELLED' });
    expect(test.workers).toEqual([]);
  });

  it('goes before a pause that is under way', async () => {
    test.obedient = false;
    const { id, worker } = await running();
    const pausing = expect(test.runner.pause(id, null)).rejects.toMatchObject({ code: 'JOB_OVER', phase: 'CANCELLED' });
    await settled();
    const cancelling = test.runner.cancel(id, null);
    await settled();
    expect(worker.stops).toEqual(['pause', 'cancel']);
    await worker.end({ outcome: 'stopped', reason: 'pause' });
    expect((await cancelling).phase).toBe('CANCELLED');
    await pausing;
  });

  it('all at the same time, with a result and a reason for each', async () => {
    test.obedient = false;
    const first = await running({ ...sampleJob, repositoryId: 'a' });
    const second = await running({ ...sampleJob, repositoryId: 'b' });
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
});

describe('pause', () => {
  it('stops the worker, survives a restart, and goes on with a new attempt that costs no failure', async () => {
    const { id, worker } = await running();
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
    const { id, worker } = await running();
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

  it('all: nothing takes the place of what stops, and all go on', async () => {
    const { id } = await running();
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

describe('ends and starts of the agent', () => {
  it('closing stops workers and puts their jobs back', async () => {
    const { id, worker } = await running();
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
    const first = await running({ ...sampleJob, repositoryId: 'a' });
    const second = await running({ ...sampleJob, repositoryId: 'b' });
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
    const child = spawn(process.execPath, ['-e', "process.stdin.resume(); process.stdout.write('ready')"], { stdio: ['pipe', 'pipe', 'ignore'] });
    const exit = once(child, 'exit');
    await once(child.stdout, 'data');
    const ids = [1, 2].map(() => crashed.queue.enqueue(sampleJob).id);
    crashed.queue.claim({ total: 2, perRepository: 2 });
    crashed.queue.claim({ total: 2, perRepository: 2 });
    crashed.queue.workerStarted(ids[0] ?? '', child.pid ?? 0, processStart(child.pid ?? 0));
    crashed.queue.cancel(ids[1] ?? '', 'before the crash');

    const next = newRunner(crashed);
    const starting = next.runner.start();
    const cancelled = next.runner.cancel(ids[1] ?? '', 'again');
    const over = expect(cancelled).rejects.toMatchObject({ code: 'JOB_OVER', phase: 'CANCELLED' });
    await settled();
    expect([next.workers.length, processStart(child.pid ?? 0) === undefined]).toEqual([0, false]);
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
    const { id, worker } = await running();
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
    expect(names().filter((name) => name === 'job_completed')).toHaveLength(1);
  });
});

describe('toJob', () => {
  it('fits the contract in every state', async () => {
    const { id, worker } = await running({ ...sampleJob, payload: { kind: 'restore', snapshot: 'latest', include: [], exclude: [], target: '/target', overwrite: 'always', verify: true } });
    worker.say({ type: 'progress', progress: { ...sampleProgress, percent: 120 } });
    expect(jobSchema.parse(toJob(test.runner.current(test.queue.get(id))))).toMatchObject({ kind: 'restore', paths: ['/target'], progress: 100, bottleneck: 'upload', eta_range_seconds: { low: 6, high: 10 } });
    await worker.end(unreachable);
    expect(jobSchema.parse(toJob(test.queue.get(id)))).toMatchObject({ phase: 'WAITING_RETRY', bottleneck: null, stages: {}, message: 'The server cannot be reached', next_attempt_at: expect.any(String) as string });
    const check = test.runner.enqueue({ ...sampleJob, payload: { kind: 'check', read_data_percent: 0 } });
    expect(jobSchema.parse(toJob(check))).toMatchObject({ kind: 'check', paths: [], state: 'queued', phase: 'QUEUED' });
  });
});
