/**
 * The difference of two snapshots, or of a folder in each.
 *
 * Vocabulary: a *place* is a snapshot and, where one is named, a folder in it; paths are then below that folder.
 * Invariant: everything is streamed; what stays in memory does not grow with the number of changes, unless renames are
 * looked for (renames.ts).
 */
import { Failure } from '../../../shared/errors.ts';
import type { Repository } from '../../repository/repository.ts';
import type { StoredSnapshot } from '../../repository/snapshots.ts';
import type { NodeType } from '../../repository/tree.ts';
import { folderTree } from '../folder-tree.ts';
import { BlobDifference, type BlobSums } from './blob-difference.ts';
import type { Change, Unreadable } from './change.ts';
import { RenameFinder, type Rename } from './renames.ts';
import { walkDifferences } from './walk.ts';

export interface Place {
  readonly snapshot: StoredSnapshot;
  /** Raw bytes; the root without it. */
  readonly path?: Buffer;
}

/** The names are restic's. */
export interface EntrySums extends BlobSums {
  files: number;
  dirs: number;
  others: number;
}

export interface DifferenceStatistics {
  /** Files whose content changed. */
  readonly changedFiles: number;
  readonly added: EntrySums;
  readonly removed: EntrySums;
  /** Blobs whose size no index tells, as `<data/0123456789>`. */
  readonly unknownBlobs: readonly string[];
}

export interface Statistics {
  readonly kind: 'statistics';
  readonly statistics: DifferenceStatistics;
}

export interface DiffOptions {
  /** Report files that only changed their name, after all changes. */
  readonly renames?: boolean;
  readonly signal?: AbortSignal;
}

/** Changes in order of their paths, then renames, and last the statistics. Needs the index. Throws `PATH_NOT_FOUND`; what cannot be read is yielded. */
export async function* diff(repository: Repository, before: Place, after: Place, options: DiffOptions = {}): AsyncGenerator<Change | Unreadable | Rename | Statistics> {
  const { signal, renames = false } = options;
  const roots = { before: await folderTree(repository, before.snapshot, before.path, signal), after: await folderTree(repository, after.snapshot, after.path, signal) };
  const blobs = new BlobDifference(repository, roots, signal);
  const finder = renames ? new RenameFinder() : undefined;
  const added = { files: 0, dirs: 0, others: 0 };
  const removed = { files: 0, dirs: 0, others: 0 };
  let changedFiles = 0;
  const walk = walkDifferences(repository, roots, Buffer.alloc(0), { listener: blobs, contents: renames, ...(signal === undefined ? {} : { signal }) });
  for await (const found of roots.before.equals(roots.after) ? [] : walk) {
    if (found.kind === 'change') {
      if (found.before === undefined) added[counterOf(found.after?.type)] += 1;
      else if (found.after === undefined) removed[counterOf(found.before.type)] += 1;
      else if (found.differs.content) changedFiles += 1;
      finder?.see(found);
    }
    yield found;
  }
  if (finder !== undefined) yield* finder.renames();
  const { sums, unreadable } = await blobSums(blobs, signal);
  if (unreadable !== undefined) yield unreadable;
  yield { kind: 'statistics', statistics: { changedFiles, added: { ...added, ...sums.added }, removed: { ...removed, ...sums.removed }, unknownBlobs: sums.unknown } };
}

function counterOf(type: NodeType | undefined): 'files' | 'dirs' | 'others' {
  return type === 'file' ? 'files' : type === 'dir' ? 'dirs' : 'others';
}

const noSums: BlobSums = { data_blobs: 0, tree_blobs: 0, bytes: 0 };

/** Unchanged folders that cannot be read leave the sums unknown, and the changes as they are. */
async function blobSums(blobs: BlobDifference, signal: AbortSignal | undefined): Promise<{ readonly sums: Awaited<ReturnType<BlobDifference['sums']>>; readonly unreadable?: Unreadable }> {
  try {
    return { sums: await blobs.sums() };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
    return { sums: { added: noSums, removed: noSums, unknown: [] }, unreadable: { kind: 'unreadable', path: Buffer.from('/'), failure: error } };
  }
}
