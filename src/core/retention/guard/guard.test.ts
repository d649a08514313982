import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SnapshotSummary, StoredSnapshot } from '../../repository/snapshots.ts';
import { applyPolicy } from '../apply-policy.ts';
import { defaultGroupBy, groupSnapshots, type SnapshotGroup } from '../groups.ts';
import type { RetentionPolicy } from '../policy.ts';
import { Guard } from './guard.ts';
import type { Memory } from './memory.ts';
import { allowedDensity, allowedExtra } from './odd-pace.ts';
import type { OddityCode } from './oddity.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = Date.parse('2026-06-15T12:00:00Z');
const keepLast7: RetentionPolicy = { counts: { last: 7 }, withinEach: {}, tags: [] };

let made = 0;

function id(): string {
  made += 1;
  return made.toString(16).padStart(64, '0');
}

function snapshot(time: number, more: Partial<StoredSnapshot['snapshot']> = {}): StoredSnapshot {
  return { id: id(), snapshot: { time: new Date(time).toISOString(), tree: 'a'.repeat(64), paths: ['/home'], hostname: 'laptop', ...more } };
}

/** Backups at a distance in time, each continuing the one before, the newest an hour ago. */
function rhythm(count: number, distance = day, until = now - hour): StoredSnapshot[] {
  const list: StoredSnapshot[] = [];
  for (let at = count - 1; at >= 0; at--) {
    const parent = list.at(-1)?.id;
    list.push(snapshot(until - at * distance, parent === undefined ? {} : { parent }));
  }
  return list;
}

interface Setting {
  readonly memory?: Memory;
  readonly arrivals?: ReadonlyMap<string, number>;
  readonly at?: number;
}

function look(present: readonly StoredSnapshot[], { memory, arrivals = new Map(), at = now }: Setting = {}): { readonly guard: Guard; readonly group: SnapshotGroup } {
  const [group] = groupSnapshots(present, defaultGroupBy);
  if (group === undefined) throw new Error('there is no group');
  return { guard: new Guard({ repository: 'f'.repeat(64), memory, present, arrivals, now: at }), group };
}

function codes(present: readonly StoredSnapshot[], setting: Setting = {}, policy = keepLast7): OddityCode[] {
  const { guard, group } = look(present, setting);
  return (guard.frozen(group, policy)?.oddities ?? []).map(({ code }) => code);
}

function remember(present: readonly StoredSnapshot[], setting: Setting = {}): Memory {
  const { guard, group } = look(present, setting);
  return guard.remembered([{ group }]);
}

describe('honest histories', () => {
  it.each([
    ['daily', rhythm(60)],
    ['hourly', rhythm(200, hour)],
    ['all made within minutes', rhythm(60, 20_000, now)],
    ['thinned out by retention', [...rhythm(12, 30 * day, now - 40 * day), ...rhythm(6, 7 * day, now - 8 * day), ...rhythm(7, day, now - day), ...rhythm(24, hour)]],
    ['few', rhythm(2)],
    ['with three more than usual within a minute', [...rhythm(20), ...rhythm(3, 10_000, now)]],
  ])('are not odd: %s', (_, present) => {
    expect(codes(present)).toEqual([]);
    // Nor at the next looks, with what honest backups add until then.
    let memory = remember(present);
    let all = present;
    for (let at = now + day; at < now + 4 * day; at += day) {
      all = [...all.slice(-40), ...rhythm(1, day, at - hour)];
      expect(codes(all, { memory, at })).toEqual([]);
      memory = look(all, { memory, at }).guard.remembered([{ group: look(all).group }]);
    }
  });

  it('are not odd where retention had thinned out hourly backups before they were seen, and they go on', () => {
    // The parents are gone: that tells that there was more between.
    const thinned = Array.from({ length: 10 }, (_, at) => snapshot(now - (10 - at) * day, { parent: 'e'.repeat(64) }));
    const memory = remember(thinned);
    expect(codes([...thinned, ...rhythm(24, hour, now + 23 * hour)], { memory, at: now + day })).toEqual([]);
  });

  it('may be copied to another place: everything arrives at once, in any order', () => {
    const present = rhythm(60);
    const arrivals = new Map(present.map(({ id: name }, at) => [name, now - ((at * 37) % 60) * 60_000]));
    expect(codes(present, { arrivals })).toEqual([]);
  });

  it('may be edited: a copy with other tags that replaces a seen snapshot is known', () => {
    const present = rhythm(20);
    const memory = remember(present);
    const old = present[3];
    if (old === undefined) throw new Error('there are twenty');
    const edited = { id: id(), snapshot: { ...old.snapshot, tags: ['x'], original: old.id } };
    const rest = present.filter((one) => one !== old);
    const grouped = (list: readonly StoredSnapshot[]): OddityCode[] => codes(list, { memory });
    expect(grouped([...rest, edited])).toEqual([]);
    // With the original still there, or of another time, or a second time, it replaces nothing.
    expect(grouped([...present, edited])).toEqual(['time-before-seen']);
    expect(grouped([...rest, { ...edited, snapshot: { ...edited.snapshot, time: new Date(now - 5.5 * day).toISOString() } }])).toEqual(['time-before-seen']);
    expect(grouped([...rest, edited, { ...edited, id: id() }])).toEqual(['time-before-seen']);
  });
});

describe('forged times', () => {
  const good = rhythm(20);

  it.each<[string, readonly StoredSnapshot[], Setting, OddityCode[]]>([
    ['from the future', [...good, snapshot(now + 2 * hour)], {}, ['time-in-future']],
    ['within what clocks differ', [...good, snapshot(now + hour / 2)], {}, []],
    ['before the parent', [...good, snapshot(now - 5.5 * day, { parent: good.at(-1)?.id ?? '' })], {}, ['time-before-parent']],
  ])('%s', (_, present, setting, expected) => {
    expect(codes(present, setting)).toEqual(expected);
  });

  it('after the arrival', () => {
    const forged = snapshot(now - day);
    expect(codes([...good, forged], { arrivals: new Map([[forged.id, now - 3 * day]]) })).toEqual(['time-after-arrival']);
  });

  it('between snapshots that had arrived long before', () => {
    const arrivals = new Map(good.map(({ id: name, snapshot: { time } }) => [name, Date.parse(time) + 60_000]));
    const forged = snapshot(now - 10.5 * day);
    expect(codes([...good, forged], { arrivals: arrivals.set(forged.id, now) })).toEqual(['arrived-out-of-order']);
  });

  it('before what was seen', () => {
    const memory = remember(good);
    expect(codes([...good, snapshot(now - 10.5 * day)], { memory })).toEqual(['time-before-seen']);
    expect(codes([...good, snapshot(now - hour)], { memory })).toEqual(['time-before-seen']);
    expect(codes([...good, snapshot(now - hour + 1)], { memory })).toEqual([]);
  });

  it('that were confirmed stay confirmed, and a later one freezes anew', () => {
    const forged = snapshot(now + 30 * day);
    const { guard, group } = look([...good, forged]);
    const frozen = guard.frozen(group, keepLast7);
    if (frozen === undefined) throw new Error('it is frozen');
    const memory = guard.remembered([{ group, confirmed: frozen }]);
    expect(memory.confirmed).toMatchObject([{ codes: ['time-in-future'], snapshots: [forged.id], at: now }]);
    const next = rhythm(1, day, now + day - hour);
    expect(codes([...good, forged, ...next], { memory, at: now + day })).toEqual([]);
    // A pin or a tag gives it a new id and nothing else.
    const pinned = { id: id(), snapshot: { ...forged.snapshot, tags: ['pinned'], original: forged.id } };
    expect(codes([...good, pinned, ...next], { memory, at: now + day })).toEqual([]);
    expect(codes([...good, forged, pinned, ...next], { memory, at: now + day })).toEqual(['time-in-future']);
    const again = snapshot(now + 31 * day);
    const { guard: later, group: grown } = look([...good, forged, ...next, again], { memory, at: now + day });
    expect(later.frozen(grown)?.oddities).toEqual([{ code: 'time-in-future', snapshots: [again.id] }]);
    expect(later.frozen(grown)?.confirmation).not.toBe(frozen.confirmation);
  });
});

describe('floods', () => {
  it('freeze where good snapshots would go for them', () => {
    const good = rhythm(20);
    const flood = rhythm(30, 1000, now);
    const { guard, group } = look([...good, ...flood]);
    expect(guard.frozen(group, keepLast7)?.oddities).toEqual([{ code: 'too-many-new', snapshots: flood.map(({ id: name }) => name), endangered: good.slice(-7).map(({ id: name }) => name) }]);
    expect(codes([...good, ...flood], { memory: remember(good) })).toEqual(['too-many-new']);
    // A rule by age loses nothing by them.
    const within: RetentionPolicy = { counts: {}, within: { years: 0, months: 0, days: 10, hours: 0 }, withinEach: {}, tags: [] };
    expect(codes([...good, ...flood], {}, within)).toEqual([]);
  });

  it('are told from the backups of the time since the last look, also spread over it', () => {
    const good = rhythm(20, day, now - 30 * day);
    const memory = remember(good, { at: now - 30 * day + hour });
    const honest = rhythm(30, day, now - hour);
    expect(codes([...good, ...honest], { memory })).toEqual([]);
    const spread = Array.from({ length: 70 }, (_, at) => snapshot(now - 29.4 * day + at * 0.4 * day));
    expect(codes([...good, ...honest, ...spread], { memory })).toEqual(['too-many-new']);
  });
});

describe('content that changed all at once', () => {
  const summary = (more: Partial<SnapshotSummary>): SnapshotSummary => ({
    backup_start: '2026-01-01T00:00:00Z',
    backup_end: '2026-01-01T00:00:00Z',
    files_new: 1,
    files_changed: 5,
    files_unmodified: 994,
    dirs_new: 0,
    dirs_changed: 1,
    dirs_unmodified: 10,
    data_blobs: 5,
    tree_blobs: 2,
    data_added: 1_000_000,
    data_added_packed: 500_000,
    total_files_processed: 1000,
    total_bytes_processed: 100_000_000,
    ...more,
  });
  const usual = rhythm(10, day, now - day).map(({ id: name, snapshot: one }) => ({ id: name, snapshot: { ...one, summary: summary({}) } }));
  const then = (more: Partial<SnapshotSummary>): StoredSnapshot => snapshot(now - hour, { summary: summary(more) });

  it.each<[string, StoredSnapshot, OddityCode[]]>([
    ['an ordinary day', then({}), []],
    ['every file encrypted in place', then({ files_new: 0, files_changed: 1000, files_unmodified: 0, data_added: 100_000_000, data_added_packed: 100_000_000 }), ['many-files-changed', 'data-incompressible']],
    ['every file encrypted under another name', then({ files_new: 1000, files_changed: 0, files_unmodified: 0, data_added: 100_000_000, data_added_packed: 100_000_000 }), ['many-files-changed', 'data-incompressible']],
    ['every file read again, nothing new', then({ files_new: 1000, files_changed: 0, files_unmodified: 0, data_added: 0, data_added_packed: 0 }), []],
    ['a large film added', then({ files_new: 1, data_added: 20_000_000, data_added_packed: 20_000_000 }), []],
    ['many compressible files added', then({ files_new: 3000, total_files_processed: 4000, total_bytes_processed: 300_000_000, data_added: 200_000_000, data_added_packed: 100_000_000 }), []],
  ])('%s', (_, last, expected) => {
    expect(codes([...usual, last])).toEqual(expected);
    expect(codes([...usual, last], { memory: remember(usual) })).toEqual(expected);
  });

  it('is lived with where it is old at the first look', () => {
    const shifted = [...usual, then({ files_changed: 1000, files_unmodified: 0, data_added: 100_000_000, data_added_packed: 100_000_000 })];
    expect(codes(shifted, { at: now + 40 * day })).toEqual([]);
  });
});

describe('an intruder who adds snapshots', () => {
  const policies: fc.Arbitrary<RetentionPolicy> = fc.record({
    counts: fc.record({ last: fc.integer({ min: 0, max: 9 }), hourly: fc.integer({ min: 0, max: 9 }), daily: fc.integer({ min: 1, max: 9 }), weekly: fc.integer({ min: 0, max: 5 }), monthly: fc.integer({ min: 0, max: 3 }) }),
    withinEach: fc.constantFrom({}, { daily: { years: 0, months: 0, days: 9, hours: 0 } }),
    tags: fc.constant([]),
  });
  const forgedTimes = fc.oneof(
    fc.integer({ min: -40 * day, max: 40 * day }),
    fc.integer({ min: -2 * hour, max: hour }),
    fc.integer({ min: -40, max: 0 }).map((days) => days * day - 1),
  );
  const forgeries = fc.array(fc.record({ shift: forgedTimes, original: fc.integer({ min: -1, max: 30 }), parent: fc.integer({ min: -1, max: 30 }) }), { minLength: 1, maxLength: 120 });

  it('makes no good snapshot go without a confirmation, but by a few backups of the present that anyone could have made', () => {
    let frozen = 0;
    let harmless = 0;
    fc.assert(
      fc.property(policies, fc.constantFrom(hour, 6 * hour, day), fc.integer({ min: 8, max: 40 }), forgeries, (policy, distance, count, forged) => {
        const good = rhythm(count, distance);
        const memory = remember(good);
        const added = forged.map(({ shift, original, parent }) => {
          const [from, back] = [good[original]?.id, good[parent]?.id];
          return snapshot(now + shift, { ...(from === undefined ? {} : { original: from }), ...(back === undefined ? {} : { parent: back }) });
        });
        const { guard, group } = look([...good, ...added], { memory });
        if (guard.frozen(group, policy) !== undefined) {
          frozen += 1;
          return;
        }
        harmless += 1;
        const without = applyPolicy(good, policy, now).keep.map(({ item }) => item.id);
        const kept = new Set(applyPolicy(group.snapshots, policy, now).keep.map(({ item }) => item.id));
        if (without.every((name) => kept.has(name))) return;
        // Then they are backups of the time since the last look, and no more than the rhythm and its allowance.
        expect(added.every(({ snapshot: { time } }) => Date.parse(time) > now - hour && Date.parse(time) <= now + hour)).toBe(true);
        expect(added.length).toBeLessThanOrEqual(1 + allowedExtra + (allowedDensity * 2 * hour) / distance);
      }),
      { seed: 20_261_127, numRuns: 400 },
    );
    expect(frozen).toBeGreaterThan(100);
    expect(harmless).toBeGreaterThan(5);
  });
});
