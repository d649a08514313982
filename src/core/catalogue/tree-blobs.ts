/**
 * Reading the blobs of many trees at once.
 *
 * Invariants: a blob is verified against its id; what cannot be read together with others is left to `Repository.readBlob`, which
 * tries every copy, so that only its failure counts.
 */
import { Failure } from '../../shared/errors.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import type { PackSpan } from '../repository/blob-spans.ts';
import type { Repository } from '../repository/repository.ts';
import { TreeSpanReader } from '../repository/tree-span-reader.ts';
import { partsOf, spansOfTrees } from '../repository/tree-spans.ts';

export class TreeBlobs {
  readonly #repository: Repository;
  readonly #signal: AbortSignal | undefined;
  readonly #reader: TreeSpanReader;

  constructor(repository: Repository, signal?: AbortSignal) {
    this.#repository = repository;
    this.#signal = signal;
    this.#reader = new TreeSpanReader(repository, signal);
  }

  /** `ids`: 64 hex digits each; all are held at once, so whoever asks sees to it that they are not too large together. Of each the plaintext, or Failure DAMAGED; rejects with any other failure, and the signal's reason. */
  async read(ids: Iterable<string>): Promise<Map<string, Buffer | Failure>> {
    const blobs = new Map<string, Buffer | Failure>();
    await this.each(ids, (id, blob) => blobs.set(id, Buffer.isBuffer(blob) ? Buffer.from(blob) : blob));
    return blobs;
  }

  /** As `read`, but each is handed to `use`, once and in any order, and is valid during the call. */
  async each(ids: Iterable<string>, use: (id: string, blob: Buffer | Failure) => void): Promise<void> {
    const left = new Set(ids);
    const { connections } = this.#repository.store;
    const { spans } = spansOfTrees(this.#repository, Array.from(left, (id) => Buffer.from(id, 'hex')));
    const readPart = (part: readonly PackSpan[]): Promise<void> =>
      this.#reader.each(part, (key, blob) => {
        const id = Buffer.from(key, 'latin1').toString('hex');
        if (left.delete(id)) use(id, blob);
      });
    await mapConcurrently(partsOf(spans, this.#repository), connections, readPart, this.#signal);
    await mapConcurrently([...left], connections, async (id) => use(id, await this.#readAlone(id)), this.#signal);
  }

  async #readAlone(id: string): Promise<Buffer | Failure> {
    try {
      return await this.#repository.readBlob('tree', Buffer.from(id, 'hex'), this.#signal);
    } catch (error) {
      this.#signal?.throwIfAborted();
      if (error instanceof Failure && error.code === 'DAMAGED') return error;
      throw error;
    }
  }
}

/** Bytes of a tree's blob, by the index; 0 for one that it does not list. `id`: 64 hex digits. */
export function treeSize({ index }: Repository, id: string): number {
  return Math.max(0, index.plainLength('tree', Buffer.from(id, 'hex')));
}
