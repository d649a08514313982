/**
 * Reading the blobs of many trees at once.
 *
 * Invariants: a blob is verified against its id; what cannot be read together with others is left to `Repository.readBlob`, which
 * tries every copy, so that only its failure counts.
 */
import { Failure } from '../../shared/errors.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import { gapInBatches, type PackSpan } from '../repository/blob-spans.ts';
import type { Repository } from '../repository/repository.ts';
import { TreeSpanReader } from '../repository/tree-span-reader.ts';
import { spansOfTrees, treesOf } from '../repository/tree-spans.ts';

/** As many as there usually are processors for; each has memory of its own. */
const partsAtOnce = 2;

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
    const { index, store } = this.#repository;
    const left = new Set(ids);
    const take = (key: string, blob: Buffer): void => {
      const id = Buffer.from(key, 'latin1').toString('hex');
      if (left.delete(id)) use(id, blob);
    };
    const { batches, connections } = store;
    const { spans } = spansOfTrees(index, Array.from(left, (id) => Buffer.from(id, 'hex')), batches === undefined ? {} : { gap: gapInBatches });
    if (batches === undefined) await mapConcurrently(spans, connections, (span) => this.#eachOf(span, take), this.#signal);
    else await mapConcurrently(partsOf(spans, partsAtOnce), partsAtOnce, (part) => this.#reader.openTogether(part, batches, take), this.#signal);
    await mapConcurrently([...left], connections, async (id) => use(id, await this.#readAlone(id)), this.#signal);
  }

  async #eachOf(span: PackSpan, take: (key: string, blob: Buffer) => void): Promise<void> {
    const opened = await this.#reader.open(span);
    for (const [place, { key }] of [...treesOf(span)].entries()) {
      const blob = opened[place];
      if (blob !== undefined) take(key, blob);
    }
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

/** About equally much in each. */
function partsOf(spans: readonly PackSpan[], count: number): PackSpan[][] {
  const total = spans.reduce((sum, { span }) => sum + span.length, 0);
  const parts: PackSpan[][] = Array.from({ length: count }, () => []);
  let before = 0;
  for (const packSpan of spans) {
    parts[Math.floor((before * count) / total)]?.push(packSpan);
    before += packSpan.span.length;
  }
  return parts.filter((part) => part.length > 0);
}
