/** The few file operations that the local store needs beside the addon's. */
import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { errorCode } from './file-errors.ts';
import { StorageError } from './object-store.ts';

export const folderMode = 0o700;

export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: folderMode });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/** Makes new entries of a folder durable. Windows keeps them so by itself and cannot sync a folder. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export async function readExactly(file: FileHandle, target: Buffer, position: number): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) throw new StorageError('permanent', 'the file became shorter while it was read');
    done += bytesRead;
  }
}

/** SHA-256 of the whole file, read in pieces. */
export async function hashOf(file: FileHandle): Promise<Buffer> {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafeSlow(1024 * 1024);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(piece, 0, piece.length, position);
    if (bytesRead === 0) return hash.digest();
    hash.update(piece.subarray(0, bytesRead));
    position += bytesRead;
  }
}
