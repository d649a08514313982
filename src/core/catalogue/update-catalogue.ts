/**
 * Brings a catalogue up to date with the snapshots of its repository. See catalogue-schema.ts for the vocabulary.
 *
 * Invariants: only trees that differ from their folder's head are read; memory is bounded by one batch of trees; between
 * batches other work gets its turn and the signal is looked at. A tree that cannot be read is noted with its path and
 * snapshot, what is below it is left out of that snapshot, and the rest is taken in.
 */
import { setImmediate } from 'node:timers/promises';
import { Failure } from '../../shared/errors.ts';
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { parseTime } from '../repository/times.ts';
import { decodeTree, type TreeNode } from '../repository/tree.ts';
import { CatalogueWriter } from './catalogue-writer.ts';
import type { Catalogue } from './open-catalogue.ts';
import { readTreeBlobs } from './tree-blobs.ts';

export interface UpdateProgress {
  readonly snapshotsDone: number;
  readonly snapshotsTotal: number;
  readonly treesRead: number;
}

export interface UpdateOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: UpdateProgress) => void;
}

/** Trees read and taken in at once. */
const batchSize = 64;

/**
 * `snapshots`: all that the repository has, by time ascending. Needs the index. Resolves with how many trees were read.
 * Rejects with the signal's reason, with what the storage reports, and with SQLite's errors (`isCatalogueFault`).
 */
export async function updateCatalogue(catalogue: Catalogue, repository: Repository, snapshots: readonly StoredSnapshot[], options: UpdateOptions = {}): Promise<{ readonly treesRead: number }> {
  const { signal, onProgress } = options;
  const writer = new CatalogueWriter(catalogue.database);
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
    for (let batch = writer.nextPending(batchSize); batch.length > 0; batch = writer.nextPending(batchSize)) {
      signal?.throwIfAborted();
      const trees = batch.filter((item) => item.tree !== null && !writer.isHead(place, item));
      const blobs = await readTreeBlobs(repository, trees.map(({ tree }) => (tree as Buffer).toString('hex')), signal);
      treesRead += blobs.size;
      writer.takeBatch(place, batch, (item) => {
        const blob = blobs.get((item.tree as Buffer).toString('hex'));
        return blob === undefined ? undefined : nodesOf(blob);
      });
      onProgress?.({ snapshotsDone: done, snapshotsTotal: missing.length, treesRead });
      await setImmediate();
    }
    writer.complete(id);
    onProgress?.({ snapshotsDone: done + 1, snapshotsTotal: missing.length, treesRead });
  }
  return { treesRead };
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

function nodesOf(blob: Buffer | Failure): TreeNode[] | Failure {
  if (blob instanceof Failure) return blob;
  try {
    return decodeTree(blob).nodes;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
