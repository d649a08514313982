/** Nodes as the JSON output has them; the names are restic's. */
import type { TreeNode } from '../core/repository/tree.ts';
import { goModeText } from './output/go-mode.ts';

/** One line of `ls --json`. Bytes that are no UTF-8 become U+FFFD, as in restic. */
export function nodeJson(node: TreeNode, path: Buffer): Record<string, unknown> {
  return {
    message_type: 'node',
    struct_type: 'node',
    name: node.name.toString('utf8'),
    type: node.type,
    path: path.toString('utf8'),
    uid: node.uid,
    gid: node.gid,
    ...(node.type === 'file' ? { size: exactNumber(node.size) } : {}),
    mode: node.mode,
    permissions: goModeText(node.mode),
    mtime: timeText(node.mtime),
    atime: timeText(node.atime),
    ctime: timeText(node.ctime),
    ...(node.inode === 0n ? {} : { inode: exactNumber(node.inode) }),
    ...(node.linkTarget === undefined ? {} : { linktarget: node.linkTarget.toString('utf8') }),
  };
}

interface RawJson {
  rawJSON(text: string): unknown;
}

/** An integer of 64 bits with all its digits, where JavaScript's numbers would round it. */
function exactNumber(value: bigint): unknown {
  if (value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER)) return Number(value);
  return (JSON as unknown as RawJson).rawJSON(value.toString());
}

/** Nanoseconds since 1970 as RFC 3339 in UTC, without trailing zeros in the fraction. */
export function timeText(nanoseconds: bigint): string {
  const billion = 1_000_000_000n;
  const fraction = ((nanoseconds % billion) + billion) % billion;
  const seconds = (nanoseconds - fraction) / billion;
  const whole = new Date(Number(seconds) * 1000).toISOString().replace(/\.000Z$/, '');
  const digits = fraction === 0n ? '' : `.${fraction.toString().padStart(9, '0').replace(/0+$/, '')}`;
  return `${whole}${digits}Z`;
}
