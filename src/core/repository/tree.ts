/**
 * Trees: one folder each, a blob of JSON (specification section 11).
 *
 * Vocabulary: a *node* is one entry of a folder; its *content* is the ids of the data blobs of a file in file order, its
 * *subtree* the id of the tree of a folder. *Instants* are nanoseconds since 1970 (times.ts).
 *
 * Invariants: what `encodeTree` writes is byte for byte what restic writes for the same nodes with times in UTC, so both
 * programs give a folder the same id. No node of a decoded tree has a name that could leave its folder; such ones are
 * refused one by one. Trees are copied as bytes, never by decoding and encoding: unknown members and invalid UTF-8 would
 * change them.
 */
import type { ExtendedAttribute } from '../native/addon.ts';
import { jsonString, jsonStringOfBytes } from './canonical-json.ts';
import { isChildName, quoteName } from './node-name.ts';
import { decodeNodes } from './tree-decoder.ts';
import { damaged } from './damage.ts';
import { JsonError } from './json-scanner.ts';
import { formatTime } from './times.ts';
import { isUtf8 } from 'node:buffer';

export const nodeTypes = ['file', 'dir', 'symlink', 'dev', 'chardev', 'fifo', 'socket'] as const;
export type NodeType = (typeof nodeTypes)[number];

export interface TreeNode {
  /** Raw bytes as on disk. */
  name: Buffer;
  type: NodeType;
  /** Go file mode (modes.ts). */
  mode: number;
  mtime: bigint;
  atime: bigint;
  ctime: bigint;
  uid: number;
  gid: number;
  /** Name of the owner; empty if it has none. */
  user: string;
  group: string;
  inode: bigint;
  deviceId: bigint;
  /** Bytes of a file as read; 0 for every other type. */
  size: bigint;
  /** Number of hard links; 0 for folders and FIFOs. */
  links: bigint;
  /** Raw bytes; symlinks only. */
  linkTarget?: Buffer;
  /** In the order of the operating system. */
  xattrs: readonly ExtendedAttribute[];
  /** Attributes of other systems: the JSON object as it is stored. */
  genericAttributes?: string;
  /** st_rdev of `dev` and `chardev`. */
  device: bigint;
  /** n·32 bytes of blob ids; null for everything but a file. */
  content: Buffer | null;
  /** 32 bytes; null for everything but a folder. */
  subtree: Buffer | null;
}

/** A node that nothing may be done with but to name it. */
export interface RefusedNode {
  /** The name as the tree has it: quoted text, empty if there is none. */
  readonly nameText: string;
  /** Why, as the end of a sentence. */
  readonly fault: string;
}

export interface Tree {
  nodes: TreeNode[];
  refused: readonly RefusedNode[];
}

/** The blob of a tree. Sorts by raw name bytes; the nodes are not changed. Throws an Error for names that are repeated or no child names. */
export function encodeTree(nodes: readonly TreeNode[]): Buffer {
  const sorted = sortedByName(nodes);
  // Each text is written at once: a large folder's texts would otherwise outlive the young generation, which costs more
  // than making them.
  let blob = Buffer.allocUnsafe(Math.max(1024, sorted.length * usualNodeLength));
  let length = blob.write('{"nodes":[', 'latin1');
  for (const [index, node] of sorted.entries()) {
    const text = index === 0 ? nodeText(node) : `,${nodeText(node)}`;
    const needed = length + text.length * longestEncoding + ending.length;
    if (needed > blob.length) blob = Buffer.concat([blob.subarray(0, length)], Math.max(needed, 2 * blob.length));
    length += blob.write(text, length, 'utf8');
  }
  length += blob.write(ending, length, 'latin1');
  return blob.subarray(0, length);
}

/** The text of one node, as it stands in a tree. Throws an Error for a name that is no child name. */
export function encodeNode(node: TreeNode): Buffer {
  assertChildName(node);
  return Buffer.from(nodeText(node), 'utf8');
}

const ending = ']}\n';
/** A first guess of the bytes that one node takes. */
const usualNodeLength = 512;
/** UTF-8 bytes of one UTF-16 unit at most. */
const longestEncoding = 3;

function sortedByName(nodes: readonly TreeNode[]): readonly TreeNode[] {
  let ascending = true;
  for (const [index, node] of nodes.entries()) {
    assertChildName(node);
    const previous = nodes[index - 1];
    if (previous !== undefined && Buffer.compare(previous.name, node.name) >= 0) ascending = false;
  }
  if (ascending) return nodes;
  // Latin-1 strings compare as the bytes do, and faster than buffers.
  const keyed = nodes.map((node) => ({ key: node.name.toString('latin1'), node })).sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const [index, { key, node }] of keyed.entries()) {
    if (index > 0 && keyed[index - 1]?.key === key) throw new Error(`two nodes of the same name: ${JSON.stringify(quoteName(node.name))}`);
  }
  return keyed.map(({ node }) => node);
}

function assertChildName({ name }: TreeNode): void {
  if (!isChildName(name)) throw new Error(`not a name of a node: ${JSON.stringify(quoteName(name))}`);
}

function nodeText(node: TreeNode): string {
  const mtime = formatTime(node.mtime);
  const atime = node.atime === node.mtime ? mtime : formatTime(node.atime);
  const ctime = node.ctime === node.mtime ? mtime : formatTime(node.ctime);
  let text = `{"name":${jsonString(quoteName(node.name))},"type":"${node.type}"`;
  if (node.mode !== 0) text += `,"mode":${node.mode}`;
  text += `,"mtime":"${mtime}","atime":"${atime}","ctime":"${ctime}","uid":${node.uid},"gid":${node.gid}`;
  if (node.user !== '') text += `,"user":${jsonString(node.user)}`;
  if (node.group !== '') text += `,"group":${jsonString(node.group)}`;
  if (node.inode !== 0n) text += `,"inode":${node.inode}`;
  if (node.deviceId !== 0n) text += `,"device_id":${node.deviceId}`;
  if (node.size !== 0n) text += `,"size":${node.size}`;
  if (node.links !== 0n) text += `,"links":${node.links}`;
  if (node.linkTarget !== undefined && node.linkTarget.length > 0) text += linkTargetText(node.linkTarget);
  if (node.xattrs.length > 0) text += `,"extended_attributes":[${node.xattrs.map(attributeText).join(',')}]`;
  if (node.genericAttributes !== undefined && node.genericAttributes !== '') text += `,"generic_attributes":${node.genericAttributes}`;
  if (node.device !== 0n) text += `,"device":${node.device}`;
  text += `,"content":${contentText(node)}`;
  if (node.subtree !== null) text += `,"subtree":"${node.subtree.toString('hex')}"`;
  return `${text}}`;
}

function linkTargetText(target: Buffer): string {
  const text = `,"linktarget":${jsonStringOfBytes(target)}`;
  return isUtf8(target) ? text : `${text},"linktarget_raw":"${target.toString('base64')}"`;
}

function attributeText(attribute: ExtendedAttribute): string {
  return `{"name":${jsonStringOfBytes(attribute.name)},"value":"${attribute.value.toString('base64')}"}`;
}

function contentText({ content }: TreeNode): string {
  if (content === null) return 'null';
  if (content.length === 0) return '[]';
  const ids: string[] = [];
  for (let offset = 0; offset < content.length; offset += 32) ids.push(content.toString('hex', offset, offset + 32));
  return `["${ids.join('","')}"]`;
}

/** Reads a tree blob. Nodes keep their stored order, which may be wrong or repeat names. Throws Failure DAMAGED. */
export function decodeTree(bytes: Buffer): Tree {
  try {
    return decodeNodes(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw damaged(`A folder's tree is damaged: ${error.message}`, { cause: error });
  }
}
