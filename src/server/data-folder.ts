/**
 * The data folder at start: made where missing, leftovers of a crash removed, its use measured.
 *
 * Vocabulary: a *repository folder* is the data folder itself, or one up to two levels below it, that holds the folder of
 * at least one object type.
 */
import { chmod, lstat, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalStore } from '../core/storage/local-store.ts';
import type { ObjectFiles } from '../core/storage/local-store.ts';
import { Failure } from '../shared/errors.ts';
import { urlName } from './request-target.ts';
import type { ListedType } from './request-target.ts';

const listedTypes: readonly ListedType[] = ['key', 'lock', 'snapshot', 'index', 'data'];
const typeFolders: ReadonlySet<string> = new Set(listedTypes.map(urlName));
const maximumDepth = 2;

/** Makes the folder (0700) and returns its real path; throws a `Failure` (CONFIGURATION) where that is impossible. */
export async function prepareDataFolder(path: string): Promise<string> {
  try {
    const made = await mkdir(path, { recursive: true, mode: 0o700 });
    if (made !== undefined && process.platform !== 'win32') await chmod(path, 0o700);
    const real = await realpath(path);
    if (!(await stat(real)).isDirectory()) throw new Error('it is not a folder');
    return real;
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.message : String(error);
    throw new Failure('CONFIGURATION', { what: `The data folder ${path} cannot be used: ${reason}`, next: 'Give --data a folder that this user may write' }, { cause: error });
  }
}

/** Paths of all repository folders. Symbolic links are not followed. */
export async function* repositoryFolders(root: string, depth = 0): AsyncGenerator<string> {
  const folders = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (folders.some((name) => typeFolders.has(name))) yield root;
  if (depth === maximumDepth) return;
  for (const name of folders) {
    if (!typeFolders.has(name) && !name.startsWith('.')) yield* repositoryFolders(join(root, name), depth + 1);
  }
}

/** Removes temporary files of uploads that a crash interrupted; returns how many. */
export async function removeLeftovers(root: string, addon: ObjectFiles, now: number): Promise<number> {
  let removed = 0;
  for await (const folder of repositoryFolders(root)) removed += (await new LocalStore(folder, { addon }).removeLeftovers(now)).length;
  return removed;
}

/** Bytes of all stored objects but config, in all repositories or below one folder; what a quota starts from. */
export async function storedBytes(root: string, addon: ObjectFiles, folder = ''): Promise<number> {
  if (folder !== '' && !(await exists(join(root, folder)))) return 0;
  let sum = 0;
  for await (const repository of repositoryFolders(join(root, folder), folder === '' ? 0 : 1)) {
    const store = new LocalStore(repository, { addon });
    for (const type of listedTypes) for await (const { size } of store.list(type)) sum += size;
  }
  return sum;
}

/** Whether a file or folder is there, links included. */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
