/**
 * Reads many trees of one repository with few requests.
 *
 * Vocabulary: trees that will be asked for soon are read *ahead*, as many as a *batch* holds, and those of them that lie close
 * together in a pack with one request (blob-spans.ts).
 *
 * Invariants: about `mostAhead` bytes of trees are in memory ahead of their use; whatever goes wrong on this quick way (a
 * damaged pack, a short read, a blob in several places) is left to `Repository.readTree`, which verifies and tries every copy,
 * so that only its failure counts.
 */
import { Semaphore } from '../storage/semaphore.ts';
import type { PackSpan } from './blob-spans.ts';
import type { Repository } from './repository.ts';
import { decodeTree } from './tree.ts';
import type { Tree } from './tree.ts';
import { TreeSpanReader } from './tree-span-reader.ts';
import { partsOf, spansOfTrees, treesOf } from './tree-spans.ts';

const batchSize = 64;
/** A batch is read when so many of the next trees are missing, or the very next. */
const worthABatch = 32;
const mostAhead = 8 * 1024 * 1024;

interface Ahead {
  /** Of the tree, about. */
  readonly size: number;
  /** Undefined where the quick way failed. */
  readonly blob: Promise<Buffer | undefined>;
}

export class TreeReader {
  readonly #repository: Repository;
  readonly #signal: AbortSignal | undefined;
  readonly #spans: TreeSpanReader;
  readonly #requests: Semaphore;
  readonly #ahead = new Map<string, Ahead>();
  #bytesAhead = 0;

  constructor(repository: Repository, signal?: AbortSignal) {
    this.#repository = repository;
    this.#signal = signal;
    this.#spans = new TreeSpanReader(repository, signal);
    this.#requests = new Semaphore(repository.store.connections);
  }

  /** The tree with this id. Rejects with `DAMAGED` where no copy can be read, and with the signal's reason. */
  async read(id: Buffer): Promise<Tree> {
    this.#signal?.throwIfAborted();
    const blob = await this.#takeBlob(id);
    return (blob === undefined ? undefined : this.#decode(id, blob)) ?? this.#repository.readTree(id, this.#signal);
  }

  /** The blob of a tree, verified but not decoded. Rejects as `read` does. */
  async readBlob(id: Buffer): Promise<Buffer> {
    this.#signal?.throwIfAborted();
    return (await this.#takeBlob(id)) ?? this.#repository.readBlob('tree', id, this.#signal);
  }

  /** Starts reading trees that will be asked for soon, first come first; more than a batch are ignored. */
  prefetch(ids: Iterable<Buffer>): void {
    // Equal folders, such as empty ones, are asked for one after the other: read once, they are at hand once.
    const missing = new Map<string, Buffer>();
    let looked = 0;
    let nextIsMissing = false;
    for (const id of ids) {
      const key = keyOf(id);
      if (!this.#ahead.has(key)) {
        nextIsMissing ||= looked === 0;
        missing.set(key, id);
      }
      looked += 1;
      if (looked === batchSize) break;
    }
    if (nextIsMissing || missing.size >= worthABatch) this.#begin([...missing.values()]);
  }

  async #takeBlob(id: Buffer): Promise<Buffer | undefined> {
    const key = keyOf(id);
    if (!this.#ahead.has(key)) this.#begin([id]);
    return this.#take(key)?.blob;
  }

  #take(key: string): Ahead | undefined {
    const taken = this.#ahead.get(key);
    if (taken === undefined) return undefined;
    this.#ahead.delete(key);
    this.#bytesAhead -= taken.size;
    return taken;
  }

  #decode(id: Buffer, blob: Buffer): Tree | undefined {
    try {
      return decodeTree(blob);
    } catch (error) {
      this.#repository.logger.warn({ tree: id.toString('hex'), error: String(error) }, 'tree blob is damaged; trying other copies');
      return undefined;
    }
  }

  /** As many as there is room for, one at least. What no index lists is left out; what was read ahead first, and not asked for, makes room. */
  #begin(ids: readonly Buffer[]): void {
    const { spans, bytes } = spansOfTrees(this.#repository, ids, mostAhead / 2);
    for (const key of this.#ahead.keys()) {
      if (this.#bytesAhead + bytes <= mostAhead) break;
      this.#take(key);
    }
    for (const part of partsOf(spans, this.#repository)) this.#beginPart(part);
  }

  #beginPart(part: readonly PackSpan[]): void {
    const blobs = this.#openInTurn(part);
    let place = 0;
    for (const { key, size } of treesOf(part)) {
      const at = place;
      this.#take(key);
      const blob = blobs.then((list) => list[at]);
      // Whoever asks for it gets the rejection; nobody asking must not be an unhandled one.
      blob.catch(() => undefined);
      this.#ahead.set(key, { size, blob });
      this.#bytesAhead += size;
      place += 1;
    }
  }

  async #openInTurn(part: readonly PackSpan[]): Promise<readonly (Buffer | undefined)[]> {
    const release = await this.#requests.acquire(this.#signal);
    try {
      return await this.#spans.open(part);
    } finally {
      release();
    }
  }
}

function keyOf(id: Buffer): string {
  return id.toString('latin1');
}
