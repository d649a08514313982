/**
 * Blobs that are to be read, gathered by the packs that hold them, so that each pack is read once and in few requests.
 *
 * Invariant: a blob costs about 40 bytes here, whatever its size.
 */
import type { BlobType } from '../native/addon.ts';
import { readRecords, type BlobRecord } from '../repository/index-writer.ts';
import type { Repository } from '../repository/repository.ts';

/** Neighbours closer than this are read together; what lies between them is read in vain. */
const largestGap = 64 * 1024;
/** A request is no larger, unless a single blob is. */
const largestRequest = 4 * 1024 * 1024;

/** A part of a pack with the wanted blobs in it, by offset. */
export interface WantedRange {
  /** 32 bytes. */
  readonly packId: Buffer;
  readonly offset: number;
  readonly length: number;
  readonly blobs: readonly BlobRecord[];
}

export class WantedBlobs {
  readonly #repository: Repository;
  /** Offsets by pack id (latin-1). */
  readonly #packs = new Map<string, Set<number>>();
  #bytes = 0;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** Plaintext bytes of what is wanted. */
  get bytes(): number {
    return this.#bytes;
  }

  /** False where no index lists the blob. */
  add(type: BlobType, id: Buffer): boolean {
    const [location] = this.#repository.index.lookup(type, id);
    if (location === undefined) return false;
    const key = location.packId.toString('latin1');
    const offsets = this.#packs.get(key) ?? new Set();
    this.#packs.set(key, offsets);
    if (offsets.has(location.offset)) return true;
    offsets.add(location.offset);
    this.#bytes += this.#repository.index.plainLength(type, id);
    return true;
  }

  /** Pack by pack. */
  *ranges(): Generator<WantedRange> {
    for (const [key, offsets] of this.#packs) {
      const packId = Buffer.from(key, 'latin1');
      const records = [...readRecords(this.#repository.index.packRecords(packId))].filter(({ offset }) => offsets.has(offset));
      yield* joined(packId, records);
    }
  }
}

/** `records`: by offset. */
function* joined(packId: Buffer, records: readonly BlobRecord[]): Generator<WantedRange> {
  let blobs: BlobRecord[] = [];
  let start = 0;
  let end = 0;
  for (const record of records) {
    const recordEnd = record.offset + record.length;
    if (blobs.length > 0 && (record.offset - end > largestGap || recordEnd - start > largestRequest)) {
      yield { packId, offset: start, length: end - start, blobs };
      blobs = [];
    }
    if (blobs.length === 0) start = record.offset;
    blobs.push(record);
    end = recordEnd;
  }
  if (blobs.length > 0) yield { packId, offset: start, length: end - start, blobs };
}
