/**
 * The zip format, written in one go: sizes and checksums of files follow their content.
 *
 * Invariants: memory holds the central directory (under 100 bytes an entry and its name) and what deflate needs; names
 * are the bytes they are, marked as UTF-8 where they are; what outgrows 32 bits (sizes, offsets, numbers of entries) is
 * written in the form of zip64. Modes, times and links are kept as Info-ZIP keeps them.
 */
import { createDeflateRaw, crc32, type DeflateRaw } from 'node:zlib';
import { isUtf8 } from 'node:buffer';
import { statFromMode, statTypes } from '../../repository/modes.ts';
import type { TreeNode } from '../../repository/tree.ts';
import type { ArchiveEntry, ArchiveWriter } from './archive-entry.ts';

const signatures = { local: 0x04034b50, descriptor: 0x08074b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 } as const;
const flags = { sizesFollow: 0x0008, utf8: 0x0800 } as const;
const methods = { stored: 0, deflated: 8 } as const;
const versions = { plain: 20, zip64: 45 } as const;
const unixHost = 3;
const largest32 = 0xffffffff;
const largest16 = 0xffff;
/** Deflate makes nothing larger by more than a thousandth. */
const surelySmall = 0xfff00000;

interface OpenEntry {
  readonly name: Buffer;
  readonly node: TreeNode;
  readonly offset: number;
  readonly method: number;
  readonly is64: boolean;
  readonly deflate: DeflateRaw | undefined;
  crc: number;
  size: number;
  packed: number;
}

export class ZipWriter implements ArchiveWriter {
  readonly #central: Buffer[] = [];
  #centralSize = 0;
  #written = 0;
  #open: OpenEntry | undefined;

  begin({ name, node, size }: ArchiveEntry): Promise<Buffer> {
    const isFile = node.type === 'file';
    const fullName = node.type === 'dir' ? Buffer.concat([name, Buffer.from('/')]) : name;
    const entry: OpenEntry = {
      name: fullName,
      node,
      offset: this.#written,
      method: isFile ? methods.deflated : methods.stored,
      is64: isFile && size > surelySmall,
      deflate: isFile ? createDeflateRaw() : undefined,
      crc: 0,
      size: 0,
      packed: 0,
    };
    const target = node.type === 'symlink' ? (node.linkTarget ?? Buffer.alloc(0)) : Buffer.alloc(0);
    if (!isFile) {
      entry.crc = crc32(target);
      entry.size = target.length;
      entry.packed = target.length;
    }
    this.#open = entry;
    return Promise.resolve(this.#out(Buffer.concat([localHeader(entry), target])));
  }

  async write(bytes: Buffer): Promise<Buffer> {
    const entry = this.#current();
    entry.crc = crc32(bytes, entry.crc);
    entry.size += bytes.length;
    return this.#packed(entry, await pass(entry.deflate as DeflateRaw, bytes));
  }

  async end(): Promise<Buffer> {
    const entry = this.#current();
    this.#open = undefined;
    const last = entry.deflate === undefined ? Buffer.alloc(0) : this.#packed(entry, await pass(entry.deflate, undefined));
    const after = entry.deflate === undefined ? Buffer.alloc(0) : this.#out(descriptor(entry));
    const central = centralHeader(entry);
    this.#central.push(central);
    this.#centralSize += central.length;
    return Buffer.concat([last, after]);
  }

  finish(): Promise<Buffer> {
    const end = endOfDirectory({ count: this.#central.length, size: this.#centralSize, offset: this.#written });
    return Promise.resolve(Buffer.concat([...this.#central, end]));
  }

  #current(): OpenEntry {
    if (this.#open === undefined) throw new TypeError('no entry was begun');
    return this.#open;
  }

  #packed(entry: OpenEntry, bytes: Buffer): Buffer {
    entry.packed += bytes.length;
    return this.#out(bytes);
  }

  #out(bytes: Buffer): Buffer {
    this.#written += bytes.length;
    return bytes;
  }
}

/** What deflate gives back for some bytes, or at its end. */
function pass(deflate: DeflateRaw, bytes: Buffer | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const onData = (piece: Buffer): void => void pieces.push(piece);
    const settle = (error?: Error | null): void => {
      deflate.off('data', onData);
      deflate.off('error', settle);
      if (error === undefined || error === null) resolve(Buffer.concat(pieces));
      else reject(error);
    };
    deflate.on('data', onData);
    deflate.once('error', settle);
    if (bytes === undefined) {
      deflate.once('end', () => settle());
      deflate.end();
    } else deflate.write(bytes, () => settle());
  });
}

function localHeader(entry: OpenEntry): Buffer {
  const header = Buffer.alloc(30);
  const follow = entry.deflate !== undefined;
  const extra = Buffer.concat([timeExtra(entry.node), entry.is64 ? zip64Extra([0, 0]) : Buffer.alloc(0)]);
  header.writeUInt32LE(signatures.local, 0);
  header.writeUInt16LE(entry.is64 ? versions.zip64 : versions.plain, 4);
  writeCommon(header, 6, entry);
  header.writeUInt32LE(follow ? 0 : entry.crc, 14);
  header.writeUInt32LE(entry.is64 ? largest32 : follow ? 0 : entry.packed, 18);
  header.writeUInt32LE(entry.is64 ? largest32 : follow ? 0 : entry.size, 22);
  header.writeUInt16LE(entry.name.length, 26);
  header.writeUInt16LE(extra.length, 28);
  return Buffer.concat([header, entry.name, extra]);
}

/** Flags, method and the time of DOS: eight bytes that both headers have. */
function writeCommon(header: Buffer, at: number, { name, node, method, deflate }: OpenEntry): void {
  header.writeUInt16LE((deflate === undefined ? 0 : flags.sizesFollow) | (isUtf8(name) ? flags.utf8 : 0), at);
  header.writeUInt16LE(method, at + 2);
  const { time, date } = dosTime(node.mtime);
  header.writeUInt16LE(time, at + 4);
  header.writeUInt16LE(date, at + 6);
}

function descriptor({ crc, size, packed, is64 }: OpenEntry): Buffer {
  const bytes = Buffer.alloc(is64 ? 24 : 16);
  bytes.writeUInt32LE(signatures.descriptor, 0);
  bytes.writeUInt32LE(crc, 4);
  if (is64) {
    bytes.writeBigUInt64LE(BigInt(packed), 8);
    bytes.writeBigUInt64LE(BigInt(size), 16);
  } else {
    bytes.writeUInt32LE(packed, 8);
    bytes.writeUInt32LE(size, 12);
  }
  return bytes;
}

function centralHeader(entry: OpenEntry): Buffer {
  const { node, name, size, packed, offset } = entry;
  const large = [...(size >= largest32 || entry.is64 ? [size] : []), ...(packed >= largest32 || entry.is64 ? [packed] : []), ...(offset >= largest32 ? [offset] : [])];
  const extra = Buffer.concat([timeExtra(node), large.length === 0 ? Buffer.alloc(0) : zip64Extra(large)]);
  const header = Buffer.alloc(46);
  const version = large.length === 0 ? versions.plain : versions.zip64;
  header.writeUInt32LE(signatures.central, 0);
  header.writeUInt16LE((unixHost << 8) | version, 4);
  header.writeUInt16LE(version, 6);
  writeCommon(header, 8, entry);
  header.writeUInt32LE(entry.crc, 16);
  header.writeUInt32LE(packed >= largest32 || entry.is64 ? largest32 : packed, 20);
  header.writeUInt32LE(size >= largest32 || entry.is64 ? largest32 : size, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(externalAttributes(node), 38);
  header.writeUInt32LE(Math.min(offset, largest32), 42);
  return Buffer.concat([header, name, extra]);
}

/** The mode of Unix in the upper half, the folder bit of DOS in the lower. */
function externalAttributes(node: TreeNode): number {
  const type = node.type === 'dir' ? statTypes.directory : node.type === 'symlink' ? statTypes.symlink : statTypes.file;
  return (((type | statFromMode(node.mode).permissions) << 16) | (node.type === 'dir' ? 0x10 : 0)) >>> 0;
}

/** Seconds since 1970, which have no zone; left out beyond 32 bits. */
function timeExtra({ mtime }: TreeNode): Buffer {
  const seconds = Math.floor(Number(mtime / 1_000_000n) / 1000);
  if (seconds < 0 || seconds > 0x7fffffff) return Buffer.alloc(0);
  const extra = Buffer.alloc(9);
  extra.writeUInt16LE(0x5455, 0);
  extra.writeUInt16LE(5, 2);
  extra.writeUInt8(1, 4);
  extra.writeUInt32LE(seconds, 5);
  return extra;
}

function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  for (const [at, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * at);
  return extra;
}

/** In UTC, from 1980 to 2107, two seconds a step. */
function dosTime(instant: bigint): { readonly time: number; readonly date: number } {
  const moment = new Date(Number(instant / 1_000_000n));
  const year = Math.min(Math.max(moment.getUTCFullYear(), 1980), 2107);
  return {
    time: (moment.getUTCHours() << 11) | (moment.getUTCMinutes() << 5) | (moment.getUTCSeconds() >> 1),
    date: ((year - 1980) << 9) | ((moment.getUTCMonth() + 1) << 5) | moment.getUTCDate(),
  };
}

function endOfDirectory({ count, size, offset }: { readonly count: number; readonly size: number; readonly offset: number }): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(signatures.end, 0);
  end.writeUInt16LE(Math.min(count, largest16), 8);
  end.writeUInt16LE(Math.min(count, largest16), 10);
  end.writeUInt32LE(Math.min(size, largest32), 12);
  end.writeUInt32LE(Math.min(offset, largest32), 16);
  if (count < largest16 && size < largest32 && offset < largest32) return end;
  const end64 = Buffer.alloc(76);
  end64.writeUInt32LE(signatures.end64, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeUInt16LE((unixHost << 8) | versions.zip64, 12);
  end64.writeUInt16LE(versions.zip64, 14);
  end64.writeBigUInt64LE(BigInt(count), 24);
  end64.writeBigUInt64LE(BigInt(count), 32);
  end64.writeBigUInt64LE(BigInt(size), 40);
  end64.writeBigUInt64LE(BigInt(offset), 48);
  end64.writeUInt32LE(signatures.locator64, 56);
  end64.writeBigUInt64LE(BigInt(offset + size), 64);
  end64.writeUInt32LE(1, 72);
  return Buffer.concat([end64, end]);
}
