import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobQueue } from './queue-port.ts';
import { sampleJob, sampleProgress } from './testing/sample-jobs.ts';
import { newQueue } from './testing/test-queue.ts';
import type { TestQueue } from './testing/test-queue.ts';

let test: TestQueue;
let queue: JobQueue;

beforeEach(() => {
  test = newQueue();
  ({ queue } = test);
});

afterEach(() => {
  test.close();
});

const limits = { total: 10, perRepository: 10 };
const failed = { code: 'STORAGE_UNREACHABLE', message: 'The server cannot be reached' } as const;
const done = { phase: 'COMPLETED', snapshotId: 'abc', summary: { files_new: 3 }, message: 'Done' } as const;
const codeOf = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return (error as { code: string }).code;
  }
};

/** A job in each state that jobs can have. */
const jobsIn: Record<string, () => string> = {
  queued: () => queue.enqueue(sampleJob).id,
  running: () => {
    queue.enqueue({ ...sampleJob, priority: 100 });
    return queue.claim(limits)?.id ?? '';
  },
  cancelling: () => queue.cancel(jobsIn['running']?.() ?? '', 'no more').id,
  paused: () => queue.pause(queue.enqueue(sampleJob).id, null).id,
  waiting: () => queue.fail(jobsIn['running']?.() ?? '', failed, test.clock.now() + 1000).id,
  completed: () => queue.complete(jobsIn['running']?.() ?? '', done).id,
  failed: () => queue.fail(jobsIn['running']?.() ?? '', failed, null).id,
  cancelled: () => queue.cancel(queue.enqueue(sampleJob).id, null).id,
};

const over = { completed: 'JOB_OVER', failed: 'JOB_OVER', cancelled: 'JOB_OVER' };
const refusals: Record<string, { readonly call: (id: string) => unknown; readonly refused: Record<string, string> }> = {
  workerStarted: { call: (id) => queue.workerStarted(id, 5, 'then'), refused: { queued: 'JOB_STATE', paused: 'JOB_STATE', waiting: 'JOB_STATE', completed: 'JOB_STATE', failed: 'JOB_STATE', cancelled: 'JOB_STATE' } },
  complete: { call: (id) => queue.complete(id, done), refused: { queued: 'JOB_STATE', paused: 'JOB_STATE', waiting: 'JOB_STATE', ...over } },
  fail: { call: (id) => queue.fail(id, failed, null), refused: { queued: 'JOB_STATE', cancelling: 'JOB_STATE', paused: 'JOB_STATE', waiting: 'JOB_STATE', ...over } },
  postpone: { call: (id) => queue.fail(id, failed, 5), refused: { queued: 'JOB_STATE', cancelling: 'JOB_STATE', paused: 'JOB_STATE', waiting: 'JOB_STATE', ...over } },
  cancel: { call: (id) => queue.cancel(id, 'again'), refused: { cancelling: 'JOB_STATE', ...over } },
  cancelled: { call: (id) => queue.cancelled(id), refused: { queued: 'JOB_STATE', running: 'JOB_STATE', paused: 'JOB_STATE', waiting: 'JOB_STATE', ...over } },
  pause: { call: (id) => queue.pause(id, null), refused: { cancelling: 'JOB_STATE', paused: 'JOB_STATE', ...over } },
  resume: { call: (id) => queue.resume(id), refused: { queued: 'JOB_STATE', running: 'JOB_STATE', cancelling: 'JOB_STATE', waiting: 'JOB_STATE', ...over } },
  retry: { call: (id) => queue.retry(id), refused: { queued: 'JOB_STATE', running: 'JOB_STATE', cancelling: 'JOB_STATE', paused: 'JOB_STATE', completed: 'JOB_STATE' } },
  remove: { call: (id) => queue.remove(id), refused: { queued: 'JOB_STATE', running: 'JOB_STATE', cancelling: 'JOB_STATE', paused: 'JOB_STATE', waiting: 'JOB_STATE' } },
};

describe('what a job cannot do', () => {
  for (const [name, { call, refused }] of Object.entries(refusals)) {
    it.each(Object.keys(jobsIn))(`${name} of a job that is %s`, (state) => {
      const id = jobsIn[state]?.() ?? '';
      const before = queue.get(id);
      const code = refused[state];
      if (code === undefined) {
        expect(() => call(id)).not.toThrow();
      } else {
        expect(codeOf(() => call(id))).toBe(code);
        expect(queue.get(id)).toEqual(before);
      }
    });
    it(`${name} of a job that does not exist`, () => {
      expect(codeOf(() => call('nobody'))).toBe('JOB_NOT_FOUND');
    });
  }
});

describe('enqueue', () => {
  it('keeps everything, and says so after a restart', () => {
    const job = queue.enqueue({ ...sampleJob, planId: 'plan', priority: 7 });
    expect(job).toMatchObject({ ...sampleJob, planId: 'plan', priority: 7, kind: 'backup', state: 'queued', phase: 'QUEUED', attempt: 0, failures: 0, attempts: [], progress: null, createdAt: test.clock.now(), startedAt: null, finishedAt: null });
    expect(queue.get(job.id)).toEqual(job);
  });
});

describe('claim', () => {
  it('takes the highest priority first, then the order of arrival', () => {
    const ids = [0, 5, 0, -1, 5].map((priority) => queue.enqueue({ ...sampleJob, priority }).id);
    expect([1, 2, 3, 4, 5].map(() => queue.claim(limits)?.id)).toEqual([ids[1], ids[4], ids[0], ids[2], ids[3]]);
    expect(queue.claim(limits)).toBeUndefined();
  });

  it('keeps the limits in all and for each repository, and goes past a busy repository', () => {
    const [a, , b, c] = ['one', 'one', 'two', 'three'].map((repositoryId) => queue.enqueue({ ...sampleJob, repositoryId }).id);
    const strict = { total: 2, perRepository: 1 };
    expect(queue.claim(strict)?.id).toBe(a);
    expect(queue.claim(strict)?.id).toBe(b);
    expect(queue.claim(strict)).toBeUndefined();
    expect(queue.claim({ total: 3, perRepository: 1 })?.id).toBe(c);
    expect(queue.claim({ total: 9, perRepository: 1 })).toBeUndefined();
    expect(queue.counts()).toEqual({ queued: 1, running: 3, paused: 0, waiting: 0, done: 0 });
  });

  it('takes a waiting job when its time has come, in its old place', async () => {
    const first = queue.enqueue(sampleJob).id;
    queue.claim(limits);
    queue.fail(first, failed, test.clock.now() + 500);
    const second = queue.enqueue(sampleJob).id;
    expect(queue.nextDueAt(test.clock.now())).toBe(test.clock.now() + 500);
    await test.clock.advance(499);
    const one = { total: 1, perRepository: 1 };
    expect(queue.claim(one)?.id).toBe(second);
    queue.complete(second, done);
    queue.enqueue(sampleJob);
    await test.clock.advance(1);
    expect(queue.nextDueAt(test.clock.now())).toBeUndefined();
    expect(queue.claim(one)).toMatchObject({ id: first, state: 'running', phase: 'CONNECTING', attempt: 2, failures: 1, error: null, nextAttemptAt: null });
  });

  it('gives up a job that nobody can read, and goes on with the next', () => {
    const bad = queue.enqueue(sampleJob).id;
    const good = queue.enqueue(sampleJob).id;
    test.database.prepare("UPDATE jobs SET payload = '{\"kind\":\"backup\"}' WHERE id = ?").run(bad);
    expect(queue.claim(limits)?.id).toBe(good);
    expect(codeOf(() => queue.get(bad))).toBe('DAMAGED');
    expect(queue.list({ limit: 10 }).map(({ id }) => id)).toEqual([good]);
    expect(test.database.prepare('SELECT state, phase, error_code FROM jobs WHERE id = ?').get(bad)).toEqual({ state: 'done', phase: 'FAILED', error_code: 'DAMAGED' });
  });
});

describe('an attempt', () => {
  it('leaves its cause and the time of the next one in the history', async () => {
    const { id } = queue.enqueue(sampleJob);
    const begin = test.clock.now();
    queue.claim(limits);
    expect(queue.workerStarted(id, 4711, 'then')).toMatchObject({ workerPid: 4711, workerStart: 'then' });
    await test.clock.advance(1000);
    const waiting = queue.fail(id, failed, begin + 3000);
    expect(waiting).toMatchObject({ state: 'waiting', phase: 'WAITING_RETRY', error: failed, nextAttemptAt: begin + 3000, message: failed.message, workerPid: null, workerStart: null, finishedAt: null });
    const time = (at: number): string => new Date(at).toISOString();
    expect(waiting.attempts).toEqual([{ attempt: 1, started_at: time(begin), finished_at: time(begin + 1000), error: failed, next_attempt_at: time(begin + 3000) }]);
    await test.clock.advance(2000);
    queue.claim(limits);
    expect(queue.complete(id, done)).toMatchObject({ state: 'done', phase: 'COMPLETED', snapshotId: 'abc', summary: { files_new: 3 }, message: 'Done', error: null, startedAt: begin, finishedAt: begin + 3000 });
    expect(queue.get(id).attempts.map(({ attempt, error }) => [attempt, error?.code])).toEqual([[1, 'STORAGE_UNREACHABLE'], [2, undefined]]);
  });

  it('keeps the sentences of its error apart, until the next one', () => {
    const { id } = queue.enqueue(sampleJob);
    queue.claim(limits);
    const error = { ...failed, parts: { what: 'It failed', safe: 'All copies', next: 'Wait' } };
    expect(queue.fail(id, error, test.clock.now()).error).toEqual(error);
    test.database.prepare("UPDATE jobs SET error_parts = '{' WHERE id = ?").run(id);
    expect(queue.get(id).error).toEqual(failed);
    expect(queue.claim(limits)?.error).toBeNull();
  });

  it('names what it skipped, as long as the job is there', () => {
    const { id } = queue.enqueue(sampleJob);
    queue.claim(limits);
    const skipped = [{ path: '/b', during: 'read', message: 'busy' }, { path: '/a', during: 'open', message: 'denied' }];
    queue.complete(id, { ...done, phase: 'PARTIAL', skipped });
    expect(queue.skipped(id)).toEqual(skipped);
    queue.remove(id);
    expect(codeOf(() => queue.skipped(id))).toBe('JOB_NOT_FOUND');
    expect(test.database.prepare('SELECT count(*) FROM skipped_items').pluck().get()).toBe(0);
  });

  it('is kept with the latest twenty', () => {
    const { id } = queue.enqueue(sampleJob);
    for (let attempt = 1; attempt <= 25; attempt++) {
      queue.claim(limits);
      queue.fail(id, failed, 0);
    }
    expect(queue.get(id)).toMatchObject({ attempt: 25, failures: 25 });
    expect(queue.get(id).attempts.map(({ attempt }) => attempt)).toEqual(Array.from({ length: 20 }, (_, index) => index + 6));
  });

  it('keeps checkpoints while it runs, and only then', () => {
    const { id } = queue.enqueue(sampleJob);
    expect(queue.checkpoint(id, sampleProgress)).toMatchObject({ phase: 'QUEUED', progress: null });
    queue.claim(limits);
    expect(queue.checkpoint(id, sampleProgress)).toMatchObject({ phase: 'TRANSFERRING', progress: sampleProgress });
    queue.cancel(id, 'enough');
    expect(queue.checkpoint(id, { ...sampleProgress, percent: 50 })).toMatchObject({ phase: 'CANCELLING', progress: { percent: 50 } });
    const cancelled = queue.cancelled(id);
    expect(queue.checkpoint(id, sampleProgress)).toEqual(cancelled);
    expect(test.database.pragma('synchronous', { simple: true })).toBe(2);
  });

  it('shows no checkpoint, history or summary that is not what it should be', () => {
    const { id } = queue.enqueue(sampleJob);
    for (const text of ['{"percent":3}', 'no JSON', '[]']) {
      test.database.prepare('UPDATE jobs SET progress = @text, attempts = @text, summary = @text WHERE id = @id').run({ text, id });
      expect(queue.get(id)).toMatchObject({ progress: null, attempts: [] });
    }
  });
});

describe('cancel, pause, retry', () => {
  it('cancels in two steps where a worker has the job, and keeps the first reason', () => {
    const id = jobsIn['cancelling']?.() ?? '';
    expect(queue.get(id)).toMatchObject({ state: 'running', phase: 'CANCELLING', cancelReason: 'no more' });
    expect(queue.cancelled(id)).toMatchObject({ state: 'done', phase: 'CANCELLED', cancelReason: 'no more', finishedAt: test.clock.now() });
    expect(queue.get(id).attempts[0]?.error).toEqual({ code: 'INTERRUPTED', message: 'Cancelled' });
  });

  it('a job that is done before its worker heard of the cancellation is completed', () => {
    const id = jobsIn['cancelling']?.() ?? '';
    expect(queue.complete(id, { ...done, phase: 'PARTIAL' })).toMatchObject({ phase: 'PARTIAL', cancelReason: null });
  });

  it('resumes by itself what was paused until a time', async () => {
    const timed = queue.pause(queue.enqueue(sampleJob).id, test.clock.now() + 100).id;
    const forGood = jobsIn['paused']?.();
    expect(queue.nextDueAt(test.clock.now())).toBe(test.clock.now() + 100);
    expect(queue.claim(limits)).toBeUndefined();
    expect(queue.resumeDue()).toEqual([]);
    await test.clock.advance(100);
    expect(queue.resumeDue().map(({ id, state, pausedUntil }) => ({ id, state, pausedUntil }))).toEqual([{ id: timed, state: 'queued', pausedUntil: null }]);
    expect([...queue.idsIn('queued'), ...queue.idsIn('paused')]).toEqual([timed, forGood]);
  });

  it('a retry forgets failures, not history', () => {
    const id = jobsIn['failed']?.() ?? '';
    expect(queue.retry(id)).toMatchObject({ state: 'queued', failures: 0, attempt: 1, error: null, finishedAt: null });
    expect(queue.get(id).attempts).toHaveLength(1);
    expect(queue.retry(jobsIn['waiting']?.() ?? '')).toMatchObject({ state: 'queued', nextAttemptAt: null });
  });
});

describe('recover', () => {
  it('puts running jobs back into their place, and ends cancelled ones', () => {
    const first = queue.enqueue(sampleJob).id;
    queue.claim(limits);
    queue.workerStarted(first, 1, undefined);
    const stopping = jobsIn['cancelling']?.();
    queue.enqueue(sampleJob);
    const paused = jobsIn['paused']?.();
    expect(queue.recover().map(({ id, phase, workerPid }) => ({ id, phase, workerPid }))).toEqual([
      { id: first, phase: 'QUEUED', workerPid: null },
      { id: stopping, phase: 'CANCELLED', workerPid: null },
    ]);
    expect(queue.get(first).attempts[0]).toMatchObject({ error: { code: 'INTERRUPTED' }, finished_at: expect.any(String) as string });
    expect(queue.get(first).failures).toBe(0);
    expect(queue.get(paused ?? '').state).toBe('paused');
    expect(queue.claim(limits)?.id).toBe(first);
    queue.recover();
    expect(queue.recover()).toEqual([]);
  });
});

describe('lists', () => {
  it('go back in time page by page', () => {
    const ids = [1, 2, 3, 4, 5].map(() => queue.enqueue(sampleJob).id).reverse();
    queue.pause(ids[1] ?? '', null);
    const listed = (filter: Parameters<JobQueue['list']>[0]): string[] => queue.list(filter).map(({ id }) => id);
    expect(listed({ limit: 2 })).toEqual(ids.slice(0, 2));
    expect(listed({ limit: 2, before: ids[1] ?? '' })).toEqual(ids.slice(2, 4));
    expect(listed({ limit: 9, state: 'paused' })).toEqual([ids[1]]);
    expect(listed({ limit: 2, state: 'queued', before: ids[0] ?? '' })).toEqual([ids[2], ids[3]]);
    expect(codeOf(() => queue.list({ limit: 1, before: 'nobody' }))).toBe('JOB_NOT_FOUND');
  });

  it('of what can be cancelled leave out what is being cancelled', () => {
    const stopping = jobsIn['cancelling']?.();
    const queued = jobsIn['queued']?.();
    jobsIn['completed']?.();
    expect(queue.cancelable()).toEqual([{ id: queued, state: 'queued', phase: 'QUEUED', message: 'Waiting for its turn', percent: 0 }]);
    expect(queue.idsIn('running')).toEqual([stopping]);
    const running = jobsIn['running']?.() ?? '';
    queue.checkpoint(running, sampleProgress);
    expect(queue.cancelable().map(({ id, percent }) => [id, percent])).toEqual([[running, 25], [queued, 0]]);
    test.database.prepare("UPDATE jobs SET progress = '{' WHERE id = ?").run(running);
    expect(queue.cancelable()[0]).toMatchObject({ id: running, percent: 0 });
  });

  it('of ids come in the order in which jobs run', () => {
    const ids = [0, 5, 5, -1].map((priority) => queue.enqueue({ ...sampleJob, priority }).id);
    expect(queue.idsIn('queued')).toEqual([ids[1], ids[2], ids[0], ids[3]]);
  });

  it('find a job of a repository or a plan that is not over', () => {
    const owned = { ...sampleJob, repositoryId: 'other', planId: 'plan' };
    queue.cancel(queue.enqueue(owned).id, null);
    expect([queue.activeOf({ repositoryId: 'other' }), queue.activeOf({ planId: 'plan' })]).toEqual([undefined, undefined]);
    const { id } = queue.pause(queue.enqueue(owned).id, null);
    expect([queue.activeOf({ repositoryId: 'other' })?.id, queue.activeOf({ planId: 'plan' })?.id]).toEqual([id, id]);
    expect([queue.activeOf({ repositoryId: 'home' }), queue.activeOf({ planId: 'none' })]).toEqual([undefined, undefined]);
  });

  it('trims the history by age and by number, and nothing else', async () => {
    const old = [jobsIn['completed']?.(), jobsIn['failed']?.()];
    await test.clock.advance(1000);
    const recent = [jobsIn['completed']?.(), jobsIn['cancelled']?.(), jobsIn['completed']?.()];
    await test.clock.advance(1000);
    const newest = jobsIn['completed']?.();
    const alive = ['queued', 'running', 'paused', 'waiting'].map((state) => jobsIn[state]?.());
    expect(queue.trimHistory({ olderThan: test.clock.now() - 1500, keep: 100 })).toBe(old.length);
    expect(queue.trimHistory({ olderThan: 0, keep: 1 })).toBe(recent.length);
    expect(new Set(queue.list({ limit: 100 }).map(({ id }) => id))).toEqual(new Set([newest, ...alive]));
    expect(queue.counts()).toEqual({ queued: 1, running: 1, paused: 1, waiting: 1, done: 1 });
  });
});

describe('many at once', () => {
  const each = (): string[] => Object.values(jobsIn).map((make) => make());
  const changed = (records: readonly { id: string }[], ids: readonly string[]): string[] => records.map(({ id }) => Object.keys(jobsIn)[ids.indexOf(id)] ?? id);

  it.each([
    ['cancelIdle', (ids: string[]) => queue.cancelIdle(ids, (id) => (id === ids[0] ? 'mine' : 'all')), ['queued', 'paused', 'waiting']],
    ['pauseIdle', (ids: string[]) => queue.pauseIdle(ids, 5), ['queued', 'waiting']],
    ['resumeMany', (ids: string[]) => queue.resumeMany(ids), ['paused']],
  ] as const)('%s changes what fits and leaves the rest', (_, change, fitting) => {
    const ids = each();
    const before = ids.map((id) => queue.get(id));
    const records = change([...ids, 'nobody']);
    expect(changed(records, ids).sort()).toEqual([...fitting].sort());
    expect(records).toEqual(records.map(({ id }) => queue.get(id)));
    for (const [at, id] of ids.entries()) if (!records.some((record) => record.id === id)) expect(queue.get(id)).toEqual(before[at]);
  });

  it('does to each what the single call does', () => {
    const [one = '', other = ''] = [jobsIn['waiting']?.(), jobsIn['waiting']?.()];
    const alike = (record: object): object => ({ ...record, id: '', attempts: [] });
    expect(alike(queue.pauseIdle([one], 7)[0] ?? {})).toEqual(alike(queue.pause(other, 7)));
    expect(alike(queue.resumeMany([one])[0] ?? {})).toEqual(alike(queue.resume(other)));
    expect(alike(queue.cancelIdle([one], () => 'why')[0] ?? {})).toEqual(alike(queue.cancel(other, 'why')));
  });
});

describe('together', () => {
  it('does all or nothing', () => {
    const ids = [1, 2].map(() => queue.enqueue(sampleJob).id);
    expect(codeOf(() => queue.together(() => [...ids, 'nobody'].map((id) => queue.cancel(id, null))))).toBe('JOB_NOT_FOUND');
    expect(queue.counts()).toMatchObject({ queued: 2, done: 0 });
    expect(queue.together(() => ids.map((id) => queue.cancel(id, null).phase))).toEqual(['CANCELLED', 'CANCELLED']);
    queue.enqueue(sampleJob);
    const running = queue.claim(limits)?.id ?? '';
    expect(queue.together(() => [queue.checkpoint(running, sampleProgress).phase, queue.complete(running, done).phase])).toEqual(['TRANSFERRING', 'COMPLETED']);
  });
});
