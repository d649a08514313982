/** When two nodes say the same: restic's rule, so that both programs see the same changes. */
import type { ExtendedAttribute } from '../native/addon.ts';
import type { TreeNode } from './tree.ts';

export function sameContent(a: TreeNode, b: TreeNode): boolean {
  return a.content === null || b.content === null ? a.content === b.content : a.content.equals(b.content);
}

export function sameNode(a: TreeNode, b: TreeNode): boolean {
  return sameButContent(a, b) && sameContent(a, b);
}

/** Everything but the content of a file. */
export function sameButContent(a: TreeNode, b: TreeNode): boolean {
  return (
    a.name.equals(b.name) &&
    a.type === b.type &&
    a.mode === b.mode &&
    a.mtime === b.mtime &&
    a.atime === b.atime &&
    a.ctime === b.ctime &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.user === b.user &&
    a.group === b.group &&
    a.inode === b.inode &&
    a.deviceId === b.deviceId &&
    a.size === b.size &&
    a.links === b.links &&
    a.device === b.device &&
    sameBytes(a.linkTarget, b.linkTarget) &&
    sameBytes(a.subtree ?? undefined, b.subtree ?? undefined) &&
    sameAttributes(a.xattrs, b.xattrs) &&
    (a.genericAttributes ?? '') === (b.genericAttributes ?? '')
  );
}

export function sameBytes(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}

/** The order is that of the operating system and means nothing. */
export function sameAttributes(a: readonly ExtendedAttribute[], b: readonly ExtendedAttribute[]): boolean {
  if (a.length !== b.length) return false;
  return a.every(({ name, value }, at) => {
    const same = b[at]?.name.equals(name) === true ? b[at] : b.find((other) => other.name.equals(name));
    return same?.value.equals(value) === true;
  });
}
