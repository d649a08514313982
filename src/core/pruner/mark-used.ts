/**
 * Marks in the index what the snapshots need.
 *
 * Folders are read level by level, all snapshots at once, so that the trees of a level that lie in one pack come with few
 * requests. The mark of a tree says that it was read or will be: nothing else is remembered of it.
 *
 * Invariant: a tree that cannot be read, or a blob that no index lists, ends the work; what is needed is known completely
 * or not at all.
 */
import { Failure } from '../../shared/errors.ts';
import { recordSize } from '../native/addon.ts';
import { missingRowSize, treeRowSize } from '../native/blob-marks.ts';
import type { MarkedTrees } from '../native/blob-marks.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import { damaged } from '../repository/damage.ts';
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { StorageError } from '../storage/object-store.ts';
import { SpanReaders, spansOf, type Span } from './blob-spans.ts';
import { PendingTrees } from './pending-trees.ts';
import { placeOf } from './place-of.ts';

export interface MarkPorts {
  readonly signal?: AbortSignal | undefined;
  /** Called with numbers of trees. */
  readonly onFound: (count: number) => void;
  readonly onRead: (count: number) => void;
}

const readersAtOnce = 4;
const next =
  'Run `cyberbackup repair index`, in case only the index lacks it. What is really lost comes back with a backup of the same files, or is taken out of the snapshots by `cyberbackup repair snapshots`; then prune again';

/** Needs the index. Failure DAMAGED names a snapshot and a path. */
export async function markUsed(repository: Repository, snapshots: readonly StoredSnapshot[], ports: MarkPorts): Promise<void> {
  await new UsedBlobs(repository, snapshots, ports).mark();
}

class UsedBlobs {
  readonly #repository: Repository;
  readonly #snapshots: readonly StoredSnapshot[];
  readonly #ports: MarkPorts;
  readonly #pending = new PendingTrees();
  readonly #readers: SpanReaders;

  constructor(repository: Repository, snapshots: readonly StoredSnapshot[], ports: MarkPorts) {
    this.#repository = repository;
    this.#snapshots = snapshots;
    this.#ports = ports;
    this.#readers = new SpanReaders(repository);
  }

  async mark(): Promise<void> {
    const { index, store } = this.#repository;
    index.clearMarks();
    // The snapshots' roots are like the folders of one more tree.
    const roots = this.#snapshots.map(({ snapshot }) => ({ type: 'dir', subtree: snapshot.tree }));
    await this.#heed(index.markTree(Buffer.from(JSON.stringify({ nodes: roots }))));
    for (let level = this.#pending.take(); level.length > 0; level = this.#pending.take()) {
      const spans = level.flatMap(({ packId, records }) => Array.from(spansOf(records), (span) => ({ packId, span })));
      await mapConcurrently(spans, Math.min(store.connections, readersAtOnce), ({ packId, span }) => this.#readSpan(packId, span), this.#ports.signal);
    }
  }

  async #readSpan(packId: Buffer, span: Span): Promise<void> {
    const count = span.records.length / recordSize;
    const marked = await this.#markSpan(packId, span);
    if (marked !== undefined) await this.#heed(marked);
    const unreadable = marked?.unreadable ?? Array.from({ length: count }, (_, i) => i);
    for (const i of unreadable) await this.#readAlone(span.records.subarray(i * recordSize + 16, (i + 1) * recordSize));
    this.#ports.onRead(count);
  }

  /** Undefined where the pack is gone or cut off: then each tree is tried on its own, and every copy of it. */
  async #markSpan(packId: Buffer, span: Span): Promise<MarkedTrees | undefined> {
    const { index, keys, logger } = this.#repository;
    try {
      return await this.#readers.with(async (reader) => index.markTrees(keys, await reader.read(packId, span, this.#ports.signal), span.records));
    } catch (error) {
      if (!(error instanceof StorageError) || !['not-found', 'range'].includes(error.kind)) throw error;
      logger.warn({ pack: packId.toString('hex'), error: error.message }, 'folders of a pack cannot be read; trying other copies');
      return undefined;
    }
  }

  async #readAlone(id: Buffer): Promise<void> {
    const { signal } = this.#ports;
    let tree: MarkedTrees;
    try {
      const json = await this.#repository.readBlob('tree', id, signal);
      tree = this.#repository.index.markTree(json);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof StorageError || (error instanceof Failure && error.code !== 'DAMAGED')) throw error;
      const why = error instanceof Failure ? error.text.what : `Tree ${id.toString('hex')} is damaged: ${(error as Error).message}`;
      throw damaged(`${why}. It is needed by ${await this.#placeOf('tree', id)}`, { cause: error, next });
    }
    await this.#heed(tree);
  }

  async #heed({ trees, missing }: MarkedTrees): Promise<void> {
    if (missing.length > 0) {
      const type = missing[0] === 1 ? 'tree' : 'data';
      const id = missing.subarray(1, missingRowSize);
      const title = `${type === 'tree' ? 'Tree' : 'Data'} blob ${id.toString('hex')}`;
      throw damaged(`${title} is missing: no index lists it. It is needed by ${await this.#placeOf(type, id)}`, { next });
    }
    this.#ports.onFound(trees.length / treeRowSize);
    this.#pending.add(trees);
  }

  #placeOf(type: 'data' | 'tree', id: Buffer): Promise<string> {
    return placeOf(this.#repository, this.#snapshots, { type, id }, this.#ports.signal);
  }
}
