import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { newPlan } from '../../shared/contract/schemas/plan.ts';
import { Failure } from '../../shared/errors.ts';
import { day, hour, minute, ScheduleWorld } from './testing/schedule-world.ts';

let world: ScheduleWorld;
afterEach(() => world.stop());

/** Daily at two at night; the scheduler runs since midnight. */
function nightly(input: Partial<Parameters<ScheduleWorld['add']>[0]> = {}): string {
  world = new ScheduleWorld('2026-05-01T00:00:00Z');
  const id = world.add({ schedule: { kind: 'daily', at: '02:00' }, ...input });
  world.start();
  return id;
}

describe('the scheduler', () => {
  it('starts a plan when it is due, and notes the run', async () => {
    const id = nightly();
    await world.pass(2 * day);
    expect(world.told(id)).toEqual(['05-01 02:00 schedule', '05-02 02:00 schedule']);
    expect(world.plan(id)).toMatchObject({ last_run_at: '2026-05-02T02:00:00.000Z', last_job_id: 'job-2', missed_since: null });
    expect(world.book.get(id).next_runs.slice(0, 2)).toEqual(['2026-05-03T02:00:00.000Z', '2026-05-04T02:00:00.000Z']);
    expect(world.clock.steady.sleeping).toBe(1);
  });

  it.each<[string, () => Promise<void>]>([
    [
      'a sleep',
      () => {
        world.jump(3 * day);
        return Promise.resolve();
      },
    ],
    [
      'a power-off',
      async () => {
        await world.stop();
        world.jump(3 * day);
        world.start();
      },
    ],
  ])('catches up once after %s, after a small delay, and goes on', async (_what, absence) => {
    const id = nightly();
    await world.pass(3 * hour);
    await absence();
    await world.pass(2 * minute);
    expect(world.plan(id).missed_since).toBe('2026-05-02T02:00:00.000Z');
    expect(world.told(id)).toHaveLength(1);
    await world.pass(day);
    expect(world.told(id)).toEqual(['05-01 02:00 schedule', expect.stringMatching(/^05-04 03:0[234] catch-up$/), '05-05 02:00 schedule']);
    expect(world.plan(id).missed_since).toBeNull();
  });

  it('delays a catch-up by a tenth of the interval at most', async () => {
    world = new ScheduleWorld('2026-05-01T00:01:00Z');
    const id = world.add({ schedule: { kind: 'minutes', every: 10 } });
    world.random = () => 0.999;
    world.start();
    await world.pass(minute);
    world.jump(hour);
    await world.pass(2.5 * minute);
    expect(world.told(id)).toEqual(['05-01 01:03 catch-up']);
  });

  it('only records what was missed where a plan does not want to catch up; the next run clears it', async () => {
    const id = nightly({ catch_up: false });
    await world.pass(hour);
    world.jump(5 * hour);
    await world.pass(12 * hour);
    expect(world.told(id)).toEqual([]);
    expect(world.plan(id).missed_since).toBe('2026-05-01T02:00:00.000Z');
    await world.pass(9 * hour);
    expect(world.told(id)).toEqual(['05-02 02:00 schedule']);
    expect(world.plan(id).missed_since).toBeNull();
  });

  it('does not run again what ran when the clock is set back', async () => {
    const id = nightly();
    await world.pass(2 * hour + 10 * minute);
    world.jump(-hour);
    await world.pass(day);
    await world.stop();
    world.jump(-hour);
    world.start();
    await world.pass(2 * hour);
    expect(world.told(id)).toEqual(['05-01 02:00 schedule', '05-02 02:00 schedule']);
  });

  it('is not silent for a year because the clock was a year ahead', async () => {
    const id = nightly();
    await world.pass(hour);
    world.jump(365 * day);
    await world.pass(10 * minute);
    world.jump(-365 * day);
    await world.pass(day);
    expect(world.told(id)).toEqual([expect.stringMatching(/^05-01 01:0\d catch-up$/), '05-01 02:00 schedule']);
    expect(world.lines).toContain('the clock was set back by more than a day: the plan goes on from now');
    expect(world.lines.filter((line) => line.startsWith('the clock jumped'))).toHaveLength(2);
  });

  it('does not queue a plan twice: its job stands for the run', async () => {
    const id = nightly();
    world.active.add(id);
    await world.pass(3 * hour);
    world.jump(3 * day);
    await world.pass(hour);
    expect(world.told(id)).toEqual([]);
    expect(world.plan(id).missed_since).toBeNull();
    world.active.clear();
    await world.pass(day);
    expect(world.told(id)).toEqual(['05-05 02:00 schedule']);
  });

  it('records a run that cannot be started, and tries again', async () => {
    const id = nightly();
    world.refusal = new Failure('QUEUE_FULL', { what: 'The disk is full' });
    await world.pass(3 * hour);
    expect(world.plan(id).missed_since).toBe('2026-05-01T02:00:00.000Z');
    world.refusal = undefined;
    await world.pass(10 * minute);
    expect(world.told(id)).toEqual([expect.stringMatching(/^05-01 03:0\d catch-up$/)]);
  });

  it.each([0, 1])('neither loses nor repeats a run where the disk is full at its write %i', async (writes) => {
    const id = nightly();
    await world.pass(hour);
    world.full = { error: new Failure('QUEUE_FULL', { what: 'The disk is full' }), writes };
    await world.pass(2 * hour);
    expect(world.told(id)).toHaveLength(writes);
    world.full = undefined;
    await world.pass(hour);
    expect(world.told(id)).toHaveLength(1);
    expect(world.plan(id)).toMatchObject({ last_job_id: 'job-1', missed_since: null });
  });

  it('starts the others where one plan fails', async () => {
    world = new ScheduleWorld('2026-05-01T00:00:00Z');
    const first = world.add({ schedule: { kind: 'daily', at: '02:00' } });
    const second = world.add({ schedule: { kind: 'daily', at: '02:00' } });
    world.start();
    const push = world.runs.push.bind(world.runs);
    world.runs.push = (run) => {
      if (run.plan === first) throw new Error('broken');
      return push(run);
    };
    await world.pass(3 * hour);
    expect(world.told(second)).toEqual(['05-01 02:00 schedule']);
  });

  it('loses no run to a crash between its two notes, and repeats none', async () => {
    const id = nightly();
    await world.pass(hour);
    // The agent dies while the job is put into the queue: the first note is on disk, the second never comes.
    world.refusal = new Error('killed');
    await world.pass(hour + 30_000);
    await world.stop();
    world.refusal = undefined;
    world.start();
    await world.pass(6 * minute);
    expect(world.told(id)).toHaveLength(1);
  });
});

describe('a paused plan', () => {
  it('skips its runs until resumed, and what it skipped is not missed', async () => {
    const id = nightly();
    expect(world.book.pause(id, null)).toMatchObject({ paused_until: '9999-12-31T23:59:59.999Z', next_runs: [] });
    await world.pass(2 * day);
    expect(world.book.resume(id).paused_until).toBeNull();
    await world.pass(day);
    expect(world.told(id)).toEqual(['05-03 02:00 schedule']);
  });

  it('goes on by itself at its time, also while the agent is not there: what comes after that is missed', async () => {
    const id = nightly();
    world.book.pause(id, Date.parse('2026-05-02T12:00:00Z'));
    expect(world.book.get(id).next_runs[0]).toBe('2026-05-03T02:00:00.000Z');
    await world.pass(hour);
    await world.stop();
    world.jump(3 * day);
    world.start();
    await world.pass(minute);
    expect(world.plan(id)).toMatchObject({ paused_until: null, missed_since: '2026-05-03T02:00:00.000Z' });
    await world.pass(10 * minute);
    expect(world.told(id)).toHaveLength(1);
  });

  it('is paused and resumed with all others', async () => {
    const id = nightly();
    world.book.pauseAll(null);
    await world.pass(2 * day);
    expect(world.book.get(id).next_runs).toEqual([]);
    world.book.resumeAll();
    await world.pass(day);
    world.book.pauseAll(world.clock.now() + day + hour);
    await world.pass(2 * day);
    expect(world.told(id)).toEqual(['05-03 02:00 schedule', '05-05 02:00 schedule']);
    expect(world.document.plansPausedUntil).toBeNull();
  });

  it('can be started by hand', async () => {
    const id = nightly();
    world.book.pause(id, null);
    expect(await world.scheduler.runNow(id)).toBe('job-1');
    expect(world.plan(id).last_job_id).toBe('job-1');
    await expect(world.scheduler.runNow('unknown')).rejects.toMatchObject({ code: 'PLAN_NOT_FOUND' });
  });
});

describe('a changed plan', () => {
  it('follows its new schedule at once', async () => {
    const id = nightly();
    await world.pass(hour);
    const input = newPlan.parse({ name: 'plan', repository_id: 'default', paths: ['/data'], time_zone: 'UTC' });
    world.book.update(id, { ...input, schedule: { kind: 'daily', at: '00:30' } });
    await world.pass(day);
    expect(world.told(id)).toEqual(['05-02 00:30 schedule']);
    world.book.update(id, { ...input, enabled: false, schedule: { kind: 'minutes', every: 5 } });
    await world.pass(day);
    world.book.update(id, { ...input, schedule: { kind: 'minutes', every: 720 } });
    await world.pass(12 * hour);
    expect(world.told(id).slice(1)).toEqual(['05-03 12:00 schedule']);
    world.book.remove(id);
    await world.pass(day);
    expect(world.runs).toHaveLength(2);
  });
});

describe('a drive that must be there', () => {
  it('keeps a run back until it is; the run counts as missed meanwhile', async () => {
    const folder = temporaryFolder('drive');
    const drive = join(folder, 'drive');
    try {
      const id = nightly({ conditions: { on_battery: 'run', metered_network: 'run', drive_present: drive } });
      await world.pass(2 * hour - 1);
      await settledWhile(() => world.pass(1));
      await settledWhile(() => world.pass(hour));
      expect(world.told(id)).toEqual([]);
      expect(world.plan(id).missed_since).toBe('2026-05-01T02:00:00.000Z');
      expect(world.lines).toContain('a run was skipped: the drive is not there');
      mkdirSync(drive);
      for (let turn = 0; turn < 100 && world.runs.length === 0; turn += 1) await settledWhile(() => world.pass(10_000));
      expect(world.runs.map(({ why }) => why)).toEqual(['catch-up']);
    } finally {
      await world.stop();
      rmSync(folder, { recursive: true });
    }
  });
});

/** The disk answers in real time, while the clock of the test stands. */
async function settledWhile(body: () => Promise<void>): Promise<void> {
  await body();
  await pause(20);
}
