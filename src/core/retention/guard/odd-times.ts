/**
 * Snapshots whose times cannot be true.
 *
 * Invariant: what is known already (seen earlier, or confirmed) is no oddity again, nor is an edited copy of it, which has its
 * time; but they tell what is possible for the rest.
 */
import type { StoredSnapshot } from '../../repository/snapshots.ts';
import { wallTime } from '../wall-time.ts';
import type { Oddity, OddityCode } from './oddity.ts';

/** What is known about the snapshots of a group beside themselves. */
export interface Surroundings {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** When the storage got a snapshot, by id, in milliseconds since the epoch; nothing where it does not tell. */
  readonly arrivals: ReadonlyMap<string, number>;
  /** Full ids: seen at an earlier look or confirmed by a person. */
  readonly known: ReadonlySet<string>;
  /** Copies of known snapshots with other tags, paths or content, whose originals are gone. */
  readonly edited: ReadonlySet<string>;
  /** When the group was looked at last, in milliseconds since the epoch; undefined at the first look. */
  readonly lookedAt: number | undefined;
}

export interface Timed {
  readonly id: string;
  readonly stored: StoredSnapshot;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

const hour = 3_600_000;
/** Clocks of two machines differ, but hardly by more. */
const futureTolerance = hour;
/** Some file systems store local times: the zone and its summer time can be off by a day. */
const arrivalTolerance = 24 * hour;
/** A backup gets its time when it starts and arrives when it ends; another that started later may end before. */
const orderTolerance = 48 * hour;

/** Milliseconds since the epoch. */
export function timeOf({ snapshot }: StoredSnapshot): number {
  return Number(wallTime(snapshot.time).instant / 1_000_000n);
}

export function byTime(a: Timed, b: Timed): number {
  return a.time - b.time || (a.id < b.id ? -1 : 1);
}

/** By time ascending. */
export function timedSnapshots(snapshots: readonly StoredSnapshot[]): Timed[] {
  const timed = snapshots.map((stored) => ({ id: stored.id, stored, time: timeOf(stored) }));
  return timed.sort(byTime);
}

/** `timed`: the snapshots of one group by time. */
export function oddTimes(timed: readonly Timed[], surroundings: Surroundings): Oddity[] {
  const { now, arrivals, known, edited, lookedAt } = surroundings;
  const fresh = timed.filter(({ id }) => !known.has(id) && !edited.has(id));
  const times = new Map(timed.map(({ id, time }) => [id, time]));
  const seenUntil = lookedAt === undefined ? undefined : timed.findLast(({ id, time }) => known.has(id) && time <= lookedAt)?.time;
  const late = lateArrivals(timed, arrivals);
  const found = (code: OddityCode, isOdd: (one: Timed) => boolean): Oddity[] => {
    const odd = fresh.filter(isOdd).map(({ id }) => id);
    return odd.length === 0 ? [] : [{ code, snapshots: odd }];
  };
  return [
    ...found('time-in-future', ({ time }) => time > now + futureTolerance),
    ...found('time-before-parent', ({ stored, time }) => time < (times.get(stored.snapshot.parent ?? '') ?? time)),
    ...found('time-after-arrival', ({ id, time }) => time <= now + futureTolerance && time > (arrivals.get(id) ?? time) + arrivalTolerance),
    // An edited copy arrives after what it was made of; once snapshots are remembered, it is known by that.
    ...found('arrived-out-of-order', ({ id, stored }) => late.has(id) && !(stored.snapshot.original !== undefined && lookedAt === undefined)),
    ...found('time-before-seen', ({ time }) => seenUntil !== undefined && time <= seenUntil),
  ];
}

/** Ids of snapshots that arrived long after one of a later time had. */
function lateArrivals(timed: readonly Timed[], arrivals: ReadonlyMap<string, number>): Set<string> {
  const late = new Set<string>();
  let earliest = Number.POSITIVE_INFINITY;
  for (const { id } of timed.toReversed()) {
    const arrival = arrivals.get(id);
    if (arrival === undefined) continue;
    if (arrival > earliest + orderTolerance) late.add(id);
    earliest = Math.min(earliest, arrival);
  }
  return late;
}
