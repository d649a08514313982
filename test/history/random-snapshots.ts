/** Histories of nothing but snapshot files, for what never looks into a tree: cheap, and as odd in their times as one likes. */
import * as fc from 'fast-check';
import type { Repository } from '../../src/core/repository/repository.ts';
import { saveSnapshot, type Snapshot } from '../../src/core/repository/snapshots.ts';

const offsets = ['Z', '+00:00', '+05:30', '-05:00', '-04:00', '+13:00'] as const;
const pathSets = [['/home'], ['/srv', '/etc'], ['/etc', '/srv'], ['/home', '/Ümläut', '/a b']] as const;
const tagSets = [undefined, ['x'], ['y', 'x'], ['x', 'y', 'z'], ['b']] as const;

/** Seconds since the epoch around which snapshots gather: clusters of minutes, hours, days and years, and ends of months. */
const seconds = fc.oneof(
  fc.integer({ min: 1_262_304_000, max: 1_795_000_000 }),
  fc.integer({ min: 0, max: 400 }).map((hours) => 1_709_000_000 + hours * 3600),
  fc.integer({ min: 0, max: 90 }).map((days) => 1_711_929_599 - days * 86_400),
  fc.integer({ min: 0, max: 120 }).map((minutes) => 1_729_987_200 + minutes * 60),
  // A few from the future.
  fc.constantFrom(4_000_000_000, 4_000_086_400),
);

/** Snapshots of several hosts, paths and tags over years; no two have the same time, which would leave their order open. */
export function snapshotHistory(options: { readonly minLength: number; readonly maxLength: number }): fc.Arbitrary<Snapshot[]> {
  const snapshot = fc.record({
    second: seconds,
    nanosecond: fc.constantFrom(0, 0, 1, 999_999_999, 120_000_000),
    zone: fc.constantFrom(...offsets),
    hostname: fc.constantFrom('alpha', 'beta', ''),
    paths: fc.constantFrom(...pathSets),
    tags: fc.constantFrom(...tagSets),
  });
  return fc
    .uniqueArray(snapshot, { ...options, selector: ({ second }) => second })
    .map((list) => list.map(({ second, nanosecond, zone, hostname, paths, tags }) => ({ time: timeText(second, nanosecond, zone), tree: 'a'.repeat(64), paths: [...paths], hostname, ...(tags === undefined ? {} : { tags: [...tags] }) })));
}

function timeText(second: number, nanosecond: number, zone: string): string {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? ['', '+', '0', '0'];
  const shift = (Number(hours) * 3600 + Number(minutes) * 60) * (sign === '-' ? -1 : 1);
  const fraction = nanosecond === 0 ? '' : `.${String(nanosecond).padStart(9, '0').replace(/0+$/, '')}`;
  return `${new Date((second + shift) * 1000).toISOString().slice(0, 19)}${fraction}${zone}`;
}

export async function saveAll(repository: Repository, snapshots: readonly Snapshot[]): Promise<string[]> {
  const ids: string[] = [];
  for (const snapshot of snapshots) ids.push(await saveSnapshot(repository, snapshot));
  return ids;
}

/** Options of `forget` that make a policy which is not empty. */
export const forgetArguments: fc.Arbitrary<string[]> = fc
  .record({
    counts: fc.subarray(['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly']),
    numbers: fc.array(fc.constantFrom('1', '2', '3', '7', '20', 'unlimited'), { minLength: 6, maxLength: 6 }),
    within: fc.subarray(['', '-hourly', '-daily', '-weekly', '-monthly', '-yearly'], { maxLength: 3 }),
    durations: fc.array(fc.constantFrom('36h', '1d', '1m', '1m1d2h', '3y1m', '13m', '400d', '2h3d'), { minLength: 3, maxLength: 3 }),
    tags: fc.subarray(['x', 'x,y', 'nobody', ''], { maxLength: 2 }),
    groupBy: fc.constantFrom('host,paths', 'host', 'paths', 'tags', 'host,paths,tags', ''),
  })
  .map(({ counts, numbers, within, durations, tags, groupBy }) => [
    ...counts.flatMap((rule, at) => [`--keep-${rule}`, numbers[at] ?? '1']),
    ...within.flatMap((rule, at) => [`--keep-within${rule}`, durations[at] ?? '1d']),
    ...tags.flatMap((list) => ['--keep-tag', list]),
    ...(counts.length + within.length === 0 ? ['--keep-last', '1'] : []),
    '--group-by',
    groupBy,
  ]);
