/** Trees that are asked for together, and the spans of packs that hold them (blob-spans.ts). */
import { recordSize } from '../native/addon.ts';
import type { BlobIndex } from '../native/blob-index.ts';
import { treeRowSize } from '../native/blob-marks.ts';
import { SpanReaders, spansOf, type Span } from './blob-spans.ts';
import { PendingTrees } from './pending-trees.ts';
import type { Repository } from './repository.ts';

export interface TreeSpan {
  readonly packId: Buffer;
  readonly span: Span;
}

const locationSize = 44;

/** The first copy of each; what no index lists is left out. `mostBytes`: of plaintext, at least one tree whatever its size. */
export function spansOfTrees(index: BlobIndex, ids: readonly Buffer[], mostBytes = Number.POSITIVE_INFINITY): { readonly spans: readonly TreeSpan[]; readonly bytes: number } {
  const rows = Buffer.allocUnsafe(ids.length * treeRowSize);
  let count = 0;
  let bytes = 0;
  for (const id of ids) {
    const row = rows.subarray(count * treeRowSize, (count + 1) * treeRowSize);
    if (index.locate('tree', id, 0, row.subarray(0, locationSize)) === 0) continue;
    const size = row.readUInt32LE(40) || row.readUInt32LE(36);
    if (count > 0 && bytes + size > mostBytes) break;
    id.copy(row, locationSize);
    bytes += size;
    count += 1;
  }
  const pending = new PendingTrees();
  pending.add(rows.subarray(0, count * treeRowSize));
  const spans = pending.take().flatMap(({ packId, records }) => Array.from(spansOf(records), (span) => ({ packId, span })));
  return { spans, bytes };
}

/** The ids of the trees in a span, as byte strings, and their plaintext sizes. */
export function* treesOf({ span: { records } }: TreeSpan): Generator<{ readonly key: string; readonly size: number }> {
  for (let at = 0; at < records.length; at += recordSize) {
    yield { key: records.toString('latin1', at + 16, at + recordSize), size: records.readUInt32LE(at + 12) || records.readUInt32LE(at + 8) };
  }
}

export class TreeSpanReader {
  readonly #repository: Repository;
  readonly #signal: AbortSignal | undefined;
  readonly #readers: SpanReaders;

  constructor(repository: Repository, signal?: AbortSignal) {
    this.#repository = repository;
    this.#signal = signal;
    this.#readers = new SpanReaders(repository);
  }

  /** Verified blobs in the order of the span; null for a damaged one, and an empty list where the pack cannot be read so. Rejects with the signal's reason. */
  async open({ packId, span }: TreeSpan): Promise<readonly (Buffer | null)[]> {
    const { addon, keys, logger } = this.#repository;
    const name = packId.toString('hex');
    try {
      const opened = await this.#readers.with(async (reader) => addon.openBlobs(keys, await reader.read(packId, span, this.#signal), span.records));
      for (const [place, blob] of opened.entries()) {
        if (blob === null) logger.warn({ tree: span.records.toString('hex', place * recordSize + 16, (place + 1) * recordSize), pack: name }, 'tree blob is damaged; trying other copies');
      }
      return opened;
    } catch (error) {
      this.#signal?.throwIfAborted();
      logger.warn({ pack: name, error: String(error) }, 'reading several trees at once failed; reading one by one');
      return [];
    }
  }
}
