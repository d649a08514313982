import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobPayload } from '../../shared/job-payload.ts';
import type { JobQueue } from './queue-port.ts';
import { sampleJob } from './testing/sample-jobs.ts';
import { newQueue } from './testing/test-queue.ts';
import type { TestQueue } from './testing/test-queue.ts';

let test: TestQueue;
let queue: JobQueue;

beforeEach(() => {
  test = newQueue();
  ({ queue } = test);
});

afterEach(() => test.close());

const limits = { total: 10, perRepository: 10 };
const prune: JobPayload = { kind: 'prune', options: {}, dry_run: false };
const forget: JobPayload = { kind: 'forget', what: { by: 'ids', snapshots: ['a'.repeat(64)] }, prune: null, dry_run: false };
const done = { phase: 'COMPLETED', snapshotId: null, summary: {}, message: 'Done' } as const;
const claimed = (): string | undefined => queue.claim(limits)?.id;

describe('a job that needs its repository for itself', () => {
  it('waits for those that run, keeps what comes later from overtaking it, and then runs alone', () => {
    const [first, pruning, later] = [sampleJob, { ...sampleJob, payload: prune }, sampleJob].map((job) => queue.enqueue(job).id);
    const elsewhere = queue.enqueue({ ...sampleJob, repositoryId: 'other' }).id;
    expect([claimed(), claimed(), claimed()]).toEqual([first, elsewhere, undefined]);
    queue.complete(first ?? '', done);
    expect([claimed(), claimed()]).toEqual([pruning, undefined]);
    queue.complete(pruning ?? '', done);
    expect([claimed(), claimed()]).toEqual([later, undefined]);
  });

  it('that waits for its next attempt holds nothing up, and begins before what came later once it is due', async () => {
    const forgetting = queue.enqueue({ ...sampleJob, payload: forget }).id;
    claimed();
    queue.fail(forgetting, { code: 'REPOSITORY_LOCKED', message: 'locked' }, test.clock.now() + 1000);
    const backup = queue.enqueue(sampleJob).id;
    const urgent = queue.enqueue({ ...sampleJob, priority: 5 }).id;
    expect(claimed()).toBe(urgent);
    await test.clock.advance(1000);
    expect(claimed()).toBeUndefined();
    queue.complete(urgent, done);
    expect([claimed(), claimed()]).toEqual([forgetting, undefined]);
    queue.complete(forgetting, done);
    expect(claimed()).toBe(backup);
  });

  it('is found by its repository until it is over, and is no backup of its plan', () => {
    const ids = [prune, forget].map((payload) => queue.enqueue({ ...sampleJob, payload, planId: 'plan' }).id);
    queue.enqueue({ ...sampleJob, planId: 'other' });
    expect(queue.exclusiveOf('home').map(({ id }) => id)).toEqual(ids);
    expect(queue.exclusiveOf('other')).toEqual([]);
    expect(queue.activeOf({ planId: 'plan' })).toBeUndefined();
    queue.cancel(ids[0] ?? '', null);
    expect(queue.exclusiveOf('home').map(({ id }) => id)).toEqual(ids.slice(1));
  });
});
