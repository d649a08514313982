/**
 * Writing the index of new packs (specification section 9).
 *
 * Vocabulary: an *interim* file is written while more packs come. What a program that is killed has stored since the
 * last one is in no index, and is stored again by the next run.
 *
 * Invariants: a pack is described completely in one index file, and only after it is durable; no file is written when
 * there is nothing to list; packs whose file could not be written wait for the next one.
 */
import { type BlobType, recordSize } from '../native/addon.ts';
import type { BlobIndex } from '../native/blob-index.ts';
import { writeIndexFile } from './index-files.ts';
import type { Repository } from './repository.ts';

/** As restic: a file is full at this many blobs, counted after a whole pack. */
const maximumBlobs = 50_000;
/**
 * How long a pack may wait, in milliseconds: two minutes at first, a twentieth of a longer run, at most restic's ten
 * minutes. A kill then costs little of the time that was spent, and a night's run still makes fewer than a hundred files.
 */
const minimumWait = 2 * 60 * 1000;
const maximumWait = 10 * 60 * 1000;
const shareOfRun = 1 / 20;

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
  for (let at = 0; at < records.length; at += recordSize) yield recordAt(records, at);
}

/** The blob whose record begins at `at`. */
export function recordAt(records: Buffer, at: number): BlobRecord {
  return {
    type: records[at] === 1 ? 'tree' : 'data',
    offset: records.readUInt32LE(at + 4),
    length: records.readUInt32LE(at + 8),
    uncompressedLength: records.readUInt32LE(at + 12),
    id: records.subarray(at + 16, at + recordSize),
  };
}

/** The record of a blob, 48 bytes. */
export function recordOf({ type, offset, length, uncompressedLength, id }: BlobRecord): Buffer {
  const record = Buffer.alloc(recordSize);
  record.writeUInt8(type === 'tree' ? 1 : 0, 0);
  record.writeUInt32LE(offset, 4);
  record.writeUInt32LE(length, 8);
  record.writeUInt32LE(uncompressedLength, 12);
  id.copy(record, 16);
  return record;
}

export class IndexWriter {
  readonly #repository: Repository;
  readonly #moves: boolean;
  readonly #written: string[] = [];
  /** Of the packs that wait, and of no others. */
  #waiting: BlobIndex;
  #blobs = 0;
  /** Times of the first pack of all and of the first that waits. */
  #firstPack: number | undefined;
  #oldestWaiting = 0;
  /** Ends with the write that was begun last. */
  #turn: Promise<unknown> = Promise.resolve();

  /** `moves`: what is added was copied from other packs, which go (`movePack`). */
  constructor(repository: Repository, { moves = false }: { readonly moves?: boolean } = {}) {
    this.#repository = repository;
    this.#moves = moves;
    this.#waiting = repository.addon.createIndex();
  }

  /**
   * Lists a pack that is durable, also in the repository's own index; writes an index file when enough are waiting.
   * `packId`: 32 bytes; `records`: n·48 bytes.
   */
  async addPack(packId: Buffer, records: Buffer, signal?: AbortSignal): Promise<void> {
    const now = this.#repository.clock.monotonic();
    this.#firstPack ??= now;
    if (this.#waiting.packCount === 0) this.#oldestWaiting = now;
    this.#wait(packId, records);
    if (this.#moves) this.#repository.index.movePack(packId, records);
    else this.#repository.index.addPack(packId, records);
    const longest = Math.min(maximumWait, Math.max(minimumWait, (now - this.#firstPack) * shareOfRun));
    if (this.#blobs >= maximumBlobs || now - this.#oldestWaiting >= longest) await this.#write(signal);
  }

  /** Writes what is waiting; resolves with the names of all index files of this writer. */
  async flush(signal?: AbortSignal): Promise<string[]> {
    await this.#write(signal);
    return [...this.#written];
  }

  /** One file after the other: a write that fails leaves its packs to the next. */
  async #write(signal?: AbortSignal): Promise<void> {
    const write = this.#turn.then(() => this.#writeNow(signal));
    this.#turn = Promise.allSettled([write]);
    await write;
  }

  async #writeNow(signal?: AbortSignal): Promise<void> {
    const packs = this.#waiting;
    if (packs.packCount === 0) return;
    // Before the first await: packs that end meanwhile belong to the next file.
    this.#waiting = this.#repository.addon.createIndex();
    this.#blobs = 0;
    const ids = packs.packIds();
    try {
      this.#written.push(await writeIndexFile(this.#repository, packs, ids, signal));
    } catch (error) {
      for (let at = 0; at < ids.length; at += 32) this.#wait(ids.subarray(at, at + 32), packs.packRecords(ids.subarray(at, at + 32)));
      throw error;
    }
  }

  #wait(packId: Buffer, records: Buffer): void {
    this.#waiting.addPack(packId, records);
    this.#blobs += records.length / recordSize;
  }
}
