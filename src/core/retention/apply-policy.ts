/**
 * Which snapshots of one group a policy keeps, and why: a pure function of snapshots, policy and time.
 *
 * Invariants: snapshots are looked at from the newest to the oldest, and each rule on its own; the sentences of the
 * reasons are restic's. A pinned snapshot is kept whatever the rules say, and counts for them as any other.
 */
import type { Snapshot } from '../repository/snapshots.ts';
import { before, formatDuration, isZero, type Duration } from './duration.ts';
import { isPinned } from './pins.ts';
import { countingRules, tagListText, withinRules, type CountingRule, type RetentionPolicy } from './policy.ts';
import { day, hour, month, wallTime, week, year, type Bucket, type WallTime } from './wall-time.ts';

/** What the rules look at. */
export interface Dated {
  readonly snapshot: Pick<Snapshot, 'time' | 'tags'>;
}

export interface Kept<Item> {
  readonly item: Item;
  /** At least one, as in `daily snapshot`. */
  readonly reasons: readonly string[];
}

export interface Verdict<Item> {
  /** Newest first, as is `remove`. */
  readonly keep: readonly Kept<Item>[];
  readonly remove: readonly Item[];
}

interface Timed<Item> {
  readonly item: Item;
  readonly time: WallTime;
}

const buckets: Readonly<Record<Exclude<CountingRule, 'last'>, Bucket>> = { hourly: hour, daily: day, weekly: week, monthly: month, yearly: year };

/** A rule at work: told of each snapshot in turn, it answers with the reason to keep it. */
type Rule = (time: WallTime, position: number) => string | undefined;

/** `now`: milliseconds since the epoch; times after it are not taken for the newest. */
export function applyPolicy<Item extends Dated>(items: readonly Item[], policy: RetentionPolicy, now: number): Verdict<Item> {
  const timed = items.map((item) => ({ item, time: wallTime(item.snapshot.time) }));
  timed.sort((a, b) => (a.time.instant > b.time.instant ? -1 : a.time.instant < b.time.instant ? 1 : 0));
  const rules = rulesOf(policy, newestBefore(timed, BigInt(Math.floor(now)) * 1_000_000n), timed.length - 1);
  const keep: Kept<Item>[] = [];
  const remove: Item[] = [];
  for (const [position, { item, time }] of timed.entries()) {
    const reasons = isPinned(item.snapshot) ? ['pinned'] : [];
    for (const tags of policy.tags) if (hasTags(item.snapshot.tags ?? [], tags)) reasons.push(`has tags ${tagListText(tags)}`);
    for (const rule of rules) {
      const reason = rule(time, position);
      if (reason !== undefined) reasons.push(reason);
    }
    if (reasons.length > 0) keep.push({ item, reasons });
    else remove.push(item);
  }
  return { keep, remove };
}

function hasTags(present: readonly string[], wanted: readonly string[]): boolean {
  return wanted.length === 0 ? present.length === 0 : wanted.every((tag) => present.includes(tag));
}

/** A snapshot from the future must not move what `within` is measured from. */
function newestBefore(timed: readonly Timed<unknown>[], now: bigint): WallTime | undefined {
  return timed.find(({ time }) => time.instant < now)?.time;
}

function rulesOf(policy: RetentionPolicy, newest: WallTime | undefined, last: number): Rule[] {
  const rules: Rule[] = [];
  if (policy.within !== undefined && !isZero(policy.within)) {
    const isWithin = within(policy.within, newest);
    const reason = `within ${formatDuration(policy.within)}`;
    rules.push((time) => (isWithin(time) ? reason : undefined));
  }
  for (const rule of countingRules) {
    const count = policy.counts[rule] ?? 0;
    if (count !== 0) rules.push(newestOfEach(rule === 'last' ? undefined : buckets[rule], `${rule} snapshot`, last, count));
  }
  for (const rule of withinRules) {
    const duration = policy.withinEach[rule];
    if (duration === undefined || isZero(duration)) continue;
    const isWithin = within(duration, newest);
    const inner = newestOfEach(buckets[rule], `${rule} within ${formatDuration(duration)}`, last);
    rules.push((time, position) => (isWithin(time) ? inner(time, position) : undefined));
  }
  return rules;
}

function within(duration: Duration, newest: WallTime | undefined): (time: WallTime) => boolean {
  const bound = newest === undefined ? undefined : before(newest, duration);
  return ({ instant }) => bound === undefined || instant > bound;
}

/** The newest of each bucket, and besides the oldest snapshot of all while the number lasts; without a bucket every snapshot. */
function newestOfEach(bucket: Bucket | undefined, reason: string, last: number, count?: number): Rule {
  let left = count ?? -1;
  let previous: number | undefined;
  return (time, position) => {
    if (left === 0) return undefined;
    const value = bucket === undefined ? position : bucket(time);
    const repeated = value === previous;
    if (repeated && position !== last) return undefined;
    previous = value;
    if (left > 0) left -= 1;
    return repeated ? `oldest ${reason}` : reason;
  };
}
