/** What an archive gets of a node. */
import type { TreeNode } from '../../repository/tree.ts';

/** Files, folders and links, as in restic: devices, FIFOs and sockets are for a restore. */
export const archivedTypes: ReadonlySet<TreeNode['type']> = new Set(['file', 'dir', 'symlink']);

export interface ArchiveEntry {
  /** Raw bytes, without a slash at the begin or the end. */
  readonly name: Buffer;
  readonly node: TreeNode;
  /** Bytes of a file that follow. */
  readonly size: number;
}

/** Takes entries one after the other: `begin`, then `write` for the content of a file, then `end`. Each returns what to put out. */
export interface ArchiveWriter {
  begin(entry: ArchiveEntry): Promise<Buffer>;
  write(bytes: Buffer): Promise<Buffer>;
  /** `complete`: all bytes of the file were written. */
  end(): Promise<Buffer>;
  finish(): Promise<Buffer>;
}
