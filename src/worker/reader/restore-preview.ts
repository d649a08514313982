/**
 * What a restore would do, before it does: how much it would write, and what is in its way. Looks at trees and at the disk, reads
 * no content, and stops after so many entries: what it found then is the least.
 */
import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tree, TreeNode } from '../../core/repository/tree.ts';
import type { RestorePreview } from '../../shared/contract/schemas/repository.ts';

export interface PreviewPorts {
  readonly read: (id: Buffer) => Promise<Tree>;
  /** Entries that are looked at, at most. */
  readonly most?: number;
}

const usualMost = 20_000;
/** Times of file systems differ by so much without a change. */
const sameMs = 2000;

type Counts = { -readonly [Field in keyof RestorePreview]: RestorePreview[Field] };

/** `nodes` go into `target`, each under its own name. */
export async function previewRestore(nodes: readonly TreeNode[], target: string, { read, most = usualMost }: PreviewPorts): Promise<RestorePreview> {
  const counts: Counts = { files: 0, folders: 0, bytes: 0, same: 0, older_there: 0, newer_there: 0, complete: true };
  let left = most;
  /** `there`: whether the folder exists, so that something may be in the way. */
  const visit = async (node: TreeNode, folder: string, there: boolean): Promise<void> => {
    if (left === 0) {
      counts.complete = false;
      return;
    }
    left -= 1;
    const path = join(folder, node.name.toString('utf8'));
    const found = there ? await statOf(path) : undefined;
    if (node.type === 'dir') {
      counts.folders += 1;
      if (node.subtree === null) return;
      for (const child of (await read(node.subtree)).nodes) await visit(child, path, found?.isDirectory() === true);
      return;
    }
    counts.files += 1;
    const size = node.type === 'file' ? Number(node.size) : 0;
    counts.bytes += Number.isSafeInteger(size) && size > 0 ? size : 0;
    if (found === undefined) return;
    const stored = Number(node.mtime / 1_000_000n);
    if (found.isFile() && found.size === size && Math.abs(found.mtimeMs - stored) < sameMs) counts.same += 1;
    else if (found.mtimeMs > stored) counts.newer_there += 1;
    else counts.older_there += 1;
  };
  const isThere = (await statOf(target))?.isDirectory() === true;
  for (const node of nodes) await visit(node, target, isThere);
  return counts;
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    // Missing, or not to be looked at: then nothing is known to be in the way.
    if (error instanceof Error && 'syscall' in error) return undefined;
    throw error;
  }
}
