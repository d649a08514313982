/**
 * What lies in a folder, for comparing two of them or one before and after.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** Everything that a backup keeps of one entry; times in nanoseconds. */
export interface DiskEntry {
  readonly mode: string;
  readonly owner: string;
  readonly mtime: bigint;
  readonly size: bigint;
  readonly links: bigint;
  readonly device: bigint;
  /** Hash of the content or target of the link. */
  readonly content: string;
  readonly xattrs: string;
}

/** By path below `root` as Latin-1 text, `.` for the root itself. Works for names that are not UTF-8. `xattrs`: default true, one process a file. */
export function describeTree(root: string, options: { readonly inodes?: boolean; readonly xattrs?: boolean } = {}): Map<string, DiskEntry & { readonly inode?: bigint }> {
  const found = new Map<string, DiskEntry & { readonly inode?: bigint }>();
  const pending: Buffer[] = [Buffer.alloc(0)];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const full = Buffer.concat([Buffer.from(`${root}/`), path]);
    const stat = lstatSync(full, { bigint: true });
    const content = stat.isFile() ? createHash('sha256').update(readFileSync(full)).digest('hex') : stat.isSymbolicLink() ? readlinkSync(full, { encoding: 'buffer' }).toString('hex') : '';
    found.set(path.length === 0 ? '.' : path.toString('latin1'), {
      mode: stat.mode.toString(8),
      owner: `${stat.uid}:${stat.gid}`,
      mtime: stat.mtimeNs,
      size: stat.isFile() ? stat.size : 0n,
      links: stat.isFile() ? stat.nlink : 0n,
      device: stat.isCharacterDevice() || stat.isBlockDevice() ? stat.rdev : 0n,
      content,
      xattrs: options.xattrs === false ? '' : xattrsOf(full),
      ...(options.inodes === true ? { inode: stat.ino } : {}),
    });
    if (!stat.isDirectory()) continue;
    for (const name of readdirSync(full, { encoding: 'buffer' })) pending.push(path.length === 0 ? name : Buffer.concat([path, Buffer.from('/'), name]));
  }
  return found;
}

function xattrsOf(path: Buffer): string {
  if (process.platform !== 'linux') return '';
  // Names that are not UTF-8 cannot be passed as arguments.
  const text = path.toString('utf8');
  if (!Buffer.from(text).equals(path)) return '';
  const dump = execFileSync('getfattr', ['-h', '-d', '-m', '-', '-e', 'hex', '--absolute-names', '--', text], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return dump.split('\n').slice(1).filter((line) => line !== '').sort().join('\n');
}
