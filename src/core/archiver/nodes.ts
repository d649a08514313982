/**
 * Nodes of a tree from what the file system says (specification section 11.1), and what counts as unchanged (section 12).
 *
 * Invariants: the same file gives the same node as restic stores for it; the access time is replaced by the
 * modification time, so that reading a file changes no tree.
 */
import type { Addon, DirectoryEntry, EntryStat, ExtendedAttribute } from '../native/addon.ts';
import type { BlobIndex } from '../native/blob-index.ts';
import { modeFromStat, statTypes } from '../repository/modes.ts';
import { sameAttributes, sameBytes } from '../repository/same-node.ts';
import type { NodeType, TreeNode } from '../repository/tree.ts';

const typeMask = 0o170000;

const nodeTypes: Readonly<Record<number, NodeType>> = {
  [statTypes.file]: 'file',
  [statTypes.directory]: 'dir',
  [statTypes.symlink]: 'symlink',
  [statTypes.blockDevice]: 'dev',
  [statTypes.charDevice]: 'chardev',
  [statTypes.fifo]: 'fifo',
  [statTypes.socket]: 'socket',
};

/** Undefined for something that the format has no name for. */
export function typeOfEntry(stat: Pick<EntryStat, 'mode'>): NodeType | undefined {
  return nodeTypes[stat.mode & typeMask];
}

/** Names of owners, each asked for once. */
export class Owners {
  readonly #addon: Pick<Addon, 'userName' | 'groupName'>;
  readonly #users = new Map<number, string>();
  readonly #groups = new Map<number, string>();

  constructor(addon: Pick<Addon, 'userName' | 'groupName'>) {
    this.#addon = addon;
  }

  user(uid: number): string {
    let name = this.#users.get(uid);
    if (name === undefined) this.#users.set(uid, (name = this.#addon.userName(uid)));
    return name;
  }

  group(gid: number): string {
    let name = this.#groups.get(gid);
    if (name === undefined) this.#groups.set(gid, (name = this.#addon.groupName(gid)));
    return name;
  }
}

const noAttributes: readonly ExtendedAttribute[] = [];

/** A node without content or subtree, which the caller fills in. `extras`: what lstat does not tell. */
export function nodeOf(entry: EntryStat, extras: Pick<DirectoryEntry, 'linkTarget' | 'xattrs'>, name: Buffer, type: NodeType, owners: Owners): TreeNode {
  const node: TreeNode = {
    name,
    type,
    mode: modeFromStat(entry.mode),
    mtime: entry.mtimeNs,
    atime: entry.mtimeNs,
    ctime: entry.ctimeNs,
    uid: entry.uid,
    gid: entry.gid,
    user: owners.user(entry.uid),
    group: owners.group(entry.gid),
    inode: entry.inode,
    deviceId: entry.device,
    size: type === 'file' ? entry.size : 0n,
    links: type === 'dir' || type === 'fifo' ? 0n : entry.links,
    xattrs: extras.xattrs ?? noAttributes,
    device: type === 'dev' || type === 'chardev' ? entry.rdev : 0n,
    content: null,
    subtree: null,
  };
  if (type === 'symlink' && extras.linkTarget !== undefined) node.linkTarget = extras.linkTarget;
  return node;
}

/** True where the old node's content may stand for the file without opening it. */
export function isUnchangedFile(entry: EntryStat, old: TreeNode, index: Pick<BlobIndex, 'has'>): boolean {
  if (old.type !== 'file' || old.content === null) return false;
  if (old.size !== entry.size || old.mtime !== entry.mtimeNs || old.ctime !== entry.ctimeNs || old.inode !== entry.inode) return false;
  if (old.content.length === 32) return index.has('data', old.content);
  for (let at = 0; at < old.content.length; at += 32) {
    if (!index.has('data', old.content.subarray(at, at + 32))) return false;
  }
  return true;
}

/** True where an entry would give exactly the old node, content and subtree aside. */
export function isSameEntry(entry: DirectoryEntry, old: TreeNode, type: NodeType, owners: Owners): boolean {
  return (
    old.type === type &&
    old.mtime === entry.mtimeNs &&
    old.atime === entry.mtimeNs &&
    old.ctime === entry.ctimeNs &&
    old.inode === entry.inode &&
    old.deviceId === entry.device &&
    old.uid === entry.uid &&
    old.gid === entry.gid &&
    old.mode === modeFromStat(entry.mode) &&
    old.size === (type === 'file' ? entry.size : 0n) &&
    old.links === (type === 'dir' || type === 'fifo' ? 0n : entry.links) &&
    old.device === (type === 'dev' || type === 'chardev' ? entry.rdev : 0n) &&
    old.user === owners.user(entry.uid) &&
    old.group === owners.group(entry.gid) &&
    old.genericAttributes === undefined &&
    sameBytes(old.linkTarget, type === 'symlink' ? entry.linkTarget : undefined) &&
    sameAttributes(old.xattrs, entry.xattrs ?? noAttributes)
  );
}
