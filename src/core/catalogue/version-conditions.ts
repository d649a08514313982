/** A filter's size, time and type as conditions of SQLite: whatever passes the filter fulfils them. */
import { typeNumber } from './catalogue-schema.ts';
import type { NodeFilter } from './node-filter.ts';

const nanosecondsInMillisecond = 1_000_000n;

/** Inclusive bounds of a column; the catalogue keeps milliseconds, so that those of time are one wider. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** Undefined where the filter asks for no size. */
export function sizeBounds({ larger, smaller }: NodeFilter): Bounds | undefined {
  if (larger === undefined && smaller === undefined) return undefined;
  return { least: larger === undefined ? 0 : safe(larger + 1n), most: smaller === undefined ? Number.MAX_SAFE_INTEGER : safe(smaller - 1n) };
}

/** Undefined where the filter asks for no time. */
export function timeBounds({ oldest, newest }: NodeFilter): Bounds | undefined {
  if (oldest === undefined && newest === undefined) return undefined;
  return {
    least: oldest === undefined ? Number.MIN_SAFE_INTEGER : safe(oldest / nanosecondsInMillisecond - 1n),
    most: newest === undefined ? Number.MAX_SAFE_INTEGER : safe(newest / nanosecondsInMillisecond + 1n),
  };
}

/** Numbers of `versions.type`; undefined where the filter asks for no type. */
export function typeNumbers({ types }: NodeFilter): readonly number[] | undefined {
  return types === undefined ? undefined : [...types].map(typeNumber);
}

/** To be put behind WHERE; `true` where everything passes. */
export function versionConditions(filter: NodeFilter): string {
  const conditions: string[] = [];
  const within = (column: string, { least, most }: Bounds): void => void conditions.push(`${column} >= ${least} AND ${column} <= ${most}`);
  const [size, time, types] = [sizeBounds(filter), timeBounds(filter), typeNumbers(filter)];
  if (size !== undefined) {
    conditions.push(`type = ${typeNumber('file')}`);
    within('size', size);
  }
  if (time !== undefined) within('mtime', time);
  if (types !== undefined) conditions.push(`type IN (${types.join(', ')})`);
  return conditions.length === 0 ? 'true' : conditions.join(' AND ');
}

function safe(value: bigint): number {
  return Number(value < BigInt(Number.MIN_SAFE_INTEGER) ? Number.MIN_SAFE_INTEGER : value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : value);
}
