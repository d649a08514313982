/** What tells one version of a path from another. */
import { createHash } from 'node:crypto';
import type { TreeNode } from '../repository/tree.ts';

/** Eight bytes over what makes a version besides type, size and mtime in milliseconds; a folder's tree does not. */
export function nodeDigest(node: TreeNode): Buffer {
  const hash = createHash('sha256').update(`${node.mode}:${node.uid}:${node.gid}:${node.mtime}:${node.device}:${node.content?.length ?? -1}:`);
  if (node.content !== null) hash.update(node.content);
  if (node.linkTarget !== undefined) hash.update(node.linkTarget);
  return hash.digest().subarray(0, 8);
}
