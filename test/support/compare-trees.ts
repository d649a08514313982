/**
 * Compares two folders in every attribute that restic keeps: type, permissions with setuid, setgid and sticky, owner,
 * modification time to the nanosecond, content, link target, device number, extended attributes and ACLs, and which names
 * are hard links to one file.
 *
 * Vocabulary: a *difference* is one line for people; names are shown in JSON, bytes that are no UTF-8 as latin1.
 * Paths may be longer than PATH_MAX (Linux): below some length a folder is reached through its descriptor.
 */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { loadAddon } from '../../src/core/native/load-addon.ts';
import type { Addon, DirectoryEntry } from '../../src/core/native/addon.ts';

export interface CompareOptions {
  /** Sockets are not restored by anyone. */
  readonly ignoreSockets?: boolean;
  /** Whether owners are compared; not for trees that were restored without root. */
  readonly owners?: boolean;
}

const longestPath = 3000;
const typeMask = 0o170000;
const regular = 0o100000;
const folder = 0o040000;
const link = 0o120000;
const socket = 0o140000;
const pieceSize = 1024 * 1024;

/** All differences between the folders `left` and `right`, themselves included; at most 50 are told. */
export async function compareTrees(left: string, right: string, options: CompareOptions = {}): Promise<string[]> {
  const comparison = new Comparison(loadAddon(), { ignoreSockets: options.ignoreSockets ?? true, owners: options.owners ?? process.getuid?.() === 0 });
  await comparison.roots(left, right);
  return comparison.differences.slice(0, 50);
}

/** A folder on its way down: a path, or what follows an open descriptor. */
interface Place {
  readonly path: Buffer;
}

class Comparison {
  readonly differences: string[] = [];
  readonly #addon: Addon;
  readonly #options: Required<CompareOptions>;
  /** Inode on the left to inode on the right and back, for files with several names. */
  readonly #leftToRight = new Map<string, string>();
  readonly #rightToLeft = new Map<string, string>();

  constructor(addon: Addon, options: Required<CompareOptions>) {
    this.#addon = addon;
    this.#options = options;
  }

  async roots(left: string, right: string): Promise<void> {
    const places = [{ path: Buffer.from(left) }, { path: Buffer.from(right) }] as const;
    const [leftEntry, rightEntry] = await Promise.all(places.map((place) => this.#addon.statPath(place.path, { xattrs: true })));
    if (leftEntry === undefined || rightEntry === undefined) throw new Error('statPath gives two entries');
    this.#entry('.', leftEntry, rightEntry, ...places);
    await this.#folders('.', ...places);
  }

  async #folders(shown: string, left: Place, right: Place): Promise<void> {
    const [leftEntries, rightEntries] = await Promise.all([this.#entries(left), this.#entries(right)]);
    for (const key of new Set([...leftEntries.keys(), ...rightEntries.keys()])) {
      const path = `${shown}/${showName(Buffer.from(key, 'latin1'))}`;
      const [a, b] = [leftEntries.get(key), rightEntries.get(key)];
      if (a === undefined || b === undefined) {
        this.differences.push(`${path}: only ${a === undefined ? 'right' : 'left'}`);
        continue;
      }
      const [leftPlace, rightPlace] = [inside(left, a.name), inside(right, b.name)];
      this.#entry(path, a, b, leftPlace, rightPlace);
      if ((a.mode & typeMask) === folder && (b.mode & typeMask) === folder) await this.#descend(path, leftPlace, rightPlace);
    }
  }

  async #descend(shown: string, left: Place, right: Place): Promise<void> {
    if (Math.max(left.path.length, right.path.length) < longestPath) return this.#folders(shown, left, right);
    const descriptors = [left, right].map((place) => openSync(place.path, constants.O_RDONLY | constants.O_DIRECTORY));
    try {
      const [a, b] = descriptors.map((descriptor): Place => ({ path: Buffer.from(`/proc/self/fd/${descriptor}`) }));
      if (a !== undefined && b !== undefined) await this.#folders(shown, a, b);
    } finally {
      for (const descriptor of descriptors) closeSync(descriptor);
    }
  }

  async #entries(place: Place): Promise<Map<string, DirectoryEntry>> {
    // The slash makes a descriptor's link the folder behind it.
    const entries = await this.#addon.scanDirectory(Buffer.concat([place.path, Buffer.from('/')]), { xattrs: true });
    const kept = entries.filter((entry) => !(this.#options.ignoreSockets && (entry.mode & typeMask) === socket));
    return new Map(kept.map((entry) => [entry.name.toString('latin1'), entry]));
  }

  #entry(path: string, a: DirectoryEntry, b: DirectoryEntry, left: Place, right: Place): void {
    for (const [side, { failure }] of [['left', a], ['right', b]] as const) if (failure !== undefined) this.differences.push(`${path}: ${failure.during} failed on the ${side}: ${failure.message}`);
    const type = a.mode & typeMask;
    if (type !== (b.mode & typeMask)) {
      this.differences.push(`${path}: another type, ${a.mode.toString(8)} and ${b.mode.toString(8)}`);
      return;
    }
    if (type !== link) this.#same(path, 'mode', a.mode.toString(8), b.mode.toString(8));
    this.#same(path, 'mtime', a.mtimeNs, b.mtimeNs);
    if (this.#options.owners) {
      this.#same(path, 'uid', a.uid, b.uid);
      this.#same(path, 'gid', a.gid, b.gid);
    }
    this.#same(path, 'link target', a.linkTarget?.toString('latin1'), b.linkTarget?.toString('latin1'));
    this.#same(path, 'attributes', attributesOf(a), attributesOf(b));
    if (type === 0o020000 || type === 0o060000) this.#same(path, 'device number', a.rdev, b.rdev);
    if (type !== folder) this.#names(path, a, b);
    if (type === regular) this.#same(path, 'size', a.size, b.size);
    if (type === regular && a.size === b.size && !sameContent(left.path, right.path)) this.differences.push(`${path}: other content`);
  }

  /** Names of one file on one side must be names of one file on the other. */
  #names(path: string, a: DirectoryEntry, b: DirectoryEntry): void {
    this.#same(path, 'number of links', a.links, b.links);
    const [left, right] = [`${a.device}:${a.inode}`, `${b.device}:${b.inode}`];
    if ((this.#leftToRight.get(left) ?? right) !== right || (this.#rightToLeft.get(right) ?? left) !== left) this.differences.push(`${path}: linked with other names`);
    this.#leftToRight.set(left, right);
    this.#rightToLeft.set(right, left);
  }

  #same(path: string, what: string, a: unknown, b: unknown): void {
    if (a !== b) this.differences.push(`${path}: ${what} ${String(a)} and ${String(b)}`);
  }
}

function inside(place: Place, name: Buffer): Place {
  return { path: Buffer.concat([place.path, Buffer.from('/'), name]) };
}

function attributesOf(entry: DirectoryEntry): string {
  const shown = (entry.xattrs ?? []).map(({ name, value }) => `${name.toString('latin1')}=${value.toString('hex')}`);
  return shown.sort().join(' ');
}

function showName(name: Buffer): string {
  const text = name.toString();
  return JSON.stringify(Buffer.from(text).equals(name) ? text : name.toString('latin1'));
}

function sameContent(left: Buffer, right: Buffer): boolean {
  const descriptors = [left, right].map((path) => openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW));
  const [a, b] = [Buffer.allocUnsafe(pieceSize), Buffer.allocUnsafe(pieceSize)];
  try {
    const [first = -1, second = -1] = descriptors;
    for (;;) {
      const read = readSync(first, a, 0, pieceSize, null);
      if (read !== readSync(second, b, 0, pieceSize, null) || a.compare(b, 0, read, 0, read) !== 0) return false;
      if (read === 0) return true;
    }
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
  }
}
