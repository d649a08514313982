/**
 * What depends on who runs the tests: root takes rights off, and may mount; everybody else has none to take off, and
 * sees what only root can show named as skipped.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

export const isRoot = process.getuid?.() === 0;

/** An unprivileged user that exists nowhere. */
const otherUser = 54321;

/** Runs `work` without root's rights where this process has them. */
export async function unprivileged<Result>(work: () => Promise<Result>): Promise<Result> {
  if (!isRoot || process.seteuid === undefined || process.setegid === undefined) return work();
  process.setegid(otherUser);
  process.seteuid(otherUser);
  try {
    return await work();
  } finally {
    process.seteuid(0);
    process.setegid(0);
  }
}

export interface SmallFileSystem {
  unmount(): void;
}

/** Mounts an empty file system of so many MiB at `folder`, which is made; undefined where this user may not mount. */
export function mountSmallFileSystem(folder: string, mebibytes: number): SmallFileSystem | undefined {
  if (process.platform !== 'linux' || !isRoot) return undefined;
  mkdirSync(folder, { recursive: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder], { stdio: 'ignore' }).status !== 0) return undefined;
  return { unmount: () => void execFileSync('umount', [folder]) };
}
