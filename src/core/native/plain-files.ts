/**
 * The *plain* files of one folder: at most one chunk each, no attributes, nothing in their nodes that needs an escape or
 * a member of its own. They stay native from the scan to the folder's tree, since a backup has millions of them and
 * nothing to decide about each; what is not so simple after all is *left* to the way of all other files. A part of the
 * contract in addon.ts.
 */
import type { DirectoryEntry } from './addon.ts';

export interface PlainFiles {
  readonly count: number;
  /** Sum of their sizes. */
  readonly bytes: number;
  /** Their very nodes stand in the old tree, and their blobs in the index: they need not be read. */
  readonly unchanged: boolean;
  /** Takes a file out that is left, which the tree then lacks; what the scan said of it. */
  leave(position: number): DirectoryEntry;
  /** The tree of these files, but those left, and of other nodes with these names and texts. Throws `E_FORMAT` for two nodes of one name. */
  encodeTree(names: readonly Uint8Array[], texts: readonly Uint8Array[]): Buffer;
}

export interface FolderScan {
  /** All entries but the plain files, sorted by the bytes of their names, each name once. */
  readonly entries: readonly DirectoryEntry[];
  /** Absent where there is none. With an old tree: present only if all are unchanged, else the files are among `entries`. */
  readonly plain?: PlainFiles;
  /** With `plain` and an old tree: a tree of the old nodes that are not theirs. */
  readonly oldRest?: Buffer;
}
