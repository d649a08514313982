/**
 * Reading the trees of spans, those of a *part* (tree-spans.ts) in one go.
 *
 * Invariant: a blob that is handed on is what its id says; whatever else goes wrong (a damaged pack, a short read) is left to
 * `Repository.readBlob`, which tries every copy.
 */
import { recordSize } from '../native/addon.ts';
import { SpanReaders, type PackSpan, type SpanReader } from './blob-spans.ts';
import type { Repository } from './repository.ts';
import { treesOf } from './tree-spans.ts';

export class TreeSpanReader {
  readonly #repository: Repository;
  readonly #signal: AbortSignal | undefined;
  readonly #readers: SpanReaders;

  constructor(repository: Repository, signal?: AbortSignal) {
    this.#repository = repository;
    this.#signal = signal;
    this.#readers = new SpanReaders(repository);
  }

  /** Blobs in the order of the spans, undefined for one that is damaged or cannot be read so. Rejects with the signal's reason. */
  async open(part: readonly PackSpan[]): Promise<readonly (Buffer | undefined)[]> {
    return await this.#readers.with((reader) => this.#opened(part, reader, (size) => Buffer.allocUnsafeSlow(size)));
  }

  /** Hands each blob to `use`, valid during the call; one that is damaged or cannot be read so is left out. `key`: the id, a byte string. Rejects with the signal's reason, and what `use` throws. */
  async each(part: readonly PackSpan[], use: (key: string, blob: Buffer) => void): Promise<void> {
    await this.#readers.with(async (reader) => {
      const blobs = await this.#opened(part, reader, (size) => reader.opened.take(size));
      let place = 0;
      for (const { key } of treesOf(part)) {
        const blob = blobs[place];
        if (blob !== undefined) use(key, blob);
        place += 1;
      }
    });
  }

  /** `room` gives memory for all of the blobs; what an index says of their sizes may be more than there is. */
  async #opened(part: readonly PackSpan[], reader: SpanReader, room: (size: number) => Buffer): Promise<readonly (Buffer | undefined)[]> {
    const { addon, keys, logger } = this.#repository;
    try {
      const { bytes, records } = await this.#read(part, reader);
      this.#signal?.throwIfAborted();
      const target = room(plainSize(part));
      const intact = await addon.openBlobs(keys, bytes, records, target);
      let at = 0;
      return Array.from(treesOf(part), ({ key, size }, place) => {
        at += size;
        if (intact[place] === 1) return target.subarray(at - size, at);
        logger.warn({ tree: Buffer.from(key, 'latin1').toString('hex') }, 'tree blob is damaged; trying other copies');
        return undefined;
      });
    } catch (error) {
      this.#signal?.throwIfAborted();
      logger.warn({ packs: [...new Set(part.map(({ packId }) => packId.toString('hex')))], error: String(error) }, 'reading several trees at once failed; reading one by one');
      return [];
    }
  }

  /** `records`: with offsets that count from the start of `bytes`. */
  async #read(part: readonly PackSpan[], reader: SpanReader): Promise<{ readonly bytes: Buffer; readonly records: Buffer }> {
    const [first] = part;
    if (first !== undefined && part.length === 1) return { bytes: await reader.read(first.packId, first.span, this.#signal), records: first.span.records };
    const { bytes, there } = await reader.readTogether(part);
    return { bytes, records: recordsOf(part, there) };
  }
}

function plainSize(part: readonly PackSpan[]): number {
  let sum = 0;
  for (const { size } of treesOf(part)) sum += size;
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
