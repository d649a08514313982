/**
 * Where tests put their files.
 *
 * Most tests want a file system, not a disk: on a RAM disk creating and syncing files costs next to nothing. What is
 * about the file system itself (holes, attributes, what a sync does) takes the disk.
 */
import { accessSync, constants, mkdtempSync, realpathSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const sharedMemory = '/dev/shm';
/** Containers often have 64 MiB of it. */
const leastFreeBytes = 2 * 2 ** 30;

/** A new folder, on a RAM disk where there is a large one. Whoever makes it removes it. */
export function temporaryFolder(name: string): string {
  return newFolder(hasRamDisk() ? sharedMemory : tmpdir(), name);
}

/** A new folder in the system's temporary folder. */
export function folderOnDisk(name: string): string {
  return newFolder(tmpdir(), name);
}

function newFolder(place: string, name: string): string {
  return realpathSync(mkdtempSync(path.join(place, `cyberbackup-${name}-`)));
}

function hasRamDisk(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    accessSync(sharedMemory, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(sharedMemory);
    return bavail * bsize >= leastFreeBytes;
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
