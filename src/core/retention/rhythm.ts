/**
 * Backups that go on as until now: when the next ones come, and how much each adds.
 *
 * Vocabulary: the *pace* is the middle of the recent distances in time of two backups of a group; an *increment* is what a
 * backup that had an earlier one to compare with added to the repository.
 */
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { wallTime } from './wall-time.ts';

/** How many of the newest backups tell what is usual. */
const recentBackups = 30;
const minute = 60_000;

export interface Rhythm {
  /** Milliseconds between two backups. */
  readonly pace: number;
  /** When the newest backup was made, in milliseconds since the epoch. */
  readonly newest: number;
  /** Of its zone: seconds east of UTC. */
  readonly offset: number;
  readonly tags: readonly string[];
}

/** Undefined where fewer than two snapshots from before `now` tell of no rhythm. `snapshots`: of one group. */
export function rhythmOf(snapshots: readonly StoredSnapshot[], now: number): Rhythm | undefined {
  const times = snapshots.map(({ snapshot }) => ({ ...wallTime(snapshot.time), tags: snapshot.tags ?? [] }));
  const past = times.map((time) => ({ ...time, at: Number(time.instant / 1_000_000n) })).filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
  const recent = past.slice(-recentBackups - 1);
  const distances = recent.slice(1).map(({ at }, index) => at - (recent[index]?.at ?? at)).sort((a, b) => a - b);
  const newest = past.at(-1);
  const middle = distances[Math.floor(distances.length / 2)];
  if (newest === undefined || middle === undefined) return undefined;
  // Whole minutes, so that a backup of every day stays at its hour through the years.
  return { pace: Math.max(minute, Math.round(middle / minute) * minute), newest: newest.at, offset: newest.offset, tags: newest.tags };
}

/** Times of the backups to come after one instant, up to and with another, in milliseconds since the epoch. */
export function* plannedTimes({ pace, newest }: Rhythm, after: number, until: number): Generator<number> {
  const first = Math.floor((Math.max(after, newest) - newest) / pace) + 1;
  for (let at = newest + first * pace; at <= until; at += pace) yield at;
}

/** Bytes in the repository that recent backups added; those without a summary, and first ones, tell nothing. */
export function increments(snapshots: readonly StoredSnapshot[]): number[] {
  return snapshots.flatMap(({ snapshot: { summary, parent } }) => (summary === undefined || parent === undefined ? [] : [summary.data_added_packed])).slice(-recentBackups);
}
