/**
 * Standard input as a file of its own (specification section 13): folders and file are made up, with the snapshot's
 * time, owner 0, and neither inode nor device.
 */
import { Failure } from '../../shared/errors.ts';
import { encodeTree, type TreeNode } from '../repository/tree.ts';
import { modeFromStat } from '../repository/modes.ts';
import { bytesOf, cleanPath, namedComponents, type Platform } from './byte-path.ts';
import type { EngineFeed, FileEvent } from './engine-feed.ts';
import type { Tally } from './tally.ts';

export interface StandardInput {
  /** Byte strings; at least one, the last is the file's. */
  readonly names: readonly string[];
  readonly descriptor: number;
}

/** Throws `USAGE` for a name without a last component. */
export function standardInput(filename: string, descriptor: number, platform: Platform): StandardInput {
  const clean = cleanPath(`/${Buffer.from(filename).toString('latin1')}`, platform);
  const names = namedComponents(clean, platform);
  if (names.length === 0) throw new Failure('USAGE', { what: `"${filename}" cannot be the name of a file`, next: 'Give a name with --stdin-filename' });
  return { names, descriptor };
}

export function standardInputPath({ names }: StandardInput): string {
  return `/${names.join('/')}`;
}

/** Resolves with the id of the root tree. `time`: the snapshot's, nanoseconds since 1970. */
export async function storeStandardInput(input: StandardInput, time: bigint, feed: EngineFeed, tally: Tally): Promise<Buffer> {
  const event = await read(input, feed);
  tally.stored(event);
  tally.files.new += 1;
  tally.filesSeen = 1;
  tally.bytesSeen = event.size;
  tally.walkFinished = true;
  const [filename, ...folders] = input.names.toReversed();
  let node: TreeNode = { ...madeUpNode(filename ?? '', time), mode: modeFromStat(0o100644), size: BigInt(event.size), content: event.content };
  for (const folder of folders) {
    node = { ...madeUpNode(folder, time), type: 'dir', mode: modeFromStat(0o040755), subtree: await storeTree(node, feed, tally) };
    tally.folders.new += 1;
  }
  return storeTree(node, feed, tally);
}

function read(input: StandardInput, feed: EngineFeed): Promise<FileEvent> {
  return new Promise((resolve, reject) => {
    feed.readDescriptor(input.descriptor, {
      path: () => bytesOf(standardInputPath(input)),
      onFile: resolve,
      onFailed: ({ code, message }) =>
        reject(new Failure('PATH_NOT_FOUND', { what: `Standard input could not be read: ${message} (${code})`, safe: 'No snapshot was made', next: 'Check the program that feeds it' })),
    });
  });
}

function storeTree(node: TreeNode, feed: EngineFeed, tally: Tally): Promise<Buffer> {
  return new Promise((resolve) => {
    feed.storeTree(encodeTree([node]), (event) => {
      tally.storedTree(event);
      resolve(event.id);
    });
  });
}

function madeUpNode(name: string, time: bigint): TreeNode {
  const times = { mtime: time, atime: time, ctime: time };
  const none = { uid: 0, gid: 0, user: '', group: '', inode: 0n, deviceId: 0n, size: 0n, links: 0n, device: 0n, xattrs: [] };
  return { name: bytesOf(name), type: 'file', mode: 0, ...times, ...none, content: null, subtree: null };
}
