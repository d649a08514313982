/** Values of repositories in the terms of the contract. */
import type { DamagedObject } from '../../core/repository/load-options.ts';
import { formatTime } from '../../core/repository/times.ts';
import type { Failure } from '../../shared/errors.ts';

export interface DamagedPath {
  readonly path: string;
  readonly reason: string;
}

/** An answer names so many damaged paths. */
export const mostDamaged = 100;

/** Whoever holds the key may write any number: what no file can have becomes the nearest that one can. */
export function shownSize(size: bigint | number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.trunc(Number(size))));
}

/** `milliseconds` since 1970. */
export function shownTime(milliseconds: number): string {
  return formatTime(BigInt(Math.trunc(milliseconds)) * 1_000_000n);
}

export function damagedSnapshots(damaged: readonly DamagedObject[]): DamagedPath[] {
  return damaged.map(({ name, failure }) => ({ path: `${name.slice(0, 8)}:/`, reason: failure.text.what }));
}

export function damagedPath(path: Buffer | string, failure: Failure): DamagedPath {
  return { path: typeof path === 'string' ? path : path.toString('utf8'), reason: failure.text.what };
}
