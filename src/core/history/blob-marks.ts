/**
 * Which blobs trees use: one bit a blob of the index.
 *
 * Invariants: a tree is read once; what no index lists, and what cannot be read, is told and left out.
 */
import type { Failure } from '../../shared/errors.ts';
import type { Marks } from '../native/blob-index.ts';
import { damaged } from '../repository/damage.ts';
import { markBelow } from '../repository/mark-below.ts';
import type { Repository } from '../repository/repository.ts';

/** Sets the bit of an entry; false where it was set. What no index lists has none, and is for whoever reads it to complain of. */
export function enter(marks: Marks, entry: number): boolean {
  if (entry < 0) return true;
  const bit = 1 << (entry & 7);
  const byte = marks[entry >>> 3] ?? 0;
  marks[entry >>> 3] = byte | bit;
  return (byte & bit) === 0;
}

export interface UsedBlobsOptions {
  /** Trees with a mark here are marked, but not entered. */
  readonly skip?: Marks;
  readonly onUnreadable: (failure: Failure) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Missing blobs that are named one by one. */
const mostNamed = 100;
/** Those that are told from each other; each costs some hundred bytes of memory. */
const mostCounted = 100_000;

/** Marks trees and everything below them. Those that are marked already are not entered again. A missing blob is told once, and beyond a number only how many there are. */
export async function markBlobs(repository: Repository, marks: Marks, roots: readonly Buffer[], { skip, onUnreadable, signal }: UsedBlobsOptions): Promise<void> {
  const missing = new Set<string>();
  await markBelow(repository, marks, roots, {
    signal,
    ...(skip === undefined ? {} : { skip }),
    onMissing(type, id) {
      const title = `${type === 'tree' ? 'Tree' : 'Data'} blob ${id.toString('hex')}`;
      if (missing.has(title) || missing.size === mostCounted) return;
      missing.add(title);
      if (missing.size <= mostNamed) onUnreadable(damaged(`${title} is missing: no index lists it`));
    },
    onUnreadable: (_id, failure) => onUnreadable(failure),
  });
  if (missing.size > mostNamed) onUnreadable(damaged(`${missing.size === mostCounted ? 'At least ' : ''}${missing.size - mostNamed} more blobs are missing: no index lists them`));
}
