import { describe, expect, it } from 'vitest';
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import { Guard } from '../../core/retention/guard/guard.ts';
import type { Memory } from '../../core/retention/guard/memory.ts';
import type { RetentionScope } from '../../shared/contract/schemas/retention.ts';
import { confirmedGroup, findFreezes, type FoundFreeze } from './find-freezes.ts';

const minute = 60_000;
const day = 86_400_000;
const now = Date.parse('2026-06-15T12:00:00Z');
let made = 0;

function snapshot(time: number, tags: string[] = ['plan'], hostname = 'laptop'): StoredSnapshot {
  made += 1;
  return { id: made.toString(16).padStart(64, '0'), snapshot: { time: new Date(time).toISOString(), tree: 'a'.repeat(64), paths: ['/home'], hostname, tags } };
}

const guardOf = (present: readonly StoredSnapshot[], memory?: Memory): Guard => new Guard({ repository: 'f'.repeat(64), memory, present: inTime(present), arrivals: new Map(), now });
const inTime = (list: readonly StoredSnapshot[]): StoredSnapshot[] => list.toSorted((a, b) => Date.parse(a.snapshot.time) - Date.parse(b.snapshot.time));
const find = (present: readonly StoredSnapshot[], scopes: readonly RetentionScope[], memory?: Memory): FoundFreeze[] => findFreezes(inTime(present), guardOf(present, memory), scopes);
const reasons = (freeze: FoundFreeze | undefined): [string, string[]][] => (freeze?.frozen.oddities ?? []).map(({ code, snapshots }) => [code, [...snapshots]]);
const ids = (list: readonly StoredSnapshot[]): string[] => list.map(({ id }) => id);

const steady = [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((days) => snapshot(now - days * day));
/** Eight within minutes, which would push out the good ones of a plan that keeps seven. */
const flood = [8, 7, 6, 5, 4, 3, 2, 1].map((at) => snapshot(now - at * minute));
const forged = snapshot(now + 300 * day, ['other']);
const model = flood.at(-1)?.id ?? '';
const plan = (group_by: RetentionScope['group_by'] = ['host', 'paths']): RetentionScope => ({ selection: { by: 'like', snapshot_id: model }, policy: { keep_last: 7 }, group_by });
const known = (): Memory => {
  const guard = guardOf(steady);
  return guard.remembered([{ group: { key: { host: 'laptop', paths: ['/home'], tags: null }, snapshots: steady } }]);
};

describe('looks at snapshots of one host and its paths', () => {
  it('are one freeze, in which nothing that any of them found is missing', () => {
    const freezes = find([...steady, ...flood, forged], [plan()], known());
    expect(freezes).toHaveLength(1);
    expect(reasons(freezes[0])).toEqual([['time-in-future', [forged.id]], ['too-many-new', ids(flood)]]);
    expect(freezes[0]?.group.snapshots).toHaveLength(steady.length + flood.length + 1);
    const [alone] = find([...steady, ...flood, forged], [], known());
    expect(reasons(alone)).toEqual([['time-in-future', [forged.id]]]);
    expect(freezes[0]?.frozen.confirmation).not.toBe(alone?.frozen.confirmation);
  });

  it('that found the same have one confirmation, in whatever order they came', () => {
    const two = [plan(), { ...plan(), policy: { keep_last: 6 } }];
    const [one] = find([...steady, ...flood, forged], two, known());
    const [other] = find([...steady, ...flood, forged], two.toReversed(), known());
    expect(one?.frozen.confirmation).toBe(other?.frozen.confirmation);
    expect(reasons(one)).toEqual([['time-in-future', [forged.id]], ['too-many-new', ids(flood)]]);
    const [, tooMany] = one?.frozen.oddities ?? [];
    expect(new Set(tooMany?.endangered).size).toBe(tooMany?.endangered?.length);
  });

  it('of two plans that are apart name the snapshots of both', () => {
    const mail = [12, 11, 10, 9].map((days) => snapshot(now - days * day - minute, ['mail']));
    const odd = [snapshot(now + 30 * day), snapshot(now + 20 * day, ['mail'])];
    const scopes = odd.map(({ id }): RetentionScope => ({ ...plan(), selection: { by: 'like', snapshot_id: id } }));
    const [freeze] = find([...steady, ...mail, ...odd], scopes);
    expect(reasons(freeze)).toEqual([['time-in-future', ids(inTime(odd))]]);
  });
});

describe('what a confirmation lets be remembered', () => {
  it('is the whole group', () => {
    const found = find([...steady, forged], [], known());
    const [freeze] = found;
    expect(freeze === undefined ? undefined : ids(confirmedGroup(freeze, found).snapshots)).toEqual(ids([...steady, forged]));
  });

  it('is what was shown alone where another freeze finds more of the group odd', () => {
    const all = [...steady, ...flood, forged];
    const found = find(all, [plan(['host', 'paths', 'tags'])], known());
    const [shown] = found;
    expect(found.map((freeze) => reasons(freeze).map(([code]) => code))).toEqual([['time-in-future'], ['too-many-new']]);
    if (shown === undefined) throw new Error('nothing is frozen');
    const group = confirmedGroup(shown, found);
    expect(ids(group.snapshots)).toEqual([forged.id]);
    const after = guardOf(all, known()).remembered([{ group, confirmed: shown.frozen }]);
    expect(find(all, [plan(['host', 'paths', 'tags'])], after).flatMap((freeze) => reasons(freeze).map(([code]) => code))).toContain('too-many-new');
  });
});
