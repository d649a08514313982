/**
 * Which parts of a pack to read for some of its blobs.
 *
 * Vocabulary: a *span* is a part that is read with one request: blobs that lie close together, and the little between them.
 */
import { recordSize } from '../native/addon.ts';
import type { Repository } from './repository.ts';
import { Room } from './room.ts';

/** Reading on is cheaper than asking again, where a part is asked for by itself. */
export const largestGap = 256 * 1024;
/** The same where many parts of files are read in one go. */
export const gapInBatches = 16 * 1024;
const usualSpan = 2 * 1024 * 1024;

export interface Span {
  readonly offset: number;
  readonly length: number;
  /** Record list; offsets count from the start of the span. */
  readonly records: Buffer;
}

export interface PackSpan {
  readonly packId: Buffer;
  readonly span: Span;
}

/** `records`: by offset. `gap`: bytes between two blobs that are read along. A span is longer than 2 MiB only for a blob that is. */
export function* spansOf(records: Buffer, gap: number = largestGap): Generator<Span> {
  for (let from = 0; from < records.length; ) {
    const start = records.readUInt32LE(from + 4);
    let end = start + records.readUInt32LE(from + 8);
    let to = from + recordSize;
    for (; to < records.length; to += recordSize) {
      const offset = records.readUInt32LE(to + 4);
      const next = offset + records.readUInt32LE(to + 8);
      if (offset - end > gap || next - start > usualSpan) break;
      end = Math.max(end, next);
    }
    const own = Buffer.from(records.subarray(from, to));
    for (let at = 0; at < own.length; at += recordSize) own.writeUInt32LE(own.readUInt32LE(at + 4) - start, at + 4);
    yield { offset: start, length: end - start, records: own };
    from = to;
  }
}

/** One piece of work at a time. */
export class SpanReader {
  readonly #repository: Repository;
  readonly #sealed = new Room();
  /** For what was sealed in the spans, if whoever reads them is done with it before the next. */
  readonly opened = new Room();

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** The bytes of the span, valid until the next read. Rejects with what the store says. */
  async read(packId: Buffer, { offset, length }: Span, signal?: AbortSignal): Promise<Buffer> {
    const bytes = this.#sealed.take(length);
    await this.#repository.store.getInto({ type: 'data', name: packId.toString('hex') }, offset, bytes, signal);
    return bytes;
  }

  /** The bytes of several, one after another, valid until the next read, and which of them were there. Rejects with what the store says; it must have batches. */
  async readTogether(spans: readonly PackSpan[]): Promise<{ readonly bytes: Buffer; readonly there: readonly boolean[] }> {
    const { batches } = this.#repository.store;
    if (batches === undefined) throw new TypeError('the store reads no parts of several objects in one go');
    const bytes = this.#sealed.take(spans.reduce((sum, { span }) => sum + span.length, 0));
    const ranges = spans.map(({ packId, span: { offset, length } }) => ({ name: packId.toString('hex'), offset, length }));
    return { bytes, there: await batches.getRanges('data', ranges, bytes) };
  }
}

/** Readers for work that goes on in several places at once. */
export class SpanReaders {
  readonly #repository: Repository;
  readonly #idle: SpanReader[] = [];

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  async with<T>(work: (reader: SpanReader) => Promise<T>): Promise<T> {
    const reader = this.#idle.pop() ?? new SpanReader(this.#repository);
    try {
      return await work(reader);
    } finally {
      this.#idle.push(reader);
    }
  }
}
