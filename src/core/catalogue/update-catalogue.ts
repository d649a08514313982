/**
 * Brings a catalogue up to date with the snapshots of its repository. See catalogue-schema.ts for the vocabulary.
 *
 * Invariants: only trees that differ from their folder's head are read; memory is bounded by one batch of trees; between
 * batches other work gets its turn and the signal is looked at. A tree that cannot be read is noted with its path and
 * snapshot, what is below it is left out of that snapshot, and the rest is taken in.
 */
import { setImmediate } from 'node:timers/promises';
import { Failure } from '../../shared/errors.ts';
import { damaged } from '../repository/damage.ts';
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { parseTime } from '../repository/times.ts';
import { decodeTree, type Tree } from '../repository/tree.ts';
import { CatalogueWriter, type PendingTree, type Place } from './catalogue-writer.ts';
import type { Catalogue } from './open-catalogue.ts';
import { TreeBlobs, treeSize } from './tree-blobs.ts';

export interface UpdateProgress {
  readonly snapshotsDone: number;
  readonly snapshotsTotal: number;
  readonly treesRead: number;
}

export interface UpdateOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: UpdateProgress) => void;
}

/** Trees read and taken in at once, and the bytes of their blobs: a batch is one transaction, and few large ones cost least. */
const mostTrees = 1024;
const mostBytes = 16 * 1024 * 1024;

/**
 * `snapshots`: all that the repository has, by time ascending. Needs the index. Resolves with how many trees were read.
 * Rejects with the signal's reason, with what the storage reports, and with SQLite's errors (`isCatalogueFault`).
 */
export async function updateCatalogue(catalogue: Catalogue, repository: Repository, snapshots: readonly StoredSnapshot[], options: UpdateOptions = {}): Promise<{ readonly treesRead: number }> {
  const { signal, onProgress } = options;
  const writer = new CatalogueWriter(catalogue.database);
  const reader = new TreeBlobs(repository, signal);
  const wanted = new Map(snapshots.map((stored) => [stored.id, stored]));
  let treesRead = 0;
  writer.begunSnapshots().forEach((id) => {
    // Half a snapshot that nobody can finish: its places were taken in part.
    if (!wanted.has(id)) writer.abandon(id);
  });
  await removeGone(writer, wanted, signal);
  const known = writer.completeSnapshots();
  const missing = snapshots.filter(({ id }) => !known.has(id));
  // What was begun comes first: its line goes on only after it.
  const begun = new Set(writer.begunSnapshots());
  missing.sort((a, b) => Number(begun.has(b.id)) - Number(begun.has(a.id)));
  for (const [done, { id, snapshot }] of missing.entries()) {
    const place = writer.begin(id, { host: snapshot.hostname ?? '', paths: snapshot.paths, time: parseTime(snapshot.time) ?? 0n, tree: Buffer.from(snapshot.tree, 'hex') });
    for (;;) {
      signal?.throwIfAborted();
      const { batch, trees } = nextBatch(writer, place, repository);
      if (batch.length === 0) break;
      const blobs = await reader.read(trees);
      treesRead += blobs.size;
      writer.takeBatch(place, batch, ({ tree }) => treeOf(blobs.get((tree as Buffer).toString('hex'))));
      onProgress?.({ snapshotsDone: done, snapshotsTotal: missing.length, treesRead });
      await setImmediate();
    }
    writer.complete(id);
    onProgress?.({ snapshotsDone: done + 1, snapshotsTotal: missing.length, treesRead });
  }
  return { treesRead };
}

/** What comes next, and the trees (hex) that it needs. */
function nextBatch(writer: CatalogueWriter, place: Place, repository: Repository): { readonly batch: readonly PendingTree[]; readonly trees: readonly string[] } {
  const pending = writer.nextPending(mostTrees);
  const trees: string[] = [];
  let bytes = 0;
  for (const [index, item] of pending.entries()) {
    if (item.tree === null || writer.isHead(place, item)) continue;
    const tree = item.tree.toString('hex');
    bytes += treeSize(repository, tree);
    if (trees.length > 0 && bytes > mostBytes) return { batch: pending.slice(0, index), trees };
    trees.push(tree);
  }
  return { batch: pending, trees };
}

async function removeGone(writer: CatalogueWriter, wanted: ReadonlyMap<string, unknown>, signal: AbortSignal | undefined): Promise<void> {
  const gone = [...writer.completeSnapshots()].filter((id) => !wanted.has(id));
  if (gone.length === 0) return;
  writer.removeSnapshots(gone);
  // In slices; a kill in between leaves rows that no snapshot has, which the next removal takes along and no search shows.
  for (let next = writer.sweep(undefined); next !== undefined; next = writer.sweep(next)) {
    signal?.throwIfAborted();
    await setImmediate();
  }
}

function treeOf(blob: Buffer | Failure | undefined): Tree | Failure {
  try {
    return blob === undefined || blob instanceof Failure ? (blob ?? damaged('The tree is missing')) : decodeTree(blob);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
