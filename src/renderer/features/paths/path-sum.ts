/** Sums over chosen paths. */
import type { MeasuredPath } from '../../../shared/contract/schemas/machine.ts';

export interface PathSum {
  readonly files: number;
  readonly bytes: number;
  /** Whether nothing is still to be counted. */
  readonly complete: boolean;
}

/** A path within another chosen one is part of that one. */
export function sumOf(paths: readonly string[], measured: ReadonlyMap<string, MeasuredPath>): PathSum {
  const outer = paths.filter((path) => !paths.some((other) => other !== path && isBelow(path, other)));
  const known = outer.map((path) => measured.get(path));
  return {
    files: known.reduce((sum, path) => sum + (path?.files ?? 0), 0),
    bytes: known.reduce((sum, path) => sum + (path?.bytes ?? 0), 0),
    complete: known.every((path) => path?.state === 'counted' || path?.state === 'refused'),
  };
}

/** Of paths as systems write them, with either separator. */
export function isBelow(path: string, folder: string): boolean {
  const base = folder.replace(/[/\\]+$/, '');
  return path.length > base.length + 1 && path.startsWith(base) && /[/\\]/.test(path.charAt(base.length));
}

/** The smallest first, so that something is safe soon. */
export function smallestFirst(paths: readonly string[], measured: ReadonlyMap<string, MeasuredPath>): string[] {
  return paths.toSorted((a, b) => (measured.get(a)?.bytes ?? Infinity) - (measured.get(b)?.bytes ?? Infinity));
}
