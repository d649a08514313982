/**
 * A folder of this machine for one who chooses: names, kinds and sizes.
 *
 * Invariants: nothing is opened but folders; links are described and followed only on request, by their path, and never to
 * a folder that holds them; names that are no UTF-8 are shown and cannot be chosen. On Windows Node does not tell which
 * files are hidden, so names that begin with a dot count as hidden on every system.
 */
import { isUtf8 } from 'node:buffer';
import type { Dirent } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import { joinBytes } from '../../core/archiver/byte-path.ts';
import { errorMessage } from '../../core/archiver/messages.ts';
import type { FolderEntry } from '../../shared/contract/schemas/machine.ts';
import { Failure } from '../../shared/errors.ts';
import { systemCode } from './system-code.ts';

export interface FolderQuestion {
  /** Absolute. */
  readonly path: string;
  readonly hidden: boolean;
  readonly offset: number;
  readonly limit: number;
}

export interface FolderPage {
  readonly path: string;
  /** Null for a root. */
  readonly parent: string | null;
  /** Entries of the whole folder that are shown. */
  readonly total: number;
  readonly entries: FolderEntry[];
}

type Entry = Dirent<Buffer>;

const byName = new Intl.Collator(undefined, { numeric: true });
const latest = Date.UTC(9999, 11, 31);

/** Failures PATH_NOT_FOUND, PATH_UNREADABLE, INVALID_INPUT (`path`). */
export async function listFolder({ path: asked, hidden, offset, limit }: FolderQuestion): Promise<FolderPage> {
  const path = resolve(asked);
  const entries = (await readEntries(path)).filter(({ name }) => hidden || !isHidden(name));
  const ordered = entries
    .map((entry) => ({ entry, name: entry.name.toString('utf8'), folder: entry.isDirectory() }))
    .toSorted((a, b) => Number(b.folder) - Number(a.folder) || byName.compare(a.name, b.name));
  const page = ordered.slice(offset, offset + limit);
  // Only links have to know where they are.
  const here = page.some(({ entry }) => entry.isSymbolicLink()) ? await realpath(path) : path;
  const shown: FolderEntry[] = [];
  for (const { entry } of page) shown.push(await describe(path, here, entry));
  const parent = dirname(path);
  return { path, parent: parent === path ? null : parent, total: ordered.length, entries: shown };
}

async function readEntries(path: string): Promise<Entry[]> {
  try {
    return await readdir(Buffer.from(path), { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') throw new Failure('PATH_NOT_FOUND', { what: `${path} does not exist`, next: 'Check the spelling of the path, and whether its drive is there' }, { cause: error });
    if (code === 'ENOTDIR') throw new Failure('INVALID_INPUT', { what: `${path} is not a folder`, next: 'Choose a folder to look into' }, { cause: error, path: 'path' });
    throw new Failure('PATH_UNREADABLE', { what: `${path} cannot be read: ${errorMessage(code, '')}`, next: 'Check its permissions, or choose another folder' }, { cause: error });
  }
}

function isHidden(name: Buffer): boolean {
  return name[0] === 0x2e;
}

async function describe(folder: string, realFolder: string, entry: Entry): Promise<FolderEntry> {
  const bytes = joinBytes(Buffer.from(folder), entry.name);
  const path = isUtf8(entry.name) ? bytes.toString('utf8') : null;
  const type = typeOf(entry);
  const known = { name: entry.name.toString('utf8'), path, type, hidden: isHidden(entry.name) };
  try {
    const { size, mtimeMs } = await lstat(bytes);
    const opens = path !== null && (type === 'folder' || (type === 'link' && (await leadsToFolder(bytes, realFolder))));
    return { ...known, opens, size: type === 'file' ? size : null, modified_at: timeOf(mtimeMs) };
  } catch (error) {
    // It vanished since the folder was read, or may not be looked at: its name is all there is to say.
    systemCode(error);
    return { ...known, opens: false, size: null, modified_at: null };
  }
}

function typeOf(entry: Entry): FolderEntry['type'] {
  if (entry.isDirectory()) return 'folder';
  if (entry.isFile()) return 'file';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

/** False for broken links, and for those that lead to the folder that holds them or to one above it. */
async function leadsToFolder(link: Buffer, realFolder: string): Promise<boolean> {
  try {
    if (!(await stat(link)).isDirectory()) return false;
    return !isWithin(realFolder, await realpath(link, { encoding: 'utf8' }));
  } catch (error) {
    systemCode(error);
    return false;
  }
}

/** True for the folder itself, too. Both are absolute and resolved. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}

/** Null for times that no calendar has: a file may carry any number. */
function timeOf(ms: number): string | null {
  return Number.isFinite(ms) && ms >= 0 && ms < latest ? new Date(ms).toISOString() : null;
}
