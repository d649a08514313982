import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../repository/snapshots.ts';
import { CopiedSnapshots } from './similar-snapshots.ts';

const [a, b, c] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];
const snapshot: Snapshot = { time: '2024-01-02T03:04:05Z', tree: 'd'.repeat(64), paths: ['/one', '/two'], hostname: 'host', tags: ['x', 'y'], excludes: ['*.o'] };

function copyOf(present: Snapshot, wanted: Snapshot): string | undefined {
  return new CopiedSnapshots([{ id: b, snapshot: present }]).copyOf({ id: a, snapshot: wanted })?.id;
}

describe('a copy of a snapshot', () => {
  it('stands for the same original, however the time is written and whatever the parent', () => {
    expect(copyOf({ ...snapshot, original: a }, snapshot)).toBe(b);
    expect(copyOf({ ...snapshot, original: a, time: '2024-01-01T22:04:05-05:00', tags: ['y', 'x'], paths: ['/two', '/one'] }, { ...snapshot, parent: c })).toBe(b);
    expect(copyOf({ ...snapshot, original: c }, { ...snapshot, original: c })).toBe(b);
    // Copied there before, and back again now.
    expect(new CopiedSnapshots([{ id: c, snapshot }]).copyOf({ id: a, snapshot: { ...snapshot, original: c } })?.id).toBe(c);
  });

  it('is none where the original is another, or anything else differs', () => {
    expect(copyOf(snapshot, snapshot)).toBeUndefined();
    const others: Partial<Snapshot>[] = [{ time: '2024-01-02T03:04:06Z' }, { tree: c }, { hostname: 'other' }, { username: 'anna' }, { uid: 1 }, { gid: 1 }, { paths: ['/one'] }, { tags: ['x', 'z'] }, { tags: [] }, { excludes: [] }];
    for (const other of others) expect([other, copyOf({ ...snapshot, original: a, ...other }, snapshot)]).toEqual([other, undefined]);
  });
});
