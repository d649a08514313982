/**
 * More new snapshots than the rhythm explains, for which good ones would go: rules that count can be made to run out.
 *
 * Vocabulary: *fresh* snapshots were not there at the last look; at the first look those of the last hour are. The
 * *pace* is the usual distance in time of two backups. A *flood* is a run of fresh snapshots denser than that.
 *
 * Invariants: people press the button, so a few more than the rhythm are no flood; and a flood is odd only where the
 * policy removes a snapshot from before it that it would keep without it.
 */
import { applyPolicy } from '../apply-policy.ts';
import type { RetentionPolicy } from '../policy.ts';
import type { Oddity } from './oddity.ts';
import type { Timed } from './odd-times.ts';

/** Fresh snapshots beyond the rhythm that are no flood. */
export const allowedExtra = 3;
/** So many times as dense as the rhythm is no flood. */
export const allowedDensity = 2;
/** Fewer snapshots from before have no rhythm, and nothing much to lose. */
const leastEstablished = 3;
const distancesUsed = 30;
const leastDistances = 2;
const hour = 3_600_000;

export interface PaceFacts {
  /** The snapshots of a group, by time. */
  readonly timed: readonly Timed[];
  /** Times of snapshots that were seen earlier and are gone, in milliseconds since the epoch, ascending. */
  readonly gone: readonly number[];
  /** Undefined at the first look. */
  readonly known: ReadonlySet<string> | undefined;
  /** Since when every snapshot was seen, in milliseconds since the epoch: earlier ones may have had neighbours that are gone. */
  readonly since: number;
  readonly policy: RetentionPolicy;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The flood among the fresh snapshots, whatever it would push out. */
export function floodAmong({ timed, gone, known, since, now }: Omit<PaceFacts, 'policy'>): Timed[] {
  const newest = timed.findLast(({ time }) => time <= now)?.time ?? 0;
  const isFresh = known === undefined ? ({ time }: Timed) => time > newest - hour : ({ id }: Timed) => !known.has(id);
  const fresh = timed.filter(isFresh);
  const established = timed.filter((one) => !isFresh(one));
  return established.length + gone.length < leastEstablished ? [] : floodOf(fresh, paceOf(established, gone, since));
}

export function oddPace({ policy, ...facts }: PaceFacts): Oddity[] {
  const { timed, now } = facts;
  const flood = floodAmong(facts);
  if (flood.length === 0) return [];
  const inFlood = new Set(flood.map(({ id }) => id));
  const others = timed.filter(({ id }) => !inFlood.has(id)).map(({ stored }) => stored);
  const kept = new Set(applyPolicy(timed.map(({ stored }) => stored), policy, now).keep.map(({ item }) => item.id));
  const endangered = applyPolicy(others, policy, now).keep.map(({ item }) => item.id).filter((id) => !kept.has(id));
  if (endangered.length === 0) return [];
  return [{ code: 'too-many-new', snapshots: flood.map(({ id }) => id), endangered: endangered.toReversed() }];
}

/** Milliseconds between two backups, usually; an hour where retention has thinned out what could tell. */
export function paceOf(established: readonly Timed[], gone: readonly number[], since: number): number {
  const points = [...established.map(({ id, time, stored }) => ({ id, time, parent: stored.snapshot.parent })), ...gone.map((time) => ({ id: '', time, parent: undefined }))];
  points.sort((a, b) => a.time - b.time);
  const distances = points.flatMap(({ time, parent }, at) => {
    const previous = points[at - 1];
    if (previous === undefined || (previous.time < since && (parent === undefined || parent !== previous.id))) return [];
    return [time - previous.time];
  });
  const recent = distances.slice(-distancesUsed).sort((a, b) => a - b);
  return recent.length < leastDistances ? hour : Math.max(1, recent[Math.floor(recent.length / 2)] ?? hour);
}

/** Every run of snapshots that is denser than allowed, together. */
function floodOf(fresh: readonly Timed[], pace: number): Timed[] {
  const flood: Timed[] = [];
  let rest = [...fresh];
  for (;;) {
    const [from, to] = densestRun(rest, pace);
    if (to < from) return flood.sort((a, b) => a.time - b.time);
    flood.push(...rest.slice(from, to + 1));
    rest = [...rest.slice(0, from), ...rest.slice(to + 1)];
  }
}

/** First and last position of the run that exceeds most what its length in time allows; the last before the first where none does. */
function densestRun(snapshots: readonly Timed[], pace: number): [number, number] {
  let best = { excess: allowedExtra + 1, from: 0, to: -1 };
  let start = { value: Number.NEGATIVE_INFINITY, at: 0 };
  for (const [at, { time }] of snapshots.entries()) {
    const allowed = (allowedDensity * time) / pace;
    if (allowed - at > start.value) start = { value: allowed - at, at };
    const excess = at + 1 - allowed + start.value;
    if (excess > best.excess) best = { excess, from: start.at, to: at };
  }
  return [best.from, best.to];
}
