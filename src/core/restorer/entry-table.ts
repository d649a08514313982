/**
 * Everything that one restore may touch, as flat columns.
 *
 * Vocabulary: an *entry* is one node that was chosen from the snapshot, known by its number; an entry's *parent* is the
 * entry of its folder, or `rootEntry` for the target itself. Its *path* is the way from the target, without a leading
 * slash.
 *
 * Invariants: a parent has a smaller number than its children, and the children of one folder are numbered without a
 * gap, so that the forward order creates folders before what they hold and the backward order finishes the deepest
 * first. An entry costs about 80 bytes and its name, a blob id 32 bytes: a million files must not become a million
 * objects (anchors, reliability 46).
 */
import type { ExtendedAttribute, RestoreMetadata } from '../native/addon.ts';
import { statFromMode } from '../repository/modes.ts';
import type { NodeType, TreeNode } from '../repository/tree.ts';

export const rootEntry = -1;
export const idSize = 32;

export const kinds = { file: 0, dir: 1, symlink: 2, dev: 3, chardev: 4, fifo: 5 } as const;
export type EntryKind = Exclude<NodeType, 'socket'>;

/** What will be, or was, done with an entry. */
export const states = {
  /** Nothing decided yet. */
  chosen: 0,
  /** A folder that only leads to chosen entries and was not chosen itself. */
  passage: 1,
  /** To be created; for a file, its content is to be written. */
  pending: 2,
  /** Its content is right already; only metadata is set. */
  same: 3,
  /** Left as it is, for the overwrite policy's sake. */
  skipped: 4,
  /** A further name of the file `primary(entry)`. */
  linked: 5,
  done: 6,
  failed: 7,
} as const;

const initialCapacity = 1024;
/** Of one entry in all columns. */
const entrySize = 80;

function grownTo<T extends Uint8Array | Int32Array | Uint32Array | Float64Array | BigInt64Array>(old: T, length: number): T {
  const Column = old.constructor as new (size: number) => T;
  const grown = new Column(length);
  (grown as { set(source: T): void }).set(old);
  return grown;
}

export class EntryTable {
  #count = 0;
  #parent = new Int32Array(initialCapacity);
  #nameStart = new Uint32Array(initialCapacity);
  #nameLength = new Uint32Array(initialCapacity);
  #kind = new Uint8Array(initialCapacity);
  #state = new Uint8Array(initialCapacity);
  #mode = new Uint32Array(initialCapacity);
  #uid = new Uint32Array(initialCapacity);
  #gid = new Uint32Array(initialCapacity);
  #mtime = new BigInt64Array(initialCapacity);
  #atime = new BigInt64Array(initialCapacity);
  #size = new Float64Array(initialCapacity);
  #contentStart = new Uint32Array(initialCapacity);
  #contentCount = new Uint32Array(initialCapacity);

  #names: Buffer = Buffer.alloc(64 * 1024);
  #namesUsed = 0;
  #ids: Buffer = Buffer.alloc(64 * 1024);
  #idCount = 0;

  readonly #xattrs = new Map<number, readonly ExtendedAttribute[]>();
  readonly #linkTargets = new Map<number, Buffer>();
  readonly #devices = new Map<number, bigint>();
  readonly #linkKeys = new Map<number, string>();
  readonly #primaries = new Map<number, number>();
  #cachedFolder = rootEntry;
  #cachedPath: Buffer = Buffer.alloc(0);

  get count(): number {
    return this.#count;
  }

  /** What the entries take in memory, about; offsets of names end at 4 GiB of them. */
  get bytes(): number {
    return this.#count * entrySize + this.#namesUsed + this.#idCount * idSize;
  }

  /** `size` is what the content's blobs add up to; returns the entry's number. */
  add(parent: number, kind: EntryKind, node: TreeNode, size: number): number {
    const entry = this.#count;
    if (entry === this.#parent.length) this.#grow();
    this.#count += 1;
    this.#parent[entry] = parent;
    this.#kind[entry] = kinds[kind];
    this.#mode[entry] = statFromMode(node.mode).permissions;
    this.#uid[entry] = node.uid;
    this.#gid[entry] = node.gid;
    this.#mtime[entry] = clamped(node.mtime);
    this.#atime[entry] = clamped(node.atime);
    this.#size[entry] = size;
    this.#addName(entry, node.name);
    if (kind === 'file' && node.content !== null) this.#addContent(entry, node.content);
    if (kind === 'file' && node.links > 1n) this.#linkKeys.set(entry, `${node.inode}:${node.deviceId}`);
    if (kind === 'symlink') this.#linkTargets.set(entry, Buffer.from(node.linkTarget ?? Buffer.alloc(0)));
    if (kind === 'dev' || kind === 'chardev') this.#devices.set(entry, node.device);
    if (node.xattrs.length > 0) this.#xattrs.set(entry, node.xattrs);
    return entry;
  }

  parent(entry: number): number {
    return this.#parent[entry] as number;
  }
  kind(entry: number): number {
    return this.#kind[entry] as number;
  }
  state(entry: number): number {
    return this.#state[entry] as number;
  }
  setState(entry: number, state: number): void {
    this.#state[entry] = state;
  }
  size(entry: number): number {
    return this.#size[entry] as number;
  }
  /** Nanoseconds since the epoch. */
  mtime(entry: number): bigint {
    return this.#mtime[entry] as bigint;
  }
  linkTarget(entry: number): Buffer {
    return this.#linkTargets.get(entry) ?? Buffer.alloc(0);
  }
  device(entry: number): bigint {
    return this.#devices.get(entry) ?? 0n;
  }
  /** Equal for the names of one file that had several; undefined for the rest. */
  linkKey(entry: number): string | undefined {
    return this.#linkKeys.get(entry);
  }
  /** For an entry in the state `linked`: the entry whose file it is to share. */
  primary(entry: number): number {
    return this.#primaries.get(entry) ?? entry;
  }
  setPrimary(entry: number, primary: number): void {
    this.#primaries.set(entry, primary);
  }
  contentCount(entry: number): number {
    return this.#contentCount[entry] as number;
  }

  /** n·32 bytes of blob ids in file order; a view, valid until the next `add`. */
  content(entry: number): Buffer {
    const start = (this.#contentStart[entry] as number) * idSize;
    return this.#ids.subarray(start, start + (this.#contentCount[entry] as number) * idSize);
  }

  name(entry: number): Buffer {
    const start = this.#nameStart[entry] as number;
    return this.#names.subarray(start, start + (this.#nameLength[entry] as number));
  }

  /** A fresh Buffer; the empty one for `rootEntry`. */
  path(entry: number): Buffer {
    if (entry === rootEntry) return Buffer.alloc(0);
    const parent = this.parent(entry);
    const name = this.name(entry);
    if (parent === rootEntry) return Buffer.from(name);
    const folder = this.#folderPath(parent);
    const path = Buffer.allocUnsafe(folder.length + 1 + name.length);
    path.set(folder, 0);
    path[folder.length] = 0x2f;
    path.set(name, folder.length + 1);
    return path;
  }

  /** For people: the path with what is not UTF-8 shown as U+FFFD. */
  pathText(entry: number): string {
    return this.path(entry).toString('utf8');
  }

  /** `owner`: whether the user may give files away (see `mayChangeOwner`). */
  metadata(entry: number, owner: boolean): RestoreMetadata {
    const xattrs = this.#xattrs.get(entry);
    return {
      mode: this.#mode[entry] as number,
      mtimeNs: this.#mtime[entry] as bigint,
      atimeNs: this.#atime[entry] as bigint,
      ...(owner ? { uid: this.#uid[entry] as number, gid: this.#gid[entry] as number } : {}),
      ...(xattrs === undefined ? {} : { xattrs }),
    };
  }

  uid(entry: number): number {
    return this.#uid[entry] as number;
  }

  // The children of a folder come together, so one remembered folder serves nearly every call.
  #folderPath(folder: number): Buffer {
    if (this.#cachedFolder === folder) return this.#cachedPath;
    const chain: number[] = [];
    let length = -1;
    for (let at = folder; at !== rootEntry; at = this.parent(at)) {
      chain.push(at);
      length += 1 + (this.#nameLength[at] as number);
    }
    const path = Buffer.allocUnsafe(length);
    let used = 0;
    for (let i = chain.length - 1; i >= 0; i -= 1) {
      if (used > 0) path[used++] = 0x2f;
      const name = this.name(chain[i] as number);
      path.set(name, used);
      used += name.length;
    }
    this.#cachedFolder = folder;
    this.#cachedPath = path;
    return path;
  }

  #addName(entry: number, name: Buffer): void {
    this.#names = withRoom(this.#names, this.#namesUsed, name.length);
    this.#names.set(name, this.#namesUsed);
    this.#nameStart[entry] = this.#namesUsed;
    this.#nameLength[entry] = name.length;
    this.#namesUsed += name.length;
  }

  #addContent(entry: number, content: Buffer): void {
    this.#ids = withRoom(this.#ids, this.#idCount * idSize, content.length);
    this.#ids.set(content, this.#idCount * idSize);
    this.#contentStart[entry] = this.#idCount;
    this.#contentCount[entry] = content.length / idSize;
    this.#idCount += content.length / idSize;
  }

  #grow(): void {
    const length = this.#parent.length * 2;
    this.#parent = grownTo(this.#parent, length);
    this.#nameStart = grownTo(this.#nameStart, length);
    this.#nameLength = grownTo(this.#nameLength, length);
    this.#kind = grownTo(this.#kind, length);
    this.#state = grownTo(this.#state, length);
    this.#mode = grownTo(this.#mode, length);
    this.#uid = grownTo(this.#uid, length);
    this.#gid = grownTo(this.#gid, length);
    this.#mtime = grownTo(this.#mtime, length);
    this.#atime = grownTo(this.#atime, length);
    this.#size = grownTo(this.#size, length);
    this.#contentStart = grownTo(this.#contentStart, length);
    this.#contentCount = grownTo(this.#contentCount, length);
  }
}

const latest = 2n ** 63n - 1n;
const earliest = -(2n ** 63n);

/** Nanoseconds in 64 bits, as the addon takes them, end in the years 1677 and 2262; a node may say 9999. */
function clamped(instant: bigint): bigint {
  if (instant > latest) return latest;
  return instant < earliest ? earliest : instant;
}

/** `buffer` or a larger copy of it, with room for `extra` bytes after the `used` ones. */
function withRoom(buffer: Buffer, used: number, extra: number): Buffer {
  if (used + extra <= buffer.length) return buffer;
  const grown = Buffer.alloc(Math.max(buffer.length * 2, used + extra));
  grown.set(buffer.subarray(0, used));
  return grown;
}
