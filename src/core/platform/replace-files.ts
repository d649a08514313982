/**
 * Small files that are replaced whole: what a name holds is the old content or the new one, never a part of either.
 *
 * Synchronous, because who asks for it must not go on before it is on disk, and the files are small.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const temporaryPattern = /\.[0-9a-f]{16}\.new$/;

/** Whether a file name is that of a replacement that a crash left behind. */
export function isReplacement(name: string): boolean {
  return temporaryPattern.test(name);
}

/**
 * Gives all the paths, which are in one folder, this content with mode 0600, one after the other and each durably. All
 * of it is on disk beside them before the first is replaced: a full disk changes none.
 */
export function replaceFiles(paths: readonly string[], content: string): void {
  const replacements = paths.map((path) => ({ path, temporary: `${path}.${randomBytes(8).toString('hex')}.new` }));
  try {
    for (const { temporary } of replacements) writeDurably(temporary, content);
    for (const { path, temporary } of replacements) {
      renameSync(temporary, path);
      syncFolder(dirname(path));
    }
  } finally {
    for (const { temporary } of replacements) rmSync(temporary, { force: true });
  }
}

function writeDurably(path: string, content: string): void {
  const bytes = Buffer.from(content);
  const file = openSync(path, 'wx', 0o600);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes renames durable. Windows keeps them so by itself and cannot sync a folder. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
