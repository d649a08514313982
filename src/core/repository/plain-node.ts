import type { TreeNode } from './tree.ts';

/** A node of which everything is zero, empty or absent but what is given. */
export function plainNode(name: string | Buffer, members: Partial<TreeNode> = {}): TreeNode {
  return {
    name: Buffer.from(name as string),
    type: 'file',
    mode: 0,
    mtime: 0n,
    atime: 0n,
    ctime: 0n,
    uid: 0,
    gid: 0,
    user: '',
    group: '',
    inode: 0n,
    deviceId: 0n,
    size: 0n,
    links: 0n,
    xattrs: [],
    device: 0n,
    content: null,
    subtree: null,
    ...members,
  };
}
