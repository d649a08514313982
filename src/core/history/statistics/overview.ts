/**
 * What snapshots hold and what they take, at a glance.
 *
 * Vocabulary: the *restore size* is the bytes that restoring writes, hard links once; the *raw size* is what the blobs
 * that the snapshots use take in packs, each blob once, and the *uncompressed size* their plaintext.
 */
import { newMarks } from '../../repository/mark-below.ts';
import type { Repository } from '../../repository/repository.ts';
import type { StoredSnapshot } from '../../repository/snapshots.ts';
import { markBlobs } from '../blob-marks.ts';
import type { CountOptions } from './counting-modes.ts';
import { TreeTotals, addTotals, noTotals } from './tree-totals.ts';

/** Sizes in bytes, summed over the snapshots. */
export interface Overview {
  readonly snapshots_count: number;
  /** Restore size of all snapshots, each counted on its own. */
  readonly total_size: number;
  /** Regular files, as in the summary of a backup. */
  readonly total_file_count: number;
  readonly total_directory_count: number;
  /** Raw size of the blobs in use. */
  readonly total_raw_size: number;
  readonly total_uncompressed_size: number;
  readonly total_blob_count: number;
  readonly data_blob_count: number;
  readonly tree_blob_count: number;
  /** Uncompressed by raw size; 1 where nothing is stored. */
  readonly compression_ratio: number;
  readonly compression_space_saving: number;
  /** Restore by uncompressed size; 1 where nothing is stored. */
  readonly deduplication_ratio: number;
  /** Of the whole repository, whether in use or not. */
  readonly repository_pack_count: number;
  readonly repository_blob_count: number;
}

/** Needs the index. Each tree is read twice at most, however many snapshots list it. */
export async function overview(repository: Repository, snapshots: readonly StoredSnapshot[], { onUnreadable, signal }: CountOptions): Promise<Overview> {
  const totals = new TreeTotals(repository, onUnreadable, signal);
  const roots = snapshots.map(({ snapshot }) => Buffer.from(snapshot.tree, 'hex'));
  let total = noTotals;
  for (const root of roots) total = addTotals(total, await totals.of(root));
  const used = newMarks(repository);
  // What cannot be read was told by then.
  await markBlobs(repository, used, roots, { onUnreadable: () => undefined, signal });
  const { dataBlobs, treeBlobs, plain, stored } = repository.index.sumMarked(used);
  return {
    snapshots_count: snapshots.length,
    total_size: total.bytes,
    total_file_count: total.files,
    total_directory_count: total.folders,
    total_raw_size: stored,
    total_uncompressed_size: plain,
    total_blob_count: dataBlobs + treeBlobs,
    data_blob_count: dataBlobs,
    tree_blob_count: treeBlobs,
    compression_ratio: stored === 0 ? 1 : plain / stored,
    compression_space_saving: plain === 0 ? 0 : (1 - stored / plain) * 100,
    deduplication_ratio: plain === 0 ? 1 : total.bytes / plain,
    repository_pack_count: repository.index.packCount,
    repository_blob_count: repository.index.blobCount,
  };
}
