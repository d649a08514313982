import { describe, expect, it } from 'vitest';
import type { RetentionScope } from '../../shared/contract/schemas/retention.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { defaultGroupBy, groupSnapshots } from './groups.ts';
import { Guard } from './guard/guard.ts';
import type { Memory } from './guard/memory.ts';
import { distinctScopes, rulesOf, selectSnapshots } from './scope.ts';
import { seenGroups } from './seen-groups.ts';

const day = 86_400_000;
const now = Date.parse('2026-06-15T12:00:00Z');
let made = 0;

function snapshot(daysAgo: number, more: Partial<StoredSnapshot['snapshot']> = {}): StoredSnapshot {
  made += 1;
  return { id: made.toString(16).padStart(64, '0'), snapshot: { time: new Date(now - daysAgo * day).toISOString(), tree: 'a'.repeat(64), paths: ['/home', '/etc'], hostname: 'laptop', ...more } };
}

it('a policy has the rules that its fields name', () => {
  const policy = { keep_last: -1, keep_hourly: 0, keep_daily: 7, keep_within: '2h1y', keep_within_weekly: '1m', keep_tags: ['a,b', 'c'] };
  expect(rulesOf({ selection: { by: 'filter', hosts: [], tags: [], paths: [] }, policy, group_by: ['tags'] })).toEqual({
    policy: {
      counts: { last: -1, daily: 7 },
      within: { years: 1, months: 0, days: 0, hours: 2 },
      withinEach: { weekly: { years: 0, months: 1, days: 0, hours: 0 } },
      tags: [['a', 'b'], ['c']],
    },
    groupBy: { host: false, paths: false, tags: true },
    allowRemoveAll: false,
  });
});

describe('scopes that mean the same', () => {
  const like = ({ id }: StoredSnapshot, policy: RetentionScope['policy'] = { keep_last: 7 }): RetentionScope => ({ selection: { by: 'like', snapshot_id: id }, policy, group_by: ['host', 'paths'] });

  it('are one, the last, as those of the backups of a plan', () => {
    const [first, second, mail] = [snapshot(2, { tags: ['a'] }), snapshot(1, { tags: ['a', 'pinned'] }), snapshot(1, { tags: ['mail'] })];
    const all = [first, second, mail];
    const filter: RetentionScope = { selection: { by: 'filter', hosts: [], tags: [], paths: [] }, policy: { keep_daily: 3 }, group_by: ['paths', 'host'] };
    const given = [like(first), like(mail), filter, like(second), { ...filter, group_by: ['host', 'paths'] } satisfies RetentionScope];
    expect(distinctScopes(given, all)).toEqual([like(mail), like(second), given[4]]);
    expect(distinctScopes([like(first), like(second, { keep_last: 8 }), { ...like(first), group_by: [] }], all)).toHaveLength(3);
    expect(distinctScopes([like(first, { keep_last: 1, keep_daily: 2 }), like(first, { keep_daily: 2, keep_last: 1 })], all)).toHaveLength(1);
  });

  it('are none where the snapshot is gone that others were to be like', () => {
    const [first, gone] = [snapshot(2), snapshot(1)];
    expect(distinctScopes([like(first), like(gone)], [first])).toEqual([like(first)]);
  });
});

describe('snapshots like one', () => {
  const model = snapshot(0, { tags: ['a', 'b'] });
  const like = (id: string, ...all: StoredSnapshot[]): string[] => selectSnapshots(all, { by: 'like', snapshot_id: id }).map((one) => one.id);

  it('have its host, paths and tags, in any order, pinned or not', () => {
    const same = [snapshot(1, { tags: ['b', 'a'], paths: ['/etc', '/home'] }), snapshot(2, { tags: ['a', 'pinned', 'b'] })];
    const others = [snapshot(1, { tags: ['a'] }), snapshot(1), snapshot(1, { tags: ['a', 'b', 'c'] }), snapshot(1, { tags: ['a', 'b'], paths: ['/home'] }), snapshot(1, { tags: ['a', 'b'], hostname: 'desk' })];
    expect(like(model.id, ...same, ...others, model)).toEqual([...same, model].map(({ id }) => id));
  });

  it('are found by its edited copy where it is gone, and are none where that is gone, too', () => {
    const copy = snapshot(0, { tags: ['a', 'b', 'pinned'], original: model.id });
    const other = snapshot(1, { tags: ['a', 'b'] });
    expect(like(model.id, other, copy)).toEqual([other.id, copy.id]);
    expect(like(model.id, other)).toEqual([]);
  });
});

describe('what a forget of a part of a group remembers', () => {
  const policy = { counts: { last: 7 }, withinEach: {}, tags: [] };
  const looking = (present: readonly StoredSnapshot[], memory?: Memory, at = now): Guard => new Guard({ repository: 'f'.repeat(64), memory, present, arrivals: new Map(), now: at });
  const remember = (present: readonly StoredSnapshot[], part: readonly StoredSnapshot[], memory?: Memory): Memory => {
    const guard = looking(present, memory);
    return guard.remembered(seenGroups(present, { free: groupSnapshots(part, defaultGroupBy), frozen: [] }, guard, policy).map((group) => ({ group })));
  };
  const codes = (present: readonly StoredSnapshot[], memory: Memory, at = now): string[] => groupSnapshots(present, defaultGroupBy).flatMap((group) => (looking(present, memory, at).frozen(group, policy)?.oddities ?? []).map(({ code }) => code));

  const part = [5, 4, 3, 2, 1].map((days) => snapshot(days, { tags: ['plan'] }));
  const rest = [4.5, 3.5, 2.5].map((days) => snapshot(days));

  it('is all of it, so that the rest is not odd afterwards', () => {
    const memory = remember([...part, ...rest], part);
    expect(codes([...part, ...rest], memory)).toEqual([]);
    expect(codes([...part, ...rest, snapshot(2.2)], memory)).toEqual(['time-before-seen']);
  });

  it('is the part alone where the whole is odd', () => {
    const memory = remember([...part, ...rest, snapshot(-300)], part);
    expect(Object.values(memory.seen).flat()).toHaveLength(part.length);
  });

  it('is nothing of other groups', () => {
    const desk = snapshot(1, { hostname: 'desk' });
    const memory = remember([...part, ...rest, desk], part);
    expect(Object.values(memory.seen).flat().map(({ id }) => id)).not.toContain(desk.id);
  });

  describe('with a flood beside it', () => {
    const byTags = { host: true, paths: true, tags: true };
    const weekly = Array.from({ length: 10 }, (_, i) => snapshot(75 - 7 * i, { tags: ['a'] }));
    const hourly = Array.from({ length: 20 }, (_, i) => snapshot(2 - i / 24, { tags: ['b'] }));
    const forged = Array.from({ length: 10 }, (_, i) => snapshot(0.3 - i / 288, { tags: ['a'] }));
    const before = looking([...weekly, ...hourly], undefined, now - day / 2);
    const memory = before.remembered(groupSnapshots([...weekly, ...hourly], byTags).map((group) => ({ group })));
    const all = [...weekly, ...hourly, ...forged];
    const frozenCodes = (then: Memory): string[] => groupSnapshots(all, byTags).flatMap((group) => (looking(all, then).frozen(group, policy)?.oddities ?? []).map(({ code }) => code));

    it('is nothing of a part that is frozen in the same forget', () => {
      expect(frozenCodes(memory)).toEqual(['too-many-new']);
      const guard = looking(all, memory);
      const groups = groupSnapshots(all, byTags);
      const isFrozen = (group: (typeof groups)[number]): boolean => guard.frozen(group, policy) !== undefined;
      const after = guard.remembered(seenGroups(all, { free: groups.filter((group) => !isFrozen(group)), frozen: groups.filter(isFrozen) }, guard, policy).map((group) => ({ group })));
      expect(frozenCodes(after)).toEqual(['too-many-new']);
    });

    it('is nothing of the flood, although the policy that ran would lose nothing by it', () => {
      const guard = looking(all, memory);
      const byAge = { counts: {}, within: { years: 1, months: 0, days: 0, hours: 0 }, withinEach: {}, tags: [] };
      const free = groupSnapshots(hourly, byTags);
      const after = guard.remembered(seenGroups(all, { free, frozen: [] }, guard, byAge).map((group) => ({ group })));
      expect(frozenCodes(after)).toEqual(['too-many-new']);
    });
  });

  it('is the rest, too, where nothing is odd but what was just confirmed', () => {
    const future = snapshot(-300, { tags: ['plan'] });
    const all = [...part, ...rest, future];
    const guard = looking(all);
    const [group] = groupSnapshots([...part, future], defaultGroupBy);
    if (group === undefined) throw new TypeError('a group is expected');
    const frozen = guard.frozen(group, policy);
    if (frozen === undefined) throw new TypeError('a snapshot of the future is odd');
    const confirmed = frozen.oddities.flatMap(({ snapshots }) => snapshots);
    const memory = guard.remembered([{ group, confirmed: frozen }, ...seenGroups(all, { free: [group], frozen: [], confirmed }, guard, policy).map((seen) => ({ group: seen }))]);
    expect(codes(all, memory)).toEqual([]);
  });
});
