/**
 * Which blobs of an index trees need: part of the contract in addon.ts.
 *
 * Vocabulary: *marks* are bits, one an entry of the index (`markBytes`); a blob has that of its first entry. For a prune, a marked
 * blob is *used*, and one of its copies is *kept*. A *tree row* says where a tree lies; a *usage row* says how much of a pack is
 * kept.
 */
import type { KeySet } from './addon.ts';

/** A tree row, little-endian: pack id[32] · u32 offset · u32 length · u32 uncompressed length · blob id[32]. */
export const treeRowSize = 76;
/** `u8 type (0 data, 1 tree) · blob id[32]`. */
export const missingRowSize = 33;
/**
 * A usage row, little-endian: pack id[32] · u32 kept blobs · u32 other blobs · u32 how many of those are copies of kept
 * ones · u8 kinds · 3 zero bytes · u32 bytes of kept blobs · u32 of the others · u32 of the header · u32 of the copies · 8 zero
 * bytes. Bytes are as in the pack, and stop at 2^32 - 1.
 */
export const usageRowSize = 72;
/** Bits of the kinds: which blobs a pack has. */
export const packKinds = { data: 1, tree: 2, plain: 4 } as const;
/** A row of `indexedPacks`: pack id[32] · u32 number of blobs. */
export const indexedPackSize = 36;

export interface MarkedTrees {
  /** Tree rows of the subtrees that were not marked before. */
  readonly trees: Buffer;
  /** Rows of the blobs that the trees need and no index lists. */
  readonly missing: Buffer;
  /** Positions in `records` of those that are no intact tree. */
  readonly unreadable: readonly number[];
}

export interface BlobMarks {
  /** Marks what a tree (its JSON) needs. Subtrees that `skip` marks are marked but get no row. Throws `E_FORMAT`, also for a folder that has no tree; then nothing is marked. */
  markTree(marks: Uint8Array, json: Uint8Array, skip?: Uint8Array): MarkedTrees;
  /** Decodes the trees of a record list, whose offsets count from the start of `bytes`, and marks what they need. Until it settles, nobody else may read or write the marks but by such calls. */
  markTrees(marks: Uint8Array, keys: KeySet, bytes: Uint8Array, records: Uint8Array, skip?: Uint8Array): Promise<MarkedTrees>;
  /** Everything marked is used; chooses the copies that are kept. */
  chooseCopies(marks: Uint8Array): void;
  /** Keeps copies outside of these packs (n·32 bytes) where there are any. */
  keepOutside(packIds: Uint8Array): void;
  /** Tells a new pack, to which the kept copies of these blobs were copied: they are in it from now on and no longer where they were, which takes 4 bytes a blob. Where one has no kept copy, the pack is added (`addPack`). */
  movePack(packId: Uint8Array, records: Uint8Array): void;
  /** How many used blobs have no copy outside of these packs. */
  usedOnlyIn(packIds: Uint8Array): number;
  /** A usage row for each pack, by pack id. */
  packUsage(): Buffer;
  /** Record list of the pack's kept blobs, by offset. */
  keptRecords(packId: Uint8Array): Buffer;
  /** An index file that lists these packs (n·32 bytes), as it is stored; opened again and compared: `E_VERIFY`. */
  sealIndex(keys: KeySet, packIds: Uint8Array, version: 1 | 2): Promise<Buffer>;
}
