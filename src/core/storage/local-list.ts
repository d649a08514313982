/**
 * Walks over the folders of a local repository: listing objects, and finding leftover temporary files.
 *
 * Invariants: an entry whose name or place is not an object's is not listed; an error is an error, never a shorter
 * list. The folder of a type may be missing, the root may not.
 */
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Addon } from '../native/addon.ts';
import { errorCode } from './file-errors.ts';
import { fanOut, temporaryOwner, typeFolders } from './local-layout.ts';
import type { ListedType } from './local-layout.ts';
import { isObjectName } from './object-store.ts';
import type { ObjectInfo } from './object-store.ts';

const leftoverAge = 24 * 60 * 60 * 1000;

export async function* listFolder(files: Pick<Addon, 'listFiles'>, root: string, type: ListedType, signal?: AbortSignal): AsyncGenerator<ObjectInfo> {
  await stat(root);
  for (const folder of foldersOf(root, type)) {
    signal?.throwIfAborted();
    const prefix = type === 'data' ? folder.slice(-2) : '';
    const { names, sizes, times } = await filesIn(files, folder);
    for (const [i, name] of names.toString('latin1').split('/').entries()) {
      if (isObjectName(type, name) && name.startsWith(prefix)) yield { name, size: sizes[i] as number, received: times[i] as number };
    }
  }
}

/** None where there is no such folder. A folder may be a link to one elsewhere; one that leads nowhere is an error, no empty list. */
async function filesIn(files: Pick<Addon, 'listFiles'>, folder: string): ReturnType<Addon['listFiles']> {
  try {
    return await files.listFiles(Buffer.from(folder));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { names: Buffer.alloc(0), sizes: new Float64Array(), times: new Float64Array() };
    if (errorCode(error) !== 'ENOTDIR') throw error;
  }
  return await files.listFiles(await realpath(folder, { encoding: 'buffer' }));
}

export interface LeftoverRules {
  /** Wall clock, milliseconds since the epoch. */
  readonly now: number;
  /** Temporary files that are being written. */
  readonly active: ReadonlySet<string>;
  readonly remove: (path: string) => Promise<void>;
}

/** Removes what dead processes left behind; returns the removed paths below the root. */
export async function removeTemporaryFiles(root: string, rules: LeftoverRules, signal?: AbortSignal): Promise<string[]> {
  const removed: string[] = [];
  const types = Object.keys(typeFolders) as ListedType[];
  for (const folder of [root, ...types.flatMap((type) => foldersOf(root, type))]) {
    signal?.throwIfAborted();
    for (const name of await entriesOf(folder)) {
      const owner = temporaryOwner(name);
      const path = join(folder, name);
      if (owner === undefined || rules.active.has(path)) continue;
      if (isRunning(owner) && !(await isOlderThan(path, rules.now - leftoverAge))) continue;
      await rules.remove(path);
      removed.push(relative(root, path));
    }
  }
  return removed;
}

function foldersOf(root: string, type: ListedType): string[] {
  const folder = join(root, typeFolders[type]);
  return type === 'data' ? fanOut.map((name) => join(folder, name)) : [folder];
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function isOlderThan(path: string, time: number): Promise<boolean> {
  try {
    return (await lstat(path)).mtimeMs < time;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Another living process with this number; our own files are known to the caller. */
function isRunning(processId: number): boolean {
  if (processId === process.pid) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}
