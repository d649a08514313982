/**
 * What `find` prints for nodes: restic's lines and restic's JSON, one array of snapshots with their matches.
 *
 * Invariant: text is collected and written in large pieces; nothing is held but one piece.
 */
import { jsonString, jsonStringOfBytes } from '../../core/repository/canonical-json.ts';
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import { formatTime as timeOfTree } from '../../core/repository/times.ts';
import type { NodeType, TreeNode } from '../../core/repository/tree.ts';
import type { CliContext } from '../context.ts';
import { formatTime, shortId } from './format.ts';
import { goModeText } from './go-mode.ts';
import { PieceWriter } from './piece-writer.ts';
import { visiblePath } from './visible-text.ts';

export interface FoundNodesOptions {
  readonly long: boolean;
  readonly humanReadable: boolean;
}

const typeBits: Readonly<Record<NodeType, number>> = { file: 0, dir: 0x8000_0000, symlink: 0x0800_0000, dev: 0x0400_0000, chardev: 0x0420_0000, fifo: 0x0200_0000, socket: 0x0100_0000 };

export interface FoundNodesWriter {
  add(snapshot: StoredSnapshot, path: Buffer, node: TreeNode): Promise<void>;
  /** Everything has been said. */
  end(): Promise<void>;
  /** Writes what is held, wherever that ends: of what failed in between, a reader has what was found. */
  flush(): Promise<void>;
}

export function foundNodesText(context: CliContext, { long, humanReadable }: FoundNodesOptions): FoundNodesWriter {
  const output = new PieceWriter(context);
  const shown = (path: Buffer): string | Buffer => (context.terminal.interactive ? visiblePath(path) : path);
  let current: StoredSnapshot | undefined;
  return {
    async add(stored, path, node) {
      if (stored !== current && !context.options.quiet) await output.write(`${current === undefined ? '' : '\n'}Found matching entries in snapshot ${shortId(stored.id)} from ${formatTime(stored.snapshot.time)}\n`);
      current = stored;
      const target = long && node.type === 'symlink' ? [' -> ', shown(node.linkTarget ?? Buffer.alloc(0))] : [];
      await output.write(long ? `${longFacts(node, humanReadable)} ` : '', shown(path), ...target, '\n');
    },
    end: () => output.flush(),
    flush: () => output.flush(),
  };
}

function longFacts(node: TreeNode, humanReadable: boolean): string {
  const column = (value: number | bigint, width: number): string => String(value).padStart(width);
  const size = humanReadable ? binarySize(node.size) : column(node.size, 6);
  return `${goModeText(node.mode | typeBits[node.type])} ${column(node.uid, 5)} ${column(node.gid, 5)} ${size} ${formatTime(timeOfTree(node.mtime))}`;
}

/** As restic: `1.500 KiB`. */
function binarySize(bytes: bigint): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
  let power = 0;
  while (power < 4 && bytes >= 1n << BigInt(10 * (power + 1))) power += 1;
  return power === 0 ? `${bytes} B` : `${(Number(bytes) / 1024 ** power).toFixed(3)} ${units[power]}`;
}

export function foundNodesJson(context: CliContext): FoundNodesWriter {
  const output = new PieceWriter(context);
  /** The text after the path, of nodes that several snapshots share. */
  const texts = new WeakMap<TreeNode, string>();
  let current: StoredSnapshot | undefined;
  let hits = 0;
  const closing = (): string => (current === undefined ? '' : `],"hits":${hits},"snapshot":"${current.id}"}`);
  return {
    async add(stored, path, node) {
      if (stored !== current) {
        await output.write(current === undefined ? '[' : `${closing()},`, '{"matches":[');
        current = stored;
        hits = 0;
      }
      let text = texts.get(node);
      if (text === undefined) texts.set(node, (text = nodeMembers(node)));
      await output.write(`${hits === 0 ? '' : ','}{"path":${jsonStringOfBytes(path)},${text}}`);
      hits += 1;
    },
    async end() {
      await output.write(current === undefined ? '[]\n' : `${closing()}]\n`);
      await output.flush();
    },
    flush: () => output.flush(),
  };
}

/** The members after `path`, in restic's order. */
function nodeMembers(node: TreeNode): string {
  let text = `"permissions":"${goModeText(node.mode)}","type":"${node.type}"`;
  if (node.mode !== 0) text += `,"mode":${node.mode}`;
  text += `,"mtime":"${timeOfTree(node.mtime)}","atime":"${timeOfTree(node.atime)}","ctime":"${timeOfTree(node.ctime)}","uid":${node.uid},"gid":${node.gid}`;
  if (node.user !== '') text += `,"user":${jsonString(node.user)}`;
  if (node.group !== '') text += `,"group":${jsonString(node.group)}`;
  if (node.inode !== 0n) text += `,"inode":${node.inode}`;
  if (node.deviceId !== 0n) text += `,"device_id":${node.deviceId}`;
  if (node.size !== 0n) text += `,"size":${node.size}`;
  if (node.links !== 0n) text += `,"links":${node.links}`;
  if (node.linkTarget !== undefined && node.linkTarget.length > 0) text += `,"linktarget":${jsonStringOfBytes(node.linkTarget)}`;
  return text;
}
