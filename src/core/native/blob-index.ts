/** Where every blob of a repository lies, in the engine's memory: part of the contract in addon.ts. */
import type { BlobType, KeySet } from './addon.ts';
import type { BlobMarks } from './blob-marks.ts';

/** Bytes of a location as `BlobIndex.locate` writes it. */
export const locationSize = 44;

/**
 * Marks: a set of blobs as one bit an entry of the index, `markBytes(index)` bytes long. A blob is the bit of its first
 * entry; marks are good as long as nothing is added to the index.
 */
export type Marks = Uint8Array;

export function markBytes(index: Pick<BlobIndex, 'entryCount'>): number {
  return Math.ceil(index.entryCount / 8);
}

/** Sums over marked blobs, in bytes and numbers. */
export interface MarkedBlobs {
  readonly dataBlobs: number;
  readonly treeBlobs: number;
  /** Of the content. */
  readonly plain: number;
  /** In packs. */
  readonly stored: number;
  /** Of those that are stored compressed. */
  readonly compressedBlobs: number;
  readonly compressedPlain: number;
  readonly compressedStored: number;
}

export interface BlobLocation {
  readonly packId: Buffer;
  readonly offset: number;
  readonly length: number;
  /** 0 where the blob is stored without compression. */
  readonly uncompressedLength: number;
}

/** What is kept of index files: everything; of the blobs of files how long they are, by the first 12 bytes of their ids, and not where; or nothing of them. */
export type IndexedBlobs = 'all' | 'lengths' | 'trees';

/** All index files of a repository, merged; under 64 bytes a blob. Thread-safe. */
export interface BlobIndex extends BlobMarks {
  readonly blobCount: number;
  readonly packCount: number;
  /** Bytes of memory held. */
  readonly memory: number;
  /** Adds one decoded index file (the JSON text); resolves with the number of packs in it. Rejects with `E_FORMAT`, then nothing of that file was added. */
  addIndexJson(json: Uint8Array): Promise<number>;
  /** The same for an index file as it is stored. Rejects also with `E_MAC`, and with `E_FORMAT` for compressed blobs in a repository of version 1. */
  addIndexFile(keys: KeySet, sealed: Uint8Array, version: 1 | 2, blobs: IndexedBlobs): Promise<number>;
  addPack(packId: Uint8Array, records: Uint8Array): void;
  has(type: BlobType, id: Uint8Array): boolean;
  /** Every stored copy; an empty array if there is none. */
  lookup(type: BlobType, id: Uint8Array): BlobLocation[];
  /**
   * How many copies are stored of the blob whose id begins at `from` in `ids`. Of the first, `record` (44 bytes) gets pack id ‖
   * offset ‖ length ‖ uncompressed length, little-endian: `lookup` without an object, for the many blobs of a restore.
   */
  locate(type: BlobType, ids: Uint8Array, from: number, record: Uint8Array): number;
  /** Plaintext length of the blob, or -1 if it is not indexed. */
  plainLength(type: BlobType, id: Uint8Array): number;
  /** Sum of the plaintext lengths of n·32 bytes of ids, or -1 if one is not indexed. */
  contentLength(type: BlobType, ids: Uint8Array): number;
  /** Entries, a blob in several packs counted with each. */
  readonly entryCount: number;
  /** The number of the blob's first entry, or -1 if it is not indexed. */
  entryOf(type: BlobType, id: Uint8Array): number;
  /** Marks the blobs of n·32 bytes of ids; returns those that are not indexed. */
  markIn(marks: Marks, type: BlobType, ids: Uint8Array): Buffer;
  sumMarked(marks: Marks): MarkedBlobs;
  /** All pack ids, n·32 bytes, sorted, each once. */
  packIds(): Buffer;
  /** The pack's record list, by offset; empty if unknown. A pack listed twice with equal content appears once. */
  packRecords(packId: Uint8Array): Buffer;
}
