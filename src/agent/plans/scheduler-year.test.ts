/**
 * A year of plans on a machine that sleeps, is switched off, and whose clock is set: whatever is due is run on time, caught
 * up once, skipped for a job that is not over, or recorded as missed; nothing twice.
 */
import { describe, expect, it } from 'vitest';
import type { Schedule } from '../../shared/contract/schemas/plan.ts';
import { occurrencesOf } from './occurrences.ts';
import { day, hour, minute, ScheduleWorld } from './testing/schedule-world.ts';

const plans: readonly (readonly [Schedule, string, boolean])[] = [
  [{ kind: 'minutes', every: 45, window: { from: '22:00', to: '03:00' } }, 'Europe/Berlin', true],
  [{ kind: 'hours', every: 5 }, 'Asia/Kathmandu', true],
  [{ kind: 'daily', at: '02:30' }, 'Europe/Berlin', true],
  [{ kind: 'daily', at: '02:15' }, 'Australia/Lord_Howe', false],
  [{ kind: 'daily', at: '00:30' }, 'America/Sao_Paulo', true],
  [{ kind: 'weekly', on: ['sunday', 'wednesday'], at: '01:30' }, 'America/New_York', true],
  [{ kind: 'monthly', day: 31, at: '12:00' }, 'America/New_York', false],
  [{ kind: 'cron', expression: '15 2,14 * * 1-5' }, 'Europe/Berlin', true],
  [{ kind: 'manual' }, 'UTC', true],
];

/** Mulberry32: the same numbers for the same seed. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Lives through `length` of wall time; resolves with the spans in which the machine ran undisturbed. */
async function live(world: ScheduleWorld, random: () => number, length: number, ids: readonly string[]): Promise<Span[]> {
  const end = world.clock.now() + length;
  const undisturbed: Span[] = [];
  let highest = world.clock.now();
  const jump = (ms: number): void => world.jump(Math.round(ms));
  while (world.clock.now() < end) {
    const from = Math.max(world.clock.now(), highest);
    await world.pass(Math.round(random() * random() * 3 * day));
    undisturbed.push({ from, to: world.clock.now() });
    highest = Math.max(highest, world.clock.now());
    const what = random();
    if (what < 0.35) jump(random() * random() * 2 * day);
    else if (what < 0.55) jump(-random() * random() * 12 * hour);
    else if (what < 0.9) {
      await world.stop();
      jump(random() < 0.2 ? -random() * hour : random() * random() * 6 * day);
      world.start();
    } else {
      const id = ids[Math.floor(random() * ids.length)] ?? '';
      world.active.add(id);
      await world.pass(Math.round(random() * 8 * hour));
      world.active.delete(id);
    }
    highest = Math.max(highest, world.clock.now());
  }
  // What is still to be caught up has its time now, and no more.
  await world.pass(6 * minute);
  return undisturbed;
}

async function oneLife(seed: number, start: string, length: number): Promise<number> {
  const random = numbers(seed);
  const world = new ScheduleWorld(start);
  world.random = random;
  const begin = world.clock.now();
  const ids = plans.map(([schedule, time_zone, catch_up]) => world.add({ schedule, time_zone, catch_up }));
  world.start();
  const undisturbed = await live(world, random, length, ids);
  await world.stop();
  let checked = 0;
  for (const [at, [schedule, zone, catchUp]] of plans.entries()) {
    const id = ids[at] ?? '';
    const occurrences = occurrencesOf(schedule, zone);
    const runs = world.runs.filter(({ plan }) => plan === id);
    const skipped = world.skipped.filter(({ plan }) => plan === id);
    const { missed_since, settled_until } = world.plan(id);
    if (!catchUp) expect(runs.filter(({ why }) => why === 'catch-up')).toEqual([]);
    // Never twice: what one run stands for begins after what the one before it stood for.
    for (const [index, run] of runs.entries()) {
      expect(run.to).toBeGreaterThanOrEqual(run.from);
      if (index > 0) expect(run.from, `seed ${seed}, ${schedule.kind}`).toBeGreaterThan(runs[index - 1]!.to);
      expect(occurrences.after(run.from - 1)).toBe(run.from);
    }
    const covers = (span: Span, due: number): boolean => span.from <= due && due <= span.to;
    for (let due = occurrences.after(begin); due !== undefined && due <= Date.parse(settled_until); due = occurrences.after(due)) {
      const standing = runs.filter((run) => covers(run, due));
      const isMissed = missed_since !== null && due >= Date.parse(missed_since);
      const isSkipped = skipped.some((skip) => covers(skip, due));
      expect(standing.length + Number(isMissed) + Number(isSkipped), `seed ${seed}, ${schedule.kind}, ${new Date(due).toISOString()}`).toBe(1);
      checked += 1;
      // A jump is noticed within a minute; from then on a timer comes when it should.
      if (!isSkipped && undisturbed.some(({ from, to }) => from + minute < due && due < to - 1000)) {
        expect(standing[0], `seed ${seed}, ${schedule.kind}, ${new Date(due).toISOString()}`).toMatchObject({ why: 'schedule' });
        expect(standing[0]!.at - due).toBeLessThan(1000);
      }
    }
    if (schedule.kind === 'manual') expect(runs).toEqual([]);
  }
  return checked;
}

describe('the scheduler through time', () => {
  it('through a year with two clock changes and a leap day', async () => {
    expect(await oneLife(1, '2027-09-01T00:00:00Z', 366 * day)).toBeGreaterThan(4000);
  });

  it.each(Array.from({ length: 6 }, (_, index) => index + 2))('through a month around a clock change, seed %i', async (seed) => {
    expect(await oneLife(seed, seed % 2 === 0 ? '2028-03-10T00:00:00Z' : '2028-10-10T00:00:00Z', 31 * day)).toBeGreaterThan(100);
  });
});
