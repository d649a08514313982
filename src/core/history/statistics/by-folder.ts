/** Where the space goes: the entries of one folder, each with everything below it; and how they grew over time. */
import { newMarks } from '../../repository/mark-below.ts';
import type { Repository } from '../../repository/repository.ts';
import type { StoredSnapshot } from '../../repository/snapshots.ts';
import { TreeReader } from '../../repository/tree-reader.ts';
import { Failure } from '../../../shared/errors.ts';
import { markBlobs } from '../blob-marks.ts';
import { folderTree } from '../folder-tree.ts';
import type { CountOptions } from './counting-modes.ts';
import { TreeTotals } from './tree-totals.ts';

export interface EntrySize {
  /** Raw bytes. */
  readonly name: Buffer;
  readonly isFolder: boolean;
  /** Regular files, and what restoring them writes. */
  readonly files: number;
  readonly size: number;
}

export interface FolderSize extends EntrySize {
  /** Bytes in packs of the blobs below it; what several entries use counts with each. */
  readonly stored: number;
}

export interface GrowthStep {
  readonly id: string;
  readonly time: string;
  /** Of the whole folder; all zero where this snapshot has none. */
  readonly files: number;
  readonly size: number;
  /** Bytes in packs of the blobs below it that no step before had. */
  readonly addedStored: number;
  /** Its entries, largest first. */
  readonly entries: readonly EntrySize[];
}

/** The entries of a folder of a snapshot, largest first. Needs the index. Throws `PATH_NOT_FOUND`, and `DAMAGED` where the folder itself cannot be read. */
export async function sizesByFolder(repository: Repository, snapshot: StoredSnapshot, path: Buffer | undefined, { onUnreadable, signal }: CountOptions): Promise<FolderSize[]> {
  const tree = await folderTree(repository, snapshot, path, signal);
  const entries = await entrySizes(new TreeReader(repository, signal), new TreeTotals(repository, onUnreadable, signal), tree);
  const sizes: FolderSize[] = [];
  for (const { subtree, content, ...entry } of entries) {
    const used = newMarks(repository);
    if (subtree !== null) await markBlobs(repository, used, [subtree], { onUnreadable: toldAlready, signal });
    else if (content !== null) repository.index.markIn(used, 'data', content);
    sizes.push({ ...entry, stored: repository.index.sumMarked(used).stored });
  }
  return sizes.sort(bySize);
}

/** The id of the folder's tree in a snapshot. Throws `PATH_NOT_FOUND` and `DAMAGED`. */
export type FindFolder = (snapshot: StoredSnapshot) => Promise<Buffer>;

/** One step a snapshot, in the given order. Needs the index. A snapshot without the folder gives an empty step. */
export async function* growthByFolder(repository: Repository, snapshots: readonly StoredSnapshot[], find: FindFolder, { onUnreadable, signal }: CountOptions): AsyncGenerator<GrowthStep> {
  const trees = new TreeReader(repository, signal);
  const totals = new TreeTotals(repository, onUnreadable, signal);
  const seen = newMarks(repository);
  let stored = 0;
  for (const snapshot of snapshots) {
    const step = { id: snapshot.id, time: snapshot.snapshot.time };
    const tree = await treeOrNothing(repository, snapshot, find, onUnreadable, signal);
    if (tree === undefined) {
      yield { ...step, files: 0, size: 0, addedStored: 0, entries: [] };
      continue;
    }
    await markBlobs(repository, seen, [tree], { onUnreadable: toldAlready, signal });
    const before = stored;
    ({ stored } = repository.index.sumMarked(seen));
    const entries = (await entrySizes(trees, totals, tree)).map(({ name, isFolder, files, size }) => ({ name, isFolder, files, size })).sort(bySize);
    const { files, bytes } = await totals.of(tree);
    yield { ...step, files, size: bytes, addedStored: stored - before, entries };
  }
}

/** What cannot be read is told by whoever reads it first. */
const toldAlready = (): void => undefined;

async function treeOrNothing(repository: Repository, snapshot: StoredSnapshot, find: FindFolder, onUnreadable: (failure: Failure) => void, signal: AbortSignal | undefined): Promise<Buffer | undefined> {
  try {
    const tree = await find(snapshot);
    await repository.readTree(tree, signal);
    return tree;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof Failure) || (error.code !== 'PATH_NOT_FOUND' && error.code !== 'DAMAGED')) throw error;
    if (error.code === 'DAMAGED') onUnreadable(error);
    return undefined;
  }
}

interface EntryWithPlace extends EntrySize {
  readonly subtree: Buffer | null;
  readonly content: Buffer | null;
}

async function entrySizes(trees: TreeReader, totals: TreeTotals, tree: Buffer): Promise<EntryWithPlace[]> {
  const entries: EntryWithPlace[] = [];
  for (const { name, type, subtree, content, size } of (await trees.read(tree)).nodes) {
    const below = subtree === null ? { files: type === 'file' ? 1 : 0, bytes: Number(size) } : await totals.of(subtree);
    entries.push({ name, isFolder: type === 'dir', files: below.files, size: below.bytes, subtree, content });
  }
  return entries;
}

function bySize(a: EntrySize, b: EntrySize): number {
  return b.size - a.size || Buffer.compare(a.name, b.name);
}
