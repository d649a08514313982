/** What the registry keeps of one name with one set of labels: a total since the start, and the last hour by the second. */
import { bucketOf, bucketValue } from './buckets.ts';
import { Seconds } from './seconds.ts';
import type { Cell } from './seconds.ts';

interface CounterCell extends Cell {
  count: number;
  sum: number;
}

export class CounterSeries {
  readonly #history = new Seconds<CounterCell>((second) => ({ second, count: 0, sum: 0 }));
  total = 0;

  add(second: number, by: number): void {
    this.total += by;
    const cell = this.#history.at(second);
    cell.count += 1;
    cell.sum += by;
  }

  /** `count`: how often something was added; `sum`: how much. */
  since(second: number): { count: number; sum: number } {
    const result = { count: 0, sum: 0 };
    for (const cell of this.#history.after(second)) {
      result.count += cell.count;
      result.sum += cell.sum;
    }
    return result;
  }
}

interface GaugeCell extends Cell {
  min: number;
  max: number;
}

export class GaugeSeries {
  readonly #history = new Seconds<GaugeCell>((second) => ({ second, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY }));
  value = 0;

  set(second: number, value: number): void {
    this.value = value;
    const cell = this.#history.at(second);
    cell.min = Math.min(cell.min, value);
    cell.max = Math.max(cell.max, value);
  }

  /** A gauge that was not set lately still has its value. */
  since(second: number): { value: number; min: number; max: number } {
    const result = { value: this.value, min: this.value, max: this.value };
    for (const cell of this.#history.after(second)) {
      result.min = Math.min(result.min, cell.min);
      result.max = Math.max(result.max, cell.max);
    }
    return result;
  }
}

export interface Distribution {
  count: number;
  sum: number;
  min: number;
  max: number;
  p50: number;
  p95: number;
  p99: number;
}

interface DistributionCell extends Cell {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** While the second lasts. */
  open: Map<number, number> | undefined;
  /** Afterwards: bucket, count, bucket, count, … */
  sealed: readonly number[];
}

/** Buckets of one second that are kept apart; where there are more, neighbours are joined. */
const mostBuckets = 64;

export class DistributionSeries {
  readonly #history = new Seconds<DistributionCell>(
    (second) => ({ second, count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY, open: new Map(), sealed: [] }),
    (cell) => seal(cell),
  );
  totalCount = 0;
  totalSum = 0;

  add(second: number, value: number): void {
    this.totalCount += 1;
    this.totalSum += value;
    const cell = this.#history.at(second);
    cell.count += 1;
    cell.sum += value;
    cell.min = Math.min(cell.min, value);
    cell.max = Math.max(cell.max, value);
    const bucket = bucketOf(value);
    cell.open?.set(bucket, (cell.open.get(bucket) ?? 0) + 1);
  }

  /** All zero where nothing was measured. */
  since(second: number): Distribution {
    const buckets = new Map<number, number>();
    const sums = { count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
    for (const cell of this.#history.after(second)) {
      sums.count += cell.count;
      sums.sum += cell.sum;
      sums.min = Math.min(sums.min, cell.min);
      sums.max = Math.max(sums.max, cell.max);
      for (const [bucket, count] of entriesOf(cell)) buckets.set(bucket, (buckets.get(bucket) ?? 0) + count);
    }
    if (sums.count === 0) return { count: 0, sum: 0, min: 0, max: 0, p50: 0, p95: 0, p99: 0 };
    const sorted = [...buckets].sort(([a], [b]) => a - b);
    const quantile = (share: number): number => Math.min(sums.max, Math.max(sums.min, quantileOf(sorted, sums.count * share)));
    return { ...sums, p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) };
  }
}

function* entriesOf(cell: DistributionCell): Generator<readonly [number, number]> {
  if (cell.open !== undefined) yield* cell.open;
  for (let at = 0; at < cell.sealed.length; at += 2) yield [cell.sealed[at] ?? 0, cell.sealed[at + 1] ?? 0];
}

function seal(cell: DistributionCell): void {
  let buckets = cell.open ?? new Map<number, number>();
  for (let width = 2; buckets.size > mostBuckets; width *= 2) buckets = joined(buckets, width);
  cell.open = undefined;
  cell.sealed = [...buckets].flat();
}

function joined(buckets: ReadonlyMap<number, number>, width: number): Map<number, number> {
  const coarse = new Map<number, number>();
  for (const [bucket, count] of buckets) {
    const first = bucket - (bucket % width);
    coarse.set(first, (coarse.get(first) ?? 0) + count);
  }
  return coarse;
}

function quantileOf(sorted: readonly (readonly [number, number])[], rank: number): number {
  let seen = 0;
  for (const [bucket, count] of sorted) {
    seen += count;
    if (seen >= rank) return bucketValue(bucket);
  }
  return bucketValue(sorted.at(-1)?.[0] ?? 0);
}
