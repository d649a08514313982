/**
 * The parent snapshot's nodes of a folder, found by name while the folder's entries pass by in order.
 *
 * Invariant: both sides are in the order of raw names; a stored tree in another order only makes files look new.
 */
import type { DirectoryEntry } from '../native/addon.ts';
import type { TreeNode } from '../repository/tree.ts';

export class OldNodes {
  readonly #nodes: readonly TreeNode[];
  #next = 0;

  constructor(nodes: readonly TreeNode[] | undefined) {
    this.#nodes = nodes ?? [];
  }

  /** Names must be asked for in ascending order. */
  find(name: Buffer): TreeNode | undefined {
    for (; this.#next < this.#nodes.length; this.#next++) {
      const node = this.#nodes[this.#next];
      const order = node === undefined ? 1 : Buffer.compare(node.name, name);
      if (order === 0) return node;
      if (order > 0) return undefined;
    }
    return undefined;
  }
}

/** The entries in the order of a tree, each name once; the same array where it is so already. */
export function sortedByName(entries: readonly DirectoryEntry[]): readonly DirectoryEntry[] {
  const inOrder = entries.every((entry, i) => {
    const before = entries[i - 1];
    return before === undefined || Buffer.compare(before.name, entry.name) < 0;
  });
  if (inOrder) return entries;
  // Latin-1 strings compare as the bytes do, and faster than buffers.
  const keyed = entries.map((entry) => ({ entry, key: entry.name.toString('latin1') })).sort((a, b) => (a.key < b.key ? -1 : 1));
  // A folder that changes while it is listed may give a name twice.
  return keyed.filter(({ key }, i) => keyed[i - 1]?.key !== key).map(({ entry }) => entry);
}

/** Stands for the nameless root of a snapshot, of which only the tree is stored. */
export function rootNode(tree: Buffer): TreeNode {
  const none = { mtime: 0n, atime: 0n, ctime: 0n, inode: 0n, deviceId: 0n, size: 0n, links: 0n, device: 0n };
  return { name: Buffer.alloc(0), type: 'dir', mode: 0, uid: 0, gid: 0, user: '', group: '', xattrs: [], content: null, subtree: tree, ...none };
}
