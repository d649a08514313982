/**
 * Marks in the index what trees need, and everything below them.
 *
 * Folders are read level by level, all that is asked for at once, so that the trees of a level that lie in one pack come with
 * few requests. The mark of a tree says that it was read or will be: nothing else is remembered of it.
 */
import { Failure } from '../../shared/errors.ts';
import { recordSize } from '../native/addon.ts';
import { missingRowSize, treeRowSize, type MarkedTrees } from '../native/blob-marks.ts';
import { markBytes, type Marks } from '../native/blob-index.ts';
import type { BlobType } from '../native/addon.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import { StorageError } from '../storage/object-store.ts';
import { SpanReaders, spansOf, type Span } from './blob-spans.ts';
import { damaged } from './damage.ts';
import { PendingTrees } from './pending-trees.ts';
import type { Repository } from './repository.ts';

export interface MarkPorts {
  readonly signal?: AbortSignal | undefined;
  /** Trees with a mark here are marked, but not entered. */
  readonly skip?: Marks;
  /** Called with numbers of trees. */
  readonly onFound?: (count: number) => void;
  readonly onRead?: (count: number) => void;
  /** Needed, but in no index. What it throws ends the work, as with `onUnreadable`. */
  readonly onMissing: (type: BlobType, id: Buffer) => void | Promise<void>;
  /** No copy of the tree can be read. */
  readonly onUnreadable: (id: Buffer, failure: Failure) => void | Promise<void>;
}

const readersAtOnce = 4;
/** Their spans are listed together. */
const packsAtOnce = 32;
const rootsAtOnce = 1000;

/** One bit an entry of the index, none of them set; good as long as nothing is added to the index. */
export function newMarks({ index }: Repository): Marks {
  return new Uint8Array(markBytes(index));
}

/** `roots`: ids of trees. Needs the index. Rejects with the signal's reason, and where the storage fails. */
export async function markBelow(repository: Repository, marks: Marks, roots: Iterable<Buffer>, ports: MarkPorts): Promise<void> {
  await new BelowRoots(repository, marks, ports).mark(roots);
}

class BelowRoots {
  readonly #repository: Repository;
  readonly #marks: Marks;
  readonly #ports: MarkPorts;
  readonly #pending = new PendingTrees();
  readonly #readers: SpanReaders;

  constructor(repository: Repository, marks: Marks, ports: MarkPorts) {
    this.#repository = repository;
    this.#marks = marks;
    this.#ports = ports;
    this.#readers = new SpanReaders(repository);
  }

  async mark(roots: Iterable<Buffer>): Promise<void> {
    const { store } = this.#repository;
    let nodes: object[] = [];
    const markRoots = async (): Promise<void> => {
      // The roots are like the folders of one more tree.
      await this.#heed(this.#markTree(Buffer.from(JSON.stringify({ nodes }))));
      nodes = [];
    };
    for (const id of roots) {
      nodes.push({ type: 'dir', subtree: id.toString('hex') });
      if (nodes.length === rootsAtOnce) await markRoots();
    }
    await markRoots();
    for (let level = this.#pending.take(); level.length > 0; level = this.#pending.take()) {
      for (let at = 0; at < level.length; at += packsAtOnce) {
        const spans = level.slice(at, at + packsAtOnce).flatMap(({ packId, records }) => Array.from(spansOf(records), (span) => ({ packId, span })));
        await mapConcurrently(spans, Math.min(store.connections, readersAtOnce), ({ packId, span }) => this.#readSpan(packId, span), this.#ports.signal);
      }
    }
  }

  #markTree(json: Buffer): MarkedTrees {
    return this.#repository.index.markTree(this.#marks, json, this.#ports.skip);
  }

  async #readSpan(packId: Buffer, span: Span): Promise<void> {
    const count = span.records.length / recordSize;
    const marked = await this.#markSpan(packId, span);
    if (marked !== undefined) await this.#heed(marked);
    const unreadable = marked?.unreadable ?? Array.from({ length: count }, (_, i) => i);
    for (const i of unreadable) await this.#readAlone(span.records.subarray(i * recordSize + 16, (i + 1) * recordSize));
    this.#ports.onRead?.(count);
  }

  /** Undefined where the pack cannot be read: then each tree is tried on its own, and every copy of it, and only that says whether it is lost. */
  async #markSpan(packId: Buffer, span: Span): Promise<MarkedTrees | undefined> {
    const { index, keys, logger } = this.#repository;
    try {
      return await this.#readers.with(async (reader) => index.markTrees(this.#marks, keys, await reader.read(packId, span, this.#ports.signal), span.records, this.#ports.skip));
    } catch (error) {
      this.#ports.signal?.throwIfAborted();
      if (!(error instanceof StorageError)) throw error;
      logger.warn({ pack: packId.toString('hex'), error: error.message }, 'folders of a pack cannot be read; trying other copies');
      return undefined;
    }
  }

  async #readAlone(id: Buffer): Promise<void> {
    const { signal } = this.#ports;
    let tree: MarkedTrees;
    try {
      tree = this.#markTree(await this.#repository.readBlob('tree', id, signal));
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof StorageError || (error instanceof Failure && error.code !== 'DAMAGED')) throw error;
      const failure = error instanceof Failure ? error : damaged(`Tree ${id.toString('hex')} is damaged: ${(error as Error).message}`, { cause: error });
      await this.#ports.onUnreadable(id, failure);
      return;
    }
    await this.#heed(tree);
  }

  async #heed({ trees, missing }: MarkedTrees): Promise<void> {
    for (let at = 0; at < missing.length; at += missingRowSize) await this.#ports.onMissing(missing[at] === 1 ? 'tree' : 'data', missing.subarray(at + 1, at + missingRowSize));
    this.#ports.onFound?.(trees.length / treeRowSize);
    this.#pending.add(trees);
  }
}
