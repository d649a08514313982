/**
 * Which parts of a pack to read for some of its blobs.
 *
 * Vocabulary: a *span* is a part that is read with one request: blobs that lie close together, and the little between them.
 */
import { recordSize } from '../native/addon.ts';
import type { Repository } from './repository.ts';

/** Reading on is cheaper than asking again. */
const largestGap = 256 * 1024;
const usualSpan = 2 * 1024 * 1024;

export interface Span {
  readonly offset: number;
  readonly length: number;
  /** Record list; offsets count from the start of the span. */
  readonly records: Buffer;
}

/** `records`: by offset. A span is longer than 2 MiB only for a blob that is. */
export function* spansOf(records: Buffer): Generator<Span> {
  for (let from = 0; from < records.length; ) {
    const start = records.readUInt32LE(from + 4);
    let end = start + records.readUInt32LE(from + 8);
    let to = from + recordSize;
    for (; to < records.length; to += recordSize) {
      const offset = records.readUInt32LE(to + 4);
      const next = offset + records.readUInt32LE(to + 8);
      if (offset - end > largestGap || next - start > usualSpan) break;
      end = Math.max(end, next);
    }
    const own = Buffer.from(records.subarray(from, to));
    for (let at = 0; at < own.length; at += recordSize) own.writeUInt32LE(own.readUInt32LE(at + 4) - start, at + 4);
    yield { offset: start, length: end - start, records: own };
    from = to;
  }
}

/** Memory for spans that is used again and again; one reader at a time. */
export class SpanReader {
  readonly #repository: Repository;
  #buffer = Buffer.alloc(0);

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** The bytes of the span, valid until the next read. Rejects with what the store says. */
  async read(packId: Buffer, { offset, length }: Span, signal?: AbortSignal): Promise<Buffer> {
    if (this.#buffer.length < length) this.#buffer = Buffer.allocUnsafeSlow(length < usualSpan ? Math.min(usualSpan, 2 * length) : length);
    const bytes = this.#buffer.subarray(0, length);
    await this.#repository.store.getInto({ type: 'data', name: packId.toString('hex') }, offset, bytes, signal);
    return bytes;
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
