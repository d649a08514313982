/** What lies in a folder, as plain data: for comparing a source with what was restored from it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { loadAddon } from '../../src/core/native/load-addon.ts';

export interface SourceEntry {
  /** Below the root, components separated by `/`; the bytes as latin1, since names need not be UTF-8. */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'link';
  /** Octal permission bits; empty for links. */
  readonly mode: string;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  /** Bytes; 0 for everything but files. */
  readonly size: number;
  /** SHA-256 of a file's content, or a link's target as latin1; empty for folders. */
  readonly content: string;
  /** `name=hex` of each extended attribute of the user, sorted. */
  readonly attributes: string;
}

const typeMask = 0o170000;
const types: Readonly<Record<number, SourceEntry['type']>> = { 0o100000: 'file', 0o040000: 'folder', 0o120000: 'link' };

/** Content hashes of files that were read before, by what changes with a file's content. */
export type KnownContents = Map<string, string>;

/** The folder `top` below `root` and everything in it, sorted by path. */
export async function sourceEntries(root: string, top: string, known: KnownContents = new Map()): Promise<SourceEntry[]> {
  const addon = loadAddon();
  const found: SourceEntry[] = [];
  const pending = [top];
  const first = await addon.statPath(Buffer.from(path.join(root, top)), { xattrs: true });
  found.push(describe(root, top, first, known));
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const entry of await addon.scanDirectory(absolute(root, folder), { xattrs: true })) {
      const place = `${folder}/${entry.name.toString('latin1')}`;
      found.push(describe(root, place, entry, known));
      if ((entry.mode & typeMask) === 0o040000) pending.push(place);
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The place on disk of a path in latin1. */
export function absolute(root: string, relative: string): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(relative, 'latin1')]);
}

type Scanned = Awaited<ReturnType<ReturnType<typeof loadAddon>['statPath']>>;

function describe(root: string, place: string, entry: Scanned, known: KnownContents): SourceEntry {
  const type = types[entry.mode & typeMask];
  if (type === undefined || entry.failure !== undefined) throw new Error(`${place} is not what a history holds: ${entry.failure?.message ?? entry.mode.toString(8)}`);
  return {
    path: place,
    type,
    mode: type === 'link' ? '' : (entry.mode & 0o7777).toString(8),
    mtime: entry.mtimeNs,
    size: type === 'file' ? Number(entry.size) : 0,
    content: type === 'file' ? contentOf(root, place, entry, known) : (entry.linkTarget?.toString('latin1') ?? ''),
    attributes: (entry.xattrs ?? [])
      .filter(({ name }) => name.toString('latin1').startsWith('user.'))
      .map(({ name, value }) => `${name.toString('latin1')}=${value.toString('hex')}`)
      .sort()
      .join(' '),
  };
}

function contentOf(root: string, place: string, { inode, ctimeNs, mtimeNs, size }: Scanned, known: KnownContents): string {
  const state = `${inode} ${ctimeNs} ${mtimeNs} ${size}`;
  const content = known.get(state) ?? createHash('sha256').update(readFileSync(absolute(root, place))).digest('hex');
  known.set(state, content);
  return content;
}
