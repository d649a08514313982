/**
 * What each snapshot holds, and what it holds alone.
 *
 * Vocabulary: a blob is *shared* if two of the snapshots use it; what a snapshot holds *alone* are the others: that much
 * would be free without it.
 *
 * Invariants: four bits a blob of the index, however many snapshots; a tree is read at most three times, a shared one twice.
 */
import type { Marks } from '../../native/blob-index.ts';
import { newMarks } from '../../repository/mark-below.ts';
import type { Repository } from '../../repository/repository.ts';
import type { StoredSnapshot } from '../../repository/snapshots.ts';
import { markBlobs, type UsedBlobsOptions } from '../blob-marks.ts';
import type { CountOptions } from './counting-modes.ts';
import { TreeTotals } from './tree-totals.ts';

export interface SnapshotSize {
  readonly id: string;
  readonly time: string;
  /** Regular files, and what restoring them writes. */
  readonly files: number;
  readonly size: number;
  /** Blobs that no other snapshot uses: their number, and their bytes in packs. */
  readonly aloneBlobs: number;
  readonly aloneStored: number;
}

/**
 * In the order of `shown`, which are among `all`. Whoever asks what can be freed names all snapshots of the repository as
 * `all`. Needs the index.
 */
export async function sizesBySnapshot(repository: Repository, all: readonly StoredSnapshot[], shown: readonly StoredSnapshot[], { onUnreadable, signal }: CountOptions): Promise<SnapshotSize[]> {
  const shared = await sharedBlobs(repository, all, { onUnreadable, signal });
  const totals = new TreeTotals(repository, () => undefined, signal);
  const sizes: SnapshotSize[] = [];
  for (const { id, snapshot } of shown) {
    const root = Buffer.from(snapshot.tree, 'hex');
    const own = newMarks(repository);
    await markBlobs(repository, own, [root], { skip: shared, onUnreadable: () => undefined, signal });
    for (let at = 0; at < own.length; at += 1) own[at] = (own[at] ?? 0) & ~(shared[at] ?? 0);
    const { dataBlobs, treeBlobs, stored } = repository.index.sumMarked(own);
    const { files, bytes } = await totals.of(root);
    sizes.push({ id, time: snapshot.time, files, size: bytes, aloneBlobs: dataBlobs + treeBlobs, aloneStored: stored });
  }
  return sizes;
}

async function sharedBlobs(repository: Repository, all: readonly StoredSnapshot[], options: UsedBlobsOptions): Promise<Marks> {
  const seen = newMarks(repository);
  const shared = newMarks(repository);
  for (const { snapshot } of all) {
    // Below a shared tree everything is shared already, so that it need not be entered.
    const own = newMarks(repository);
    await markBlobs(repository, own, [Buffer.from(snapshot.tree, 'hex')], { ...options, skip: shared });
    for (let at = 0; at < seen.length; at += 1) {
      const marks = own[at] ?? 0;
      shared[at] = (shared[at] ?? 0) | ((seen[at] ?? 0) & marks);
      seen[at] = (seen[at] ?? 0) | marks;
    }
  }
  return shared;
}
