/**
 * What a policy will have kept on any day to come, and how much room that takes, while backups go on as until now: a pure
 * function of snapshots, policy and time.
 *
 * Vocabulary: a *planned* snapshot is one that the rhythm will bring. A *forecast* is one day's prediction, after a forget
 * at the end of that day.
 *
 * Invariants: forget runs once a day, as what is kept today depends on what was kept before; a pinned snapshot stays.
 * The room is a range: a snapshot that goes frees at least what it alone holds, and at most what it had added.
 */
import { Failure } from '../../shared/errors.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { applyPolicy } from './apply-policy.ts';
import { pinTag } from './pins.ts';
import type { RetentionPolicy } from './policy.ts';
import { increments, plannedTimes, rhythmOf, type Rhythm } from './rhythm.ts';

export const dayLength = 86_400_000;
/** Ten years. */
export const longestSimulation = 3653;
/** More would take minutes. */
const mostPlanned = 10_000;
/** Of what a backup added, so much is usually held by it alone, where nothing tells. */
const aloneByDefault = 0.5;

export interface SimulationInput {
  /** The snapshots of one group. */
  readonly snapshots: readonly StoredSnapshot[];
  readonly policy: RetentionPolicy;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** From 0 on. */
  readonly days: number;
  /** Bytes that a snapshot alone holds in the repository, by id, where that is known. */
  readonly alone: ReadonlyMap<string, number>;
}

/** Bytes. */
export interface Range {
  readonly low: number;
  readonly expected: number;
  readonly high: number;
}

export interface SimulatedSnapshot {
  /** Undefined for a planned one. */
  readonly id: string | undefined;
  /** A time text. */
  readonly time: string;
  readonly reasons: readonly string[];
}

export interface Forecast {
  /** End of the day, in milliseconds since the epoch. */
  readonly at: number;
  /** Number of snapshots. */
  readonly snapshots: number;
  /** By how much the stored bytes have changed since now, after a prune. */
  readonly change: Range;
}

export interface Simulation {
  /** Undefined where there are too few snapshots to tell: then no new ones are counted with. */
  readonly rhythm: Rhythm | undefined;
  /** One for today, and one for each day after. */
  readonly forecasts: readonly Forecast[];
  /** On the last day, newest first. */
  readonly kept: readonly SimulatedSnapshot[];
}

interface Item {
  readonly id: string | undefined;
  readonly snapshot: { readonly time: string; readonly tags?: string[] };
  /** What goes with it. */
  readonly freed: Range;
}

/** Failure USAGE for more than ten years, or more backups than can be simulated. */
export function simulate(input: SimulationInput): Simulation {
  const steps = simulateByDays(input);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same, a day a step, for a process that has other things to do in between. */
export function* simulateByDays({ snapshots, policy, now, days, alone }: SimulationInput): Generator<undefined, Simulation> {
  const rhythm = rhythmOf(snapshots, now);
  refuseTooMuch(days, rhythm);
  const added = addedBy(increments(snapshots));
  const planned: Range = { low: 0, expected: added.expected * aloneShare(snapshots, alone), high: added.high };
  let items: Item[] = snapshots.map((stored) => ({ id: stored.id, snapshot: stored.snapshot, freed: freedBy(stored, alone) }));
  let change: Range = { low: 0, expected: 0, high: 0 };
  const forecasts: Forecast[] = [];
  for (let day = 0; ; day++) {
    yield undefined;
    const at = now + day * dayLength;
    const verdict = applyPolicy(items, policy, at + 1);
    for (const { freed } of verdict.remove) change = { low: change.low - freed.high, expected: change.expected - freed.expected, high: change.high - freed.low };
    forecasts.push({ at, snapshots: verdict.keep.length, change });
    if (day === days) return { rhythm, forecasts, kept: verdict.keep.map(({ item, reasons }) => ({ id: item.id, time: item.snapshot.time, reasons })) };
    items = verdict.keep.map(({ item }) => item).reverse();
    if (rhythm === undefined) continue;
    for (const time of plannedTimes(rhythm, at, at + dayLength)) {
      items.push({ id: undefined, snapshot: { time: timeText(time, rhythm.offset), tags: rhythm.tags.filter((tag) => tag !== pinTag) }, freed: planned });
      change = { low: change.low + added.low, expected: change.expected + added.expected, high: change.high + added.high };
    }
  }
}

function refuseTooMuch(days: number, rhythm: Rhythm | undefined): void {
  const planned = rhythm === undefined ? 0 : (days * dayLength) / rhythm.pace;
  if (days <= longestSimulation && planned <= mostPlanned) return;
  throw new Failure('USAGE', { what: `${days} days are too far ahead to be simulated${days <= longestSimulation ? ` with ${Math.round(planned)} backups` : ''}`, next: 'Ask for a nearer day' });
}

/** What one more backup adds: between the quarters of what recent ones did. */
function addedBy(sizes: readonly number[]): Range {
  const sorted = sizes.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const expected = sorted.length === 0 ? 0 : sorted.reduce((sum, size) => sum + size, 0) / sorted.length;
  return { low: Math.min(at(0.25), expected), expected, high: Math.max(at(0.75), expected) };
}

function freedBy({ id, snapshot: { summary } }: StoredSnapshot, alone: ReadonlyMap<string, number>): Range {
  const held = alone.get(id);
  const added = Math.max(summary?.data_added_packed ?? 0, held ?? 0);
  return { low: held ?? 0, expected: held ?? added * aloneByDefault, high: added };
}

/** Of what backups add, the share that they alone hold later. */
function aloneShare(snapshots: readonly StoredSnapshot[], alone: ReadonlyMap<string, number>): number {
  let added = 0;
  let held = 0;
  // The newest holds alone what the next backup is going to share with it.
  for (const { id, snapshot } of snapshots.slice(0, -1)) {
    const known = alone.get(id);
    if (known === undefined || snapshot.summary === undefined) continue;
    held += known;
    added += Math.max(known, snapshot.summary.data_added_packed);
  }
  return added === 0 ? aloneByDefault : held / added;
}

function timeText(time: number, offset: number): string {
  const shown = new Date(time + offset * 1000).toISOString().slice(0, 19);
  if (offset === 0) return `${shown}Z`;
  const minutes = Math.abs(offset) / 60;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${shown}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(Math.floor(minutes % 60))}`;
}
