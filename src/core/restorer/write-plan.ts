/**
 * Which bytes to fetch from which pack, and what to write where.
 *
 * Vocabulary: a *use* is one blob of one file: a write record of the addon (64 bytes) whose spare field holds the number
 * of the pack while planning. A *range* is a stretch of one pack that is fetched with one request; it covers several
 * uses, and gaps between blobs that are cheaper to fetch than a further request.
 *
 * Invariants: uses are ordered by pack (packs in the order in which the files first need them) and by offset, so each
 * wanted byte is fetched once; a range is at most `maxRange` long unless a single blob is longer, and ends after `maxUses`. Everything is flat:
 * 68 bytes a use.
 */
import { writeSize } from '../native/addon.ts';
import { locationSize } from '../native/blob-index.ts';
import type { BlobIndex, BlobLocation } from '../native/blob-index.ts';
import { idSize } from './entry-table.ts';

/**
 * Half of a usual pack. Each range costs a request and waking three threads on the way, so few and long ones win; and
 * the largest chunk, 8 MiB and what sealing adds, fits in.
 */
export const maxRange = 8 * 1024 * 1024 + 64 * 1024;
/** Uses of a range, but those of its last blob: what follows the fetching takes the longer the more files there are. */
export const maxUses = 1024;
/** Unwanted bytes between two wanted blobs that are fetched rather than asking twice. */
export const maxGap = 128 * 1024;

const offsetAt = 4;
const lengthAt = 8;
const uncompressedAt = 12;
const idAt = 16;
const tokenAt = 48;
const packAt = 52;
const fileOffsetAt = 56;
const sealedOverhead = 32;

export interface PackRange {
  readonly packId: Buffer;
  /** First byte and the byte after the last, in the pack. */
  readonly start: number;
  readonly end: number;
  /** Numbers of the uses, in the plan's order. */
  readonly from: number;
  readonly to: number;
}

export interface PlannedBlob {
  readonly id: Buffer;
  readonly offset: number;
  readonly length: number;
  readonly uncompressedLength: number;
  readonly plainLength: number;
}

function plainLengthOf({ length, uncompressedLength }: Pick<BlobLocation, 'length' | 'uncompressedLength'>): number {
  return uncompressedLength === 0 ? length - sealedOverhead : uncompressedLength;
}

/** The location of one blob after another, without an object for each: the addon's record, 44 bytes. */
class FoundLocation {
  readonly record = Buffer.alloc(locationSize);

  get offset(): number {
    return this.record.readUInt32LE(idSize);
  }
  get length(): number {
    return this.record.readUInt32LE(idSize + 4);
  }
  get uncompressedLength(): number {
    return this.record.readUInt32LE(idSize + 8);
  }

  take({ packId, offset, length, uncompressedLength }: BlobLocation): void {
    packId.copy(this.record);
    this.record.writeUInt32LE(offset, idSize);
    this.record.writeUInt32LE(length, idSize + 4);
    this.record.writeUInt32LE(uncompressedLength, idSize + 8);
  }
}

export class WritePlan {
  #uses: Buffer = Buffer.alloc(256 * writeSize);
  #count = 0;
  #order = new Uint32Array(0);
  readonly #found = new FoundLocation();
  readonly #packs: Buffer[] = [];
  readonly #packNumbers = new Map<string, number>();
  readonly #index: BlobIndex;

  constructor(index: BlobIndex) {
    this.#index = index;
  }

  get count(): number {
    return this.#count;
  }

  get packCount(): number {
    return this.#packs.length;
  }

  /**
   * Adds every blob of a file, but those that `skip` says need no write; `at` is where the blob's id lies in the content.
   * Returns the number of writes, or -1 (and adds nothing) if a blob is not indexed.
   */
  addFile(token: number, content: Buffer, skip?: (at: number, plainLength: number) => boolean): number {
    const before = this.#count;
    let fileOffset = 0;
    for (let at = 0; at < content.length; at += idSize) {
      if (!this.#locate(content, at)) {
        this.#count = before;
        return -1;
      }
      const plainLength = plainLengthOf(this.#found);
      if (skip?.(at, plainLength) !== true) this.#add(token, content, at, fileOffset);
      fileOffset += plainLength;
    }
    return this.#count - before;
  }

  /** Orders the uses; to be called once, after the last file. */
  seal(): void {
    const starts = new Uint32Array(this.#packs.length + 1);
    for (let use = 0; use < this.#count; use += 1) {
      const pack = this.#field(use, packAt) + 1;
      starts[pack] = (starts[pack] as number) + 1;
    }
    for (let pack = 1; pack < starts.length; pack += 1) starts[pack] = (starts[pack] as number) + (starts[pack - 1] as number);
    this.#order = new Uint32Array(this.#count);
    const next = starts.slice();
    for (let use = 0; use < this.#count; use += 1) {
      const pack = this.#field(use, packAt);
      this.#order[next[pack] as number] = use;
      next[pack] = (next[pack] as number) + 1;
    }
    for (let pack = 0; pack < this.#packs.length; pack += 1) this.#sortPack(this.#order.subarray(starts[pack], starts[pack + 1]));
  }

  /** The ranges in order, made as they are asked for. */
  *ranges(): Generator<PackRange> {
    let from = 0;
    while (from < this.#count) {
      const pack = this.packOf(from);
      const start = this.offset(from);
      let end = start + this.length(from);
      let to = from + 1;
      while (to < this.#count && this.packOf(to) === pack) {
        const nextEnd = Math.max(end, this.offset(to) + this.length(to));
        if (this.offset(to) - end > maxGap || nextEnd - start > maxRange) break;
        if (to - from >= maxUses && this.offset(to) >= end) break;
        end = nextEnd;
        to += 1;
      }
      yield { packId: this.#packs[pack] as Buffer, start, end, from, to };
      from = to;
    }
  }

  /** Every blob of the range as a range of its own (for a range that cannot be read whole). */
  *singleBlobs(range: PackRange): Generator<PackRange> {
    let from = range.from;
    while (from < range.to) {
      const start = this.offset(from);
      const end = start + this.length(from);
      let to = from + 1;
      while (to < range.to && this.offset(to) === start && this.length(to) === end - start) to += 1;
      yield { packId: range.packId, start, end, from, to };
      from = to;
    }
  }

  token(position: number): number {
    return this.#field(this.#at(position), tokenAt);
  }
  offset(position: number): number {
    return this.#field(this.#at(position), offsetAt);
  }
  length(position: number): number {
    return this.#field(this.#at(position), lengthAt);
  }
  packOf(position: number): number {
    return this.#field(this.#at(position), packAt);
  }

  /** Copies one use into `target` as the addon wants it, its offset counted from the start of the range. */
  copyWrite(position: number, rangeStart: number, target: Buffer, targetAt: number): void {
    const source = this.#at(position) * writeSize;
    this.#uses.copy(target, targetAt, source, source + writeSize);
    target.writeUInt32LE(this.offset(position) - rangeStart, targetAt + offsetAt);
    target.writeUInt32LE(0, targetAt + packAt);
  }

  /** The same for a blob that is handed over alone, without compression, as `length` sealed bytes. */
  copyPlainWrite(position: number, length: number, target: Buffer, targetAt: number): void {
    this.copyWrite(position, this.offset(position), target, targetAt);
    target.writeUInt32LE(length, targetAt + lengthAt);
    target.writeUInt32LE(0, targetAt + uncompressedAt);
  }

  /** Where the blob of a use lies in its pack; `id` is a view. */
  blob(position: number): PlannedBlob {
    const use = this.#at(position);
    const length = this.#field(use, lengthAt);
    const uncompressedLength = this.#field(use, uncompressedAt);
    const id = this.#uses.subarray(use * writeSize + idAt, use * writeSize + idAt + idSize);
    return { id, offset: this.#field(use, offsetAt), length, uncompressedLength, plainLength: plainLengthOf({ length, uncompressedLength }) };
  }

  #at(position: number): number {
    return this.#order[position] as number;
  }

  #field(use: number, field: number): number {
    return this.#uses.readUInt32LE(use * writeSize + field);
  }

  // Into `#found`. A pack that is read anyway serves its copy for free.
  #locate(content: Buffer, at: number): boolean {
    const found = this.#found;
    const copies = this.#index.locate('data', content, at, found.record);
    if (copies === 0) return false;
    if (copies > 1) {
      const locations = this.#index.lookup('data', content.subarray(at, at + idSize));
      const chosen = locations.find((location) => this.#packNumbers.has(location.packId.toString('latin1')));
      if (chosen !== undefined) found.take(chosen);
    }
    return true;
  }

  #packNumber(packId: Buffer): number {
    const key = packId.toString('latin1', 0, idSize);
    const known = this.#packNumbers.get(key);
    if (known !== undefined) return known;
    const number = this.#packs.push(Buffer.from(packId.subarray(0, idSize))) - 1;
    this.#packNumbers.set(key, number);
    return number;
  }

  #add(token: number, content: Buffer, idFrom: number, fileOffset: number): void {
    if ((this.#count + 1) * writeSize > this.#uses.length) {
      const grown = Buffer.alloc(this.#uses.length * 2);
      grown.set(this.#uses);
      this.#uses = grown;
    }
    const at = this.#count * writeSize;
    this.#count += 1;
    this.#uses.writeUInt32LE(this.#found.offset, at + offsetAt);
    this.#uses.writeUInt32LE(this.#found.length, at + lengthAt);
    this.#uses.writeUInt32LE(this.#found.uncompressedLength, at + uncompressedAt);
    content.copy(this.#uses, at + idAt, idFrom, idFrom + idSize);
    this.#uses.writeUInt32LE(token, at + tokenAt);
    this.#uses.writeUInt32LE(this.#packNumber(this.#found.record), at + packAt);
    this.#uses.writeUInt32LE(fileOffset % 0x1_0000_0000, at + fileOffsetAt);
    this.#uses.writeUInt32LE(Math.floor(fileOffset / 0x1_0000_0000), at + fileOffsetAt + 4);
  }

  // By offset; equal offsets keep the order of the files, so that they are decoded once.
  #sortPack(uses: Uint32Array): void {
    uses.sort((a, b) => this.#field(a, offsetAt) - this.#field(b, offsetAt) || a - b);
  }
}
