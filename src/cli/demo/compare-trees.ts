/** Compares two folders name by name and byte by byte, with nothing of the engine: an independent witness. */
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

export interface Comparison {
  /** Regular files that were compared. */
  readonly files: number;
  readonly bytes: number;
  /** Relative paths, each with what differs. */
  readonly differences: readonly string[];
}

const pieceSize = 1024 * 1024;

/** Names, types, permissions, mtimes, link targets and content. */
export async function compareTrees(left: string, right: string, signal: AbortSignal): Promise<Comparison> {
  const found = { files: 0, bytes: 0, differences: [] as string[] };
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    signal.throwIfAborted();
    const [leftNames, rightNames] = await Promise.all([readdir(join(left, folder)), readdir(join(right, folder))]);
    for (const name of new Set([...leftNames, ...rightNames])) {
      const path = join(folder, name);
      if (!leftNames.includes(name) || !rightNames.includes(name)) {
        found.differences.push(`${path}: only on one side`);
        continue;
      }
      const [a, b] = await Promise.all([lstat(join(left, path), { bigint: true }), lstat(join(right, path), { bigint: true })]);
      if (a.mode !== b.mode) found.differences.push(`${path}: type or permissions`);
      if (a.mtimeNs !== b.mtimeNs) found.differences.push(`${path}: time`);
      if (a.isDirectory()) pending.push(path);
      else if (a.isSymbolicLink()) {
        if ((await readlink(join(left, path))) !== (await readlink(join(right, path)))) found.differences.push(`${path}: target of the link`);
      } else {
        found.files += 1;
        found.bytes += Number(a.size);
        if (a.size !== b.size || !(await sameBytes(join(left, path), join(right, path)))) found.differences.push(`${path}: content`);
      }
    }
  }
  return found;
}

async function sameBytes(left: string, right: string): Promise<boolean> {
  const [a, b] = await Promise.all([open(left), open(right)]);
  try {
    const [first, second] = [Buffer.alloc(pieceSize), Buffer.alloc(pieceSize)];
    for (;;) {
      const [{ bytesRead }, other] = await Promise.all([a.read(first, 0, pieceSize), b.read(second, 0, pieceSize)]);
      if (bytesRead !== other.bytesRead || first.compare(second, 0, bytesRead, 0, bytesRead) !== 0) return false;
      if (bytesRead === 0) return true;
    }
  } finally {
    await Promise.all([a.close(), b.close()]);
  }
}
