import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { job as jobSchema } from '../../shared/contract/schemas/job.ts';
import { traceRoot } from '../../telemetry/traceparent.ts';
import { sampleJob, sampleProgress } from '../queue/testing/sample-jobs.ts';
import { completed, endRunner, newRunner, settled, startedRunner, unreachable } from './testing/test-runner.ts';
import type { TestRunner } from './testing/test-runner.ts';
import { toJob } from './to-job.ts';

let test: TestRunner;

beforeEach(async () => {
  test = await startedRunner();
});

afterEach(() => endRunner(test));

describe('a job that goes well', () => {
  it('is created, runs with all it needs, and is completed', async () => {
    const { id, worker } = await test.running();
    expect(worker.task).toEqual({
      jobId: id,
      attempt: 1,
      payload: sampleJob.payload,
      repository: { repositoryId: 'home', url: '/repositories/home', password: 'secret' },
      uploadLimit: 0,
      downloadLimit: 0,
      traceparent: `00-${sampleJob.traceId}-00000000000000aa-01`,
      programVersion: '1.2.3',
      memoryFolder: '/home/ann/.config',
    });
    expect(test.queue.get(id)).toMatchObject({ state: 'running', phase: 'CONNECTING', workerPid: 2 ** 22 + 1 });
    worker.say({ type: 'progress', progress: sampleProgress });
    await worker.end(completed);
    expect(test.queue.get(id)).toMatchObject({ phase: 'COMPLETED', snapshotId: 'abc123', summary: { files_new: 2 }, message: '2 files saved', progress: sampleProgress });
    expect(test.names()).toEqual(['job_created', 'job_updated', 'job_updated', 'job_completed']);
    expect(test.last('job_completed')).toMatchObject({ job_id: id, phase: 'COMPLETED', progress: 100, bytes_done: 250, speed_bytes_per_second: 0, eta_seconds: null, file: null });
    expect(test.used).toEqual([{ id: 'home', error: null }]);
    expect(test.spans).toEqual([{ name: 'job attempt', parent: traceRoot(sampleJob.traceId), attributes: { job_id: id, kind: 'backup', attempt: 1, repository_id: 'home', outcome: 'completed' }, failed: false }]);
    expect([test.counted('jobs_started_total'), test.counted('jobs_completed_total'), test.metrics.findLast(({ name }) => name === 'queue_length')?.value]).toEqual([1, 1, 0]);
    expect(test.log.filter(({ fields }) => fields['job_id'] !== id || fields['trace_id'] !== sampleJob.traceId)).toEqual([]);
    expect(JSON.stringify(test.log)).not.toContain('secret');
  });

  it('in part says what is missing', async () => {
    const { id, worker } = await test.running();
    for (let item = 0; item < 7; item++) worker.say({ type: 'item-error', item: `/f${item}`, during: 'read', message: 'denied' });
    worker.say({ type: 'progress', progress: sampleProgress });
    await test.clock.advance(200);
    expect(test.last('job_updated').error_count).toBe(7);
    await worker.end({ ...completed, partial: true } as typeof completed);
    expect(test.queue.get(id)).toMatchObject({ phase: 'PARTIAL', message: '2 files saved (7 could not be saved, the last: /f6: read: denied)', summary: { files_new: 2, item_errors: 7 } });
    expect(String(test.queue.get(id).summary?.['last_item_errors']).split('\n')).toEqual(['/f2', '/f3', '/f4', '/f5', '/f6'].map((item) => `${item}: read: denied`));
    expect(test.last('job_completed').phase).toBe('PARTIAL');
  });

  it('passes on what its worker tells', async () => {
    const { worker } = await test.running();
    worker.say({ type: 'log', level: 'warn', fields: { size: 5, job_id: 'forged' }, message: 'slow' });
    worker.say({ type: 'metrics', counters: { packs_total: 3 }, timers: { upload_ms: [4, 6] } });
    worker.say({ type: 'retry', operation: 'storing', message: 'reset', attempt: 1, delay: 500 });
    expect(test.log.find(({ message }) => message === 'slow')).toMatchObject({ level: 'warn', fields: { size: 5, job_id: worker.task.jobId } });
    expect([test.counted('packs_total'), test.counted('upload_ms'), test.counted('storage_retries_total')]).toEqual([3, 10, 1]);
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

  it('cancel what nobody wants any more, also where it waited for another attempt', async () => {
    const gone = new Set<string>();
    const other = newRunner(undefined, { isWithdrawn: ({ id }) => gone.has(id) });
    await other.runner.start();
    const { id, worker } = await other.running();
    await worker.end(unreachable);
    gone.add(id);
    await other.clock.advance(3_600_000);
    await settled();
    expect(other.queue.get(id)).toMatchObject({ state: 'done', phase: 'CANCELLED', cancelReason: 'Its plan does not want it any more' });
    expect([other.workers.length, other.names().includes('job_cancelled')]).toEqual([1, true]);
    // What comes after it runs.
    await other.running();
    await endRunner(other);
  });
});

describe('progress', () => {
  it('reaches listeners at most ten times a second, the last always, and the queue once a second and at each phase', async () => {
    const { id, worker } = await test.running();
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
    expect(test.last('job_updated')).toEqual(test.last('job_completed'));
    expect(test.queue.get(id).progress?.percent).toBe(299 / 4);
  });
});

describe('retry', () => {
  it('waits longer each time, says so, and ends with the last cause', async () => {
    const { id, worker } = await test.running();
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
    expect(test.last('job_failed').attempts.map(({ error }) => error?.code)).toEqual(['STORAGE_UNREACHABLE', 'WORKER_OUT_OF_MEMORY', 'STORAGE_UNREACHABLE']);
    expect(test.names().filter((name) => name === 'job_failed')).toHaveLength(1);
    expect(test.spans.map(({ failed }) => failed)).toEqual([true, true, true]);
    expect(test.counted('job_retries_total')).toBe(2);

    expect(test.runner.retry(id)).toMatchObject({ state: 'queued', failures: 0 });
    await settled();
    await test.workers[3]?.end(completed);
    expect(test.queue.get(id)).toMatchObject({ phase: 'COMPLETED', attempt: 4 });
  });

  it('does not try again what would fail again, and comes at once when a person asks', async () => {
    const { id, worker } = await test.running();
    await worker.end({ outcome: 'failed', error: { code: 'WRONG_PASSWORD', message: 'wrong', retryable: false } });
    expect(test.queue.get(id).phase).toBe('FAILED');
    const other = await test.running({ ...sampleJob, repositoryId: 'gone' }).catch(() => undefined);
    expect(other).toBeUndefined();
    expect(test.last('job_failed')).toMatchObject({ repository_id: 'gone', error: { code: 'REPOSITORY_NOT_FOUND' } });

    const third = await test.running();
    await third.worker.end({ outcome: 'failed', error: { code: 'STORAGE_UNREACHABLE', message: 'busy', retryable: true, retryAfter: 3_600_000 } });
    expect(test.queue.get(third.id).nextAttemptAt).toBe(test.clock.now() + 3_600_000);
    test.runner.retry(third.id);
    await settled();
    expect(test.queue.get(third.id)).toMatchObject({ state: 'running', attempt: 2 });
  });

  it('a worker that somebody else stopped is started again', async () => {
    const { id, worker } = await test.running();
    await worker.end({ outcome: 'stopped', reason: 'shutdown' });
    expect(test.queue.get(id)).toMatchObject({ state: 'waiting', error: { code: 'WORKER_CRASHED' } });
  });
});

describe('toJob', () => {
  it('fits the contract in every state', async () => {
    const { id, worker } = await test.running({ ...sampleJob, payload: { kind: 'restore', snapshot: 'latest', include: [], exclude: [], target: '/target', overwrite: 'always', verify: true } });
    worker.say({ type: 'progress', progress: { ...sampleProgress, percent: 120 } });
    expect(jobSchema.parse(toJob(test.runner.current(test.queue.get(id))))).toMatchObject({ kind: 'restore', paths: ['/target'], progress: 100, bottleneck: 'upload', eta_range_seconds: { low: 6, high: 10 } });
    await worker.end(unreachable);
    expect(jobSchema.parse(toJob(test.queue.get(id)))).toMatchObject({ phase: 'WAITING_RETRY', bottleneck: null, stages: {}, message: 'The server cannot be reached', next_attempt_at: expect.any(String) as string });
    const check = test.runner.enqueue({ ...sampleJob, payload: { kind: 'check', read_data_percent: 0 } });
    expect(jobSchema.parse(toJob(check))).toMatchObject({ kind: 'check', paths: [], state: 'queued', phase: 'QUEUED' });
  });
});
