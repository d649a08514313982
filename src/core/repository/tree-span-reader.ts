/**
 * Reading the trees of spans.
 *
 * Invariant: a blob that is handed on is what its id says; whatever else goes wrong (a damaged pack, a short read) is left to
 * `Repository.readBlob`, which tries every copy.
 */
import { recordSize } from '../native/addon.ts';
import type { ObjectBatches } from '../storage/object-batches.ts';
import { SpanReaders, type PackSpan } from './blob-spans.ts';
import type { Repository } from './repository.ts';
import { treesOf } from './tree-spans.ts';

interface SealedTrees {
  readonly sealed: Buffer;
  /** With offsets that count from the start of `sealed`. */
  readonly records: Buffer;
  /** Gets the blobs. */
  readonly target: Buffer;
}

interface OpenedTree {
  readonly key: string;
  /** Undefined where it is damaged. */
  readonly blob: Buffer | undefined;
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

  /** Blobs in the order of the span; undefined for a damaged one, and an empty list where the pack cannot be read so. Rejects with the signal's reason. */
  async open(span: PackSpan): Promise<readonly (Buffer | undefined)[]> {
    const opened = await this.#readers.with((reader) =>
      this.#opened([span], async () => ({ sealed: await reader.read(span.packId, span.span, this.#signal), records: span.span.records, target: Buffer.allocUnsafeSlow(plainSize([span])) })),
    );
    return opened.map(({ blob }) => blob);
  }

  /** The blobs of several spans, read in one go and handed to `use`, each valid during its call; damaged ones are left out. `key`: the id, a byte string. Rejects with the signal's reason, and what `use` throws. */
  async openTogether(spans: readonly PackSpan[], batches: ObjectBatches, use: (key: string, blob: Buffer) => void): Promise<void> {
    await this.#readers.with(async (reader) => {
      const opened = await this.#opened(spans, async () => {
        const { bytes, there } = await reader.readTogether(spans, batches);
        return { sealed: bytes, records: recordsOf(spans, there), target: reader.opened.take(plainSize(spans)) };
      });
      for (const { key, blob } of opened) if (blob !== undefined) use(key, blob);
    });
  }

  async #opened(spans: readonly PackSpan[], read: () => Promise<SealedTrees>): Promise<OpenedTree[]> {
    const { addon, keys, logger } = this.#repository;
    try {
      const { sealed, records, target } = await read();
      this.#signal?.throwIfAborted();
      const intact = await addon.openBlobs(keys, sealed, records, target);
      let at = 0;
      return Array.from(treesIn(spans), ({ key, size }, place) => {
        const blob = intact[place] === 1 ? target.subarray(at, at + size) : undefined;
        if (blob === undefined) logger.warn({ tree: Buffer.from(key, 'latin1').toString('hex') }, 'tree blob is damaged; trying other copies');
        at += size;
        return { key, blob };
      });
    } catch (error) {
      this.#signal?.throwIfAborted();
      logger.warn({ packs: [...new Set(spans.map(({ packId }) => packId.toString('hex')))], error: String(error) }, 'reading several trees at once failed; reading one by one');
      return [];
    }
  }
}

function* treesIn(spans: readonly PackSpan[]): ReturnType<typeof treesOf> {
  for (const span of spans) yield* treesOf(span);
}

function plainSize(spans: readonly PackSpan[]): number {
  let sum = 0;
  for (const { size } of treesIn(spans)) sum += size;
  return sum;
}

/** What was not there gets a place where no blob can be. */
function recordsOf(spans: readonly PackSpan[], there: readonly boolean[]): Buffer {
  const records = Buffer.concat(spans.map(({ span }) => span.records));
  let at = 0;
  let begin = 0;
  for (const [i, { span }] of spans.entries()) {
    for (const end = at + span.records.length; at < end; at += recordSize) records.writeUInt32LE(there[i] === true ? begin + records.readUInt32LE(at + 4) : 0xffff_ffff, at + 4);
    begin += span.length;
  }
  return records;
}
