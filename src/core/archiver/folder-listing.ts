/** What is in a folder, on disk and in the parent snapshot: its plain files all together, everything else one by one. */
import type { Addon, DirectoryEntry } from '../native/addon.ts';
import type { BlobIndex } from '../native/blob-index.ts';
import type { PlainFiles } from '../native/plain-files.ts';
import type { Tree } from '../repository/tree.ts';
import { byteString } from './byte-path.ts';
import type { Excludes } from './excludes.ts';
import type { Folder } from './folder.ts';
import { sortedByName } from './old-nodes.ts';

/** How trees of the parent snapshot are had; undefined where a tree is damaged or missing. */
export interface OldTrees {
  read(id: Buffer): Promise<Tree | undefined>;
  readBlob(id: Buffer): Promise<Buffer | undefined>;
  /** The tree in a blob, or in a part of it. */
  decode(id: Buffer, blob: Buffer): Tree | undefined;
  /** Starts reading trees that will be asked for soon, first come first. */
  prefetch(ids: Iterable<Buffer>): void;
}

export interface ListingPorts {
  readonly addon: Pick<Addon, 'scanDirectory' | 'scanFolder'>;
  readonly index: BlobIndex;
  readonly excludes: Excludes;
  readonly oneFileSystem: boolean;
  /** Without its old tree, everything in a folder counts as new. */
  readonly oldTrees: OldTrees;
}

export interface Listing {
  readonly entries: readonly DirectoryEntry[];
  /** Without the nodes of `plain`. */
  readonly tree: Tree | undefined;
  readonly plain: PlainFiles | undefined;
}

/** Rejects where the folder cannot be read. */
export async function listFolder(folder: Folder, { addon, index, excludes, oneFileSystem, oldTrees }: ListingPorts): Promise<Listing> {
  const { place } = folder;
  const old = place.old?.subtree ?? undefined;
  // Where each entry has to be judged, all of them come one by one.
  if (!place.whole || place.planned.length > 0 || oneFileSystem || !excludes.isEmpty) {
    const [entries, tree] = await Promise.all([entriesOf(folder, addon), old === undefined ? undefined : oldTrees.read(old)]);
    return { entries, tree, plain: undefined };
  }
  const oldTree = old === undefined ? undefined : await oldTrees.readBlob(old);
  const { entries, plain, oldRest } = await addon.scanFolder(folder.path(), { index, ...(oldTree === undefined ? {} : { oldTree }) });
  const rest = oldRest ?? oldTree;
  return { entries, tree: old === undefined || rest === undefined ? undefined : oldTrees.decode(old, rest), plain };
}

async function entriesOf(folder: Folder, addon: Pick<Addon, 'scanDirectory'>): Promise<readonly DirectoryEntry[]> {
  if (!folder.place.whole) return folder.place.planned.map((node) => ({ ...node.entry, name: node.name }));
  return sortedByName(await addon.scanDirectory(folder.path(), { xattrs: true }));
}

/** The names that are kept in a folder with a tag file; undefined where all are. */
export async function keptInFolder(folder: Folder, entries: readonly DirectoryEntry[], excludes: Excludes): Promise<ReadonlySet<string> | undefined> {
  if (!folder.place.whole || excludes.tagFiles.length === 0) return undefined;
  return excludes.keptInTaggedFolder(folder.path(), new Set(entries.map((entry) => byteString(entry.name))));
}

/** Those that are looked at; more of them may wait. */
const foldersAhead = 64;

/** The trees that the parent snapshot has of folders which wait, the next one first. */
export function* oldTreesFromEnd(waiting: readonly Folder[]): Generator<Buffer> {
  for (let i = waiting.length - 1; i >= Math.max(0, waiting.length - foldersAhead); i--) {
    const subtree = waiting[i]?.place.old?.subtree;
    if (subtree !== undefined && subtree !== null) yield subtree;
  }
}
