/** What is in the folder that a restore is to write into. */
import { access, constants, readdir, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import type { restoreTarget } from '../../shared/contract/schemas/machine.ts';
import { systemCode } from './system-code.ts';

export type RestoreTarget = z.infer<typeof restoreTarget>;

export async function lookAtTarget(asked: string): Promise<RestoreTarget> {
  const path = resolve(asked);
  const state = await stateOf(path);
  const above = state === 'missing' ? await nearestAbove(path) : path;
  return { state, writable: await isWritable(above), free_bytes: await freeBytes(above) };
}

async function stateOf(path: string): Promise<RestoreTarget['state']> {
  try {
    if (!(await stat(path)).isDirectory()) return 'not_a_folder';
    return (await readdir(path)).length === 0 ? 'empty' : 'holds_files';
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return 'missing';
    // A file is on the way to it, or it may not be looked into.
    return code === 'ENOTDIR' ? 'not_a_folder' : 'holds_files';
  }
}

async function nearestAbove(path: string): Promise<string> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (folder === dirname(folder) || (await isThere(folder))) return folder;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ENOENT';
  }
}

async function isWritable(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return true;
  } catch (error) {
    systemCode(error);
    return false;
  }
}

async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    systemCode(error);
    return null;
  }
}
