import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import type { Plan } from '../../shared/contract/schemas/plan.ts';
import { Failure } from '../../shared/errors.ts';
import type { JobRecord, NewJob } from '../queue/job-record.ts';
import { sampleJob } from '../queue/testing/sample-jobs.ts';
import { keepsNothing, PlanRetention, twinOf } from './plan-retention.ts';

const day = 86_400_000;
const madeSnapshot = 'b'.repeat(64);
const plan: Pick<Plan, 'plan_id' | 'name' | 'repository_id' | 'paths' | 'tags' | 'retention' | 'priority'> = {
  plan_id: 'letters', name: 'Letters', repository_id: 'home', paths: ['/home/ann'], tags: ['a'], priority: 3, retention: { keep_daily: 7, enabled: true },
};

/** Of the plan. */
const backup = { ...(sampleJob.payload as Extract<JobRecord['payload'], { kind: 'backup' }>), tags: ['a'] };

class World {
  clock = new FakeClock();
  readonly jobs: NewJob[] = [];
  waiting: JobRecord[] = [];
  plans = [plan];
  pruned: string | undefined;
  refusal: Failure | undefined;
  readonly retention = new PlanRetention({
    clock: { now: () => this.clock.now(), monotonic: () => this.clock.monotonic(), sleep: (ms, signal) => this.clock.sleep(ms, signal) },
    logger: silentLogger,
    queue: { exclusiveOf: () => this.waiting },
    enqueue: (job) => {
      if (this.refusal !== undefined) throw this.refusal;
      this.jobs.push(job);
    },
    plans: () => this.plans,
    lastPruned: () => this.pruned,
    notePruned: (_id, at) => (this.pruned = at),
    maxAttempts: () => 4,
  });

  /** A job of the plan that ended, a backup unless something else is given; the kinds of the jobs that followed. */
  ended(changes: Partial<JobRecord> = {}): string[] {
    const before = this.jobs.length;
    this.retention.jobEnded({ ...sampleJob, payload: backup, planId: 'letters', state: 'done', phase: 'COMPLETED', snapshotId: madeSnapshot, summary: {}, ...changes } as JobRecord);
    return this.jobs.slice(before).map(({ payload }) => payload.kind);
  }
}

const forgot = { payload: { kind: 'forget', what: { by: 'ids', snapshots: ['x'] }, prune: null, dry_run: false }, snapshotId: null } as const satisfies Partial<Record<keyof JobRecord, unknown>>;
const pruned = { kind: 'prune', payload: { kind: 'prune', options: {}, dry_run: false } } as const;
/** The forget that follows a backup, as it waits in the queue. */
const followed = (world: World): JobRecord => {
  world.ended();
  return { ...world.jobs.at(-1), kind: 'forget', state: 'queued' } as JobRecord;
};
const forgetEnded = forgot as unknown as Partial<JobRecord>;

describe('after a backup of a plan', () => {
  it('that went well, a forget follows, for snapshots like the one it made', () => {
    const world = new World();
    expect(world.ended()).toEqual(['forget']);
    expect(world.jobs).toEqual([
      {
        payload: { kind: 'forget', what: { by: 'policy', selection: { by: 'like', snapshot_id: madeSnapshot }, policy: { keep_daily: 7 }, group_by: ['host', 'paths'] }, prune: null, dry_run: false, of: { paths: ['/home/ann'], tags: ['a'] } },
        planId: 'letters',
        repositoryId: 'home',
        priority: 3,
        traceId: sampleJob.traceId,
        maxAttempts: 4,
      },
    ]);
  });

  it.each<[string, Partial<JobRecord>]>([
    ['was done in part', { phase: 'PARTIAL' }],
    ['failed', { phase: 'FAILED', snapshotId: null }],
    ['was cancelled', { phase: 'CANCELLED', snapshotId: null }],
    ['is of no plan', { planId: null }],
    ['is of a plan that is gone', { planId: 'gone' }],
    ['went elsewhere', { repositoryId: 'other' }],
    ['saved other paths', { payload: { ...backup, paths: ['/home/ann/letters'] } }],
    ['has a tag more than the plan', { payload: { ...backup, tags: ['a', 'b'] } }],
    ['has the tags that the plan had earlier', { payload: { ...backup, tags: ['earlier'] } }],
    ['made no snapshot', { snapshotId: null }],
  ])('that %s, nothing follows', (_what, changes) => {
    expect(new World().ended(changes)).toEqual([]);
  });

  it.each<[string, Plan['retention']]>([
    ['says nothing', {}],
    ['only keeps rules, as those of earlier versions do', { keep_daily: 7 }],
    ['has no rule', { enabled: true, keep_daily: 0 }],
  ])('whose retention %s, nothing follows', (_what, retention) => {
    const world = new World();
    world.plans = [{ ...plan, retention }];
    expect(world.ended()).toEqual([]);
  });

  it('nothing follows where another plan makes snapshots that look the same, however it writes its paths', () => {
    const world = new World();
    const twin = { ...plan, plan_id: 'twin', paths: ['/home/ann/'], retention: {} };
    world.plans = [plan, twin];
    expect(world.ended()).toEqual([]);
    expect(twinOf(plan, world.plans)).toBe(twin);
    expect(twinOf(plan, [plan, { ...twin, tags: ['pinned', 'a', 'a'] }])).toBeDefined();
    for (const other of [{ tags: [] }, { paths: ['/home'] }, { repository_id: 'other' }]) expect(twinOf(plan, [plan, { ...twin, ...other }])).toBeUndefined();
  });

  it('a backup that was pinned when it was asked for is the plan\'s all the same', () => {
    expect(new World().ended({ payload: { ...backup, tags: ['pinned', 'a'] } })).toEqual(['forget']);
  });

  it('no second forget waits; one that runs may have begun before the snapshot was there', () => {
    const world = new World();
    const waiting = followed(world);
    world.waiting = [{ ...waiting, state: 'waiting' }];
    expect(world.ended()).toEqual([]);
    world.waiting = [{ ...waiting, state: 'running' }, { ...waiting, ...pruned, state: 'queued' }, { ...waiting, planId: 'another' }];
    expect(world.ended()).toEqual(['forget']);
  });

  it.each<[string, (plan: Plan) => readonly Plan[]]>([
    ['has other rules', (one) => [{ ...one, retention: { keep_daily: 70, enabled: true } }]],
    ['has no rules any more', (one) => [{ ...one, retention: { keep_daily: 7, enabled: false } }]],
    ['has other tags', (one) => [{ ...one, tags: ['b'] }]],
    ['has other paths', (one) => [{ ...one, paths: ['/home'] }]],
    ['goes elsewhere', (one) => [{ ...one, repository_id: 'other' }]],
    ['has a twin', (one) => [one, { ...one, plan_id: 'twin' }]],
    ['is gone', () => []],
  ])('a forget is withdrawn once its plan %s', (_how, change) => {
    const world = new World();
    const waiting = followed(world);
    expect(world.retention.isWithdrawn(waiting)).toBe(false);
    world.plans = [...change(world.plans[0] as Plan)];
    expect(world.retention.isWithdrawn(waiting)).toBe(true);
  });

  it('what a plan is called, when it runs and what a person asks for withdraw nothing', () => {
    const world = new World();
    const waiting = followed(world);
    world.plans = [{ ...plan, name: 'Mail', priority: 5, retention: { enabled: true, prune: 'never', keep_daily: 7 } }];
    expect(world.retention.isWithdrawn(waiting)).toBe(false);
    world.plans = [];
    for (const other of [{ ...waiting, planId: null }, { ...waiting, ...pruned }, { ...waiting, payload: backup }]) expect(world.retention.isWithdrawn(other as JobRecord)).toBe(false);
  });

  it('a forget that is withdrawn keeps none of the new rules from waiting', () => {
    const world = new World();
    world.waiting = [followed(world)];
    world.plans = [{ ...plan, retention: { keep_daily: 70, enabled: true } }];
    expect(world.ended()).toEqual(['forget']);
    expect(world.jobs.at(-1)?.payload).toMatchObject({ what: { policy: { keep_daily: 70 } } });
  });

  it('a full disk costs the forget and nothing else', () => {
    const world = new World();
    world.refusal = new Failure('QUEUE_FULL', { what: 'The disk is full' });
    expect(world.ended()).toEqual([]);
  });
});

describe('after a forget of a plan', () => {
  it.each<[Plan['retention']['prune'], number]>([[undefined, 2], ['weekly', 2], ['daily', 14], ['monthly', 1], ['never', 0]])('prune: %s follows %i times in two weeks of daily backups', async (prune, times) => {
    const world = new World();
    world.plans = [{ ...plan, retention: { ...plan.retention, ...(prune === undefined ? {} : { prune }) } }];
    let count = 0;
    for (let at = 0; at < 14; at++) {
      expect(world.ended()).toEqual(['forget']);
      const followed = world.ended(forgetEnded);
      count += followed.length;
      // A prune takes a while, and counts from its end.
      await world.clock.advance(3_600_000);
      if (followed.length > 0) world.ended({ payload: { kind: 'prune', options: {}, dry_run: false }, summary: { pruned: true } });
      await world.clock.advance(day - 3_600_000);
    }
    expect(count).toBe(times);
  });

  it('a prune that fails is tried again the next day, not after each backup', async () => {
    const world = new World();
    expect(world.ended(forgetEnded)).toEqual(['prune']);
    world.ended({ payload: { kind: 'prune', options: {}, dry_run: false }, phase: 'FAILED', summary: null });
    await world.clock.advance(3_600_000);
    expect(world.ended(forgetEnded)).toEqual([]);
    await world.clock.advance(day);
    expect(world.ended(forgetEnded)).toEqual(['prune']);
  });

  it('a clock that was ahead once does not put off prunes', async () => {
    const world = new World();
    world.pruned = new Date(world.clock.now() + 365 * day).toISOString();
    expect(world.ended(forgetEnded)).toEqual(['prune']);
    // The prune was asked for on a day that is yet to come.
    world.clock = new FakeClock(world.clock.now() - 30 * day);
    expect(world.ended(forgetEnded)).toEqual(['prune']);
  });

  it('that did not go well, or was a person\'s, no prune follows', () => {
    const world = new World();
    for (const changes of [{ phase: 'PARTIAL' }, { phase: 'FAILED' }, { planId: null }] as const) expect(world.ended({ ...forgetEnded, ...changes })).toEqual([]);
  });
});

it('rules that keep nothing are known as such only where they are to act', () => {
  expect([keepsNothing({ enabled: true }), keepsNothing({ enabled: true, prune: 'daily', keep_tags: [] }), keepsNothing({}), keepsNothing({ enabled: true, keep_within: '1d' })]).toEqual([true, true, false, false]);
});
