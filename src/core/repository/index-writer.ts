/**
 * Writing the index of new packs (specification section 9).
 *
 * Invariants: a pack is described completely in one index file, and only after it is durable; no file is written when
 * there is nothing to list.
 */
import { type BlobType, recordSize } from '../native/addon.ts';
import type { Repository } from './repository.ts';

/** As restic: a file is full at this many blobs, counted after a whole pack, or after ten minutes. */
const maximumBlobs = 50_000;
const maximumAge = 10 * 60 * 1000;

/** One blob of a record list (addon.ts). */
export interface BlobRecord {
  readonly type: BlobType;
  readonly offset: number;
  /** Sealed bytes in the pack. */
  readonly length: number;
  /** 0 where the blob is stored without compression. */
  readonly uncompressedLength: number;
  readonly id: Buffer;
}

/** The blobs of a record list, n·48 bytes; their ids are views of it. */
export function* readRecords(records: Buffer): Generator<BlobRecord> {
  if (records.length % recordSize !== 0) throw new RangeError('a record list has a wrong length');
  for (let start = 0; start < records.length; start += recordSize) {
    yield {
      type: records[start] === 1 ? 'tree' : 'data',
      offset: records.readUInt32LE(start + 4),
      length: records.readUInt32LE(start + 8),
      uncompressedLength: records.readUInt32LE(start + 12),
      id: records.subarray(start + 16, start + recordSize),
    };
  }
}

/** The member of an index's `packs` for one pack. */
export function packText(packId: Buffer, records: Buffer): string {
  const blobs: string[] = [];
  for (const { type, offset, length, uncompressedLength, id } of readRecords(records)) {
    const uncompressed = uncompressedLength === 0 ? '' : `,"uncompressed_length":${uncompressedLength}`;
    blobs.push(`{"id":"${id.toString('hex')}","type":"${type}","offset":${offset},"length":${length}${uncompressed}}`);
  }
  return `{"id":"${packId.toString('hex')}","blobs":[${blobs.join(',')}]}`;
}

/** The JSON text of an index file. */
export function indexText(packs: readonly string[]): Buffer {
  return Buffer.from(`{"packs":[${packs.join(',')}]}\n`, 'latin1');
}

export class IndexWriter {
  readonly #repository: Repository;
  readonly #written: string[] = [];
  #packs: string[] = [];
  #blobs = 0;
  #started = 0;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /**
   * Lists a pack that is durable, also in the repository's own index; writes an index file when enough are waiting.
   * `packId`: 32 bytes; `records`: n·48 bytes.
   */
  async addPack(packId: Buffer, records: Buffer, signal?: AbortSignal): Promise<void> {
    const now = this.#repository.clock.monotonic();
    if (this.#packs.length === 0) this.#started = now;
    this.#packs.push(packText(packId, records));
    this.#blobs += records.length / recordSize;
    this.#repository.index.addPack(packId, records);
    if (this.#blobs >= maximumBlobs || now - this.#started >= maximumAge) await this.#write(signal);
  }

  /** Writes what is waiting; resolves with the names of all index files of this writer. */
  async flush(signal?: AbortSignal): Promise<string[]> {
    if (this.#packs.length > 0) await this.#write(signal);
    return [...this.#written];
  }

  async #write(signal?: AbortSignal): Promise<void> {
    const text = indexText(this.#packs);
    // Before the first await: packs that end meanwhile belong to the next file.
    this.#packs = [];
    this.#blobs = 0;
    this.#written.push(await this.#repository.writeUnpacked('index', text, signal));
  }
}
