/**
 * Which blobs trees use: one bit a blob of the index.
 *
 * Invariants: a tree is read once; what no index lists, and what cannot be read, is told and left out.
 */
import { Failure } from '../../shared/errors.ts';
import { markBytes, type Marks } from '../native/blob-index.ts';
import { damaged } from '../repository/damage.ts';
import type { Repository } from '../repository/repository.ts';
import { TreeReader } from '../repository/tree-reader.ts';

/** Marks, and which of the marked trees were gone through. */
export interface MarkedTrees {
  readonly marks: Marks;
  readonly entered: Marks;
}

export function newMarks({ index }: Repository): Marks {
  return new Uint8Array(markBytes(index));
}

export function newMarkedTrees(repository: Repository): MarkedTrees {
  return { marks: newMarks(repository), entered: newMarks(repository) };
}

/** Sets the bit of an entry; false where it was set. What no index lists has none, and is for whoever reads it to complain of. */
export function enter(marks: Marks, entry: number): boolean {
  if (entry < 0) return true;
  const bit = 1 << (entry & 7);
  const byte = marks[entry >>> 3] ?? 0;
  marks[entry >>> 3] = byte | bit;
  return (byte & bit) === 0;
}

export function isMarked(marks: Marks, entry: number): boolean {
  return entry >= 0 && ((marks[entry >>> 3] ?? 0) & (1 << (entry & 7))) !== 0;
}

export class BlobMarker {
  readonly #repository: Repository;
  readonly #onUnreadable: (failure: Failure) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #trees: TreeReader;

  constructor(repository: Repository, onUnreadable: (failure: Failure) => void, signal?: AbortSignal) {
    this.#repository = repository;
    this.#onUnreadable = onUnreadable;
    this.#signal = signal;
    this.#trees = new TreeReader(repository, signal);
  }

  /**
   * Marks a tree and everything below it. Trees that were entered are not entered again, nor those of `skip`, which are
   * marked themselves all the same.
   */
  async mark({ marks, entered }: MarkedTrees, root: Buffer, skip?: Marks): Promise<void> {
    const { index } = this.#repository;
    const rootEntry = index.entryOf('tree', root);
    index.markIn(marks, 'tree', root);
    if ((skip !== undefined && isMarked(skip, rootEntry)) || !enter(entered, rootEntry)) return;
    const pending = [root];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      this.#signal?.throwIfAborted();
      const blob = await this.#read(id);
      if (blob === undefined) continue;
      const { subtrees, missingData } = index.markTreeIn(marks, blob);
      this.#tellMissing(id, missingData);
      for (let at = 0; at < subtrees.length; at += 32) {
        const subtree = subtrees.subarray(at, at + 32);
        const entry = index.entryOf('tree', subtree);
        if (skip !== undefined && isMarked(skip, entry)) continue;
        if (enter(entered, entry)) pending.push(subtree);
      }
      this.#trees.prefetch(fromEnd(pending));
    }
  }

  async #read(id: Buffer): Promise<Buffer | undefined> {
    try {
      return await this.#trees.readBlob(id);
    } catch (error) {
      this.#signal?.throwIfAborted();
      if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
      this.#onUnreadable(error);
      return undefined;
    }
  }

  #tellMissing(tree: Buffer, ids: Buffer): void {
    if (ids.length === 0) return;
    const others = ids.length === 32 ? '' : ` and ${ids.length / 32 - 1} more`;
    this.#onUnreadable(damaged(`Data blob ${ids.toString('hex', 0, 32)}${others} of tree ${tree.toString('hex')} is missing: no index lists it`));
  }
}

export function* fromEnd(pending: readonly Buffer[]): Iterable<Buffer> {
  for (let at = pending.length - 1; at >= 0; at -= 1) yield pending[at] as Buffer;
}
