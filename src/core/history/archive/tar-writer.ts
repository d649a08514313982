/**
 * The tar format: POSIX ustar, with pax records for what its fields cannot hold.
 *
 * Vocabulary: a *record* is one `key=value` of pax, kept in an entry of its own before the one it is about.
 *
 * Invariants: names, link targets and values of attributes are written as the bytes they are; a header's fields are within
 * their limits, or a record says it instead; an entry's content has exactly the announced size. What restic's archives
 * hold, these hold: times in whole seconds, ACLs as text, extended attributes under SCHILY's names.
 */
import { statFromMode } from '../../repository/modes.ts';
import type { TreeNode } from '../../repository/tree.ts';
import type { ArchiveEntry, ArchiveWriter } from './archive-entry.ts';
import { aclText } from './posix-acl.ts';

const blockSize = 512;
const largestOctal7 = 0o7777777;
const largestOctal11 = 0o77777777777;
const second = 1_000_000_000n;
const typeFlags: Readonly<Partial<Record<TreeNode['type'], string>>> = { file: '0', dir: '5', symlink: '2' };

/** Offsets and lengths in a header. */
const fields = { name: [0, 100], mode: [100, 8], uid: [108, 8], gid: [116, 8], size: [124, 12], mtime: [136, 12], checksum: [148, 8], type: [156, 1], link: [157, 100], magic: [257, 8], user: [265, 32], group: [297, 32], major: [329, 8], minor: [337, 8], prefix: [345, 155] } as const;

export class TarWriter implements ArchiveWriter {
  #left = 0;
  #padding = 0;

  begin(entry: ArchiveEntry): Promise<Buffer> {
    const size = entry.node.type === 'file' ? entry.size : 0;
    this.#left = size;
    this.#padding = (blockSize - (size % blockSize)) % blockSize;
    return Promise.resolve(headers(entry, size));
  }

  write(bytes: Buffer): Promise<Buffer> {
    if (bytes.length > this.#left) throw new RangeError('more content than announced');
    this.#left -= bytes.length;
    return Promise.resolve(bytes);
  }

  end(): Promise<Buffer> {
    if (this.#left > 0) throw new RangeError('less content than announced');
    return Promise.resolve(Buffer.alloc(this.#padding));
  }

  /** Bytes that the entry still lacks: whoever cannot have them writes zeros. */
  get missing(): number {
    return this.#left;
  }

  finish(): Promise<Buffer> {
    return Promise.resolve(Buffer.alloc(2 * blockSize));
  }
}

function headers({ name, node }: ArchiveEntry, size: number): Buffer {
  const fullName = node.type === 'dir' ? Buffer.concat([name, Buffer.from('/')]) : name;
  const target = node.linkTarget ?? Buffer.alloc(0);
  const records: [string, Buffer][] = attributeRecords(node);
  const bytes = (key: string, value: Buffer, field: readonly [number, number]): void => {
    if (value.length > field[1] || !isAscii(value)) records.push([key, value]);
  };
  const number = (key: string, value: number, largest: number): number => {
    if (value >= 0 && value <= largest) return value;
    records.push([key, Buffer.from(String(value))]);
    return 0;
  };
  const header = Buffer.alloc(blockSize);
  putOctal(header, fields.mode, statFromMode(node.mode).permissions);
  putOctal(header, fields.uid, number('uid', node.uid, largestOctal7));
  putOctal(header, fields.gid, number('gid', node.gid, largestOctal7));
  putOctal(header, fields.size, number('size', size, largestOctal11));
  putOctal(header, fields.mtime, number('mtime', wholeSeconds(node.mtime), largestOctal11));
  put(header, fields.type, Buffer.from(typeFlags[node.type] ?? '0'));
  bytes('linkpath', target, fields.link);
  putText(header, fields.link, target);
  put(header, fields.magic, Buffer.from('ustar\u000000'));
  bytes('uname', Buffer.from(node.user), fields.user);
  putText(header, fields.user, Buffer.from(node.user));
  bytes('gname', Buffer.from(node.group), fields.group);
  putText(header, fields.group, Buffer.from(node.group));
  putOctal(header, fields.major, 0);
  putOctal(header, fields.minor, 0);
  const split = records.length === 0 ? splitName(fullName) : undefined;
  if (split === undefined) {
    bytes('path', fullName, fields.name);
    putText(header, fields.name, fullName);
  } else {
    put(header, fields.name, split.name);
    put(header, fields.prefix, split.prefix);
  }
  seal(header);
  return records.length === 0 ? header : Buffer.concat([paxEntry(fullName, records), header]);
}

/** Rounded to the nearest, as restic does. */
function wholeSeconds(instant: bigint): number {
  const floor = instant / second - (instant % second < 0n ? 1n : 0n);
  return Number(floor + (instant - floor * second >= second / 2n ? 1n : 0n));
}

function isAscii(bytes: Buffer): boolean {
  return bytes.every((byte) => byte < 0x80 && byte !== 0);
}

/** A name longer than its field may be cut at a slash; undefined where that is not enough. */
function splitName(name: Buffer): { readonly prefix: Buffer; readonly name: Buffer } | undefined {
  if (!isAscii(name)) return undefined;
  if (name.length <= fields.name[1]) return { prefix: Buffer.alloc(0), name };
  for (let at = Math.min(fields.prefix[1], name.length - 2); at > 0; at -= 1) {
    if (name[at] === 0x2f && name.length - at - 1 <= fields.name[1]) return { prefix: name.subarray(0, at), name: name.subarray(at + 1) };
  }
  return undefined;
}

function attributeRecords(node: TreeNode): [string, Buffer][] {
  const records: [string, Buffer][] = [];
  for (const { name, value } of node.xattrs) {
    const text = name.toString('utf8');
    const acl = text === 'system.posix_acl_access' ? 'access' : text === 'system.posix_acl_default' ? 'default' : undefined;
    const entries = acl === undefined ? undefined : aclText(value);
    if (acl !== undefined && entries !== undefined) records.push([`SCHILY.acl.${acl}`, Buffer.from(entries)]);
    // A key ends at the first equals sign, so that one with such a sign cannot be written.
    else if (acl === undefined && !text.includes('=')) records.push([`SCHILY.xattr.${text}`, value]);
  }
  return records;
}

function paxEntry(name: Buffer, records: readonly [string, Buffer][]): Buffer {
  const content = Buffer.concat(records.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => paxRecord(key, value)));
  const header = Buffer.alloc(blockSize);
  const slash = name.lastIndexOf(0x2f);
  const own = Buffer.concat([name.subarray(0, slash + 1), Buffer.from('PaxHeaders.0/'), name.subarray(slash + 1)]);
  putText(header, fields.name, own.at(-1) === 0x2f ? own.subarray(0, -1) : own);
  for (const field of [fields.mode, fields.uid, fields.gid, fields.mtime]) putOctal(header, field, 0);
  putOctal(header, fields.size, content.length);
  put(header, fields.type, Buffer.from('x'));
  put(header, fields.magic, Buffer.from('ustar\u000000'));
  seal(header);
  return Buffer.concat([header, content, Buffer.alloc((blockSize - (content.length % blockSize)) % blockSize)]);
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.byteLength(key) + value.length + 3;
  let length = rest + String(rest).length;
  if (String(length).length !== String(rest).length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} ${key}=`), value, Buffer.from('\n')]);
}

function put(header: Buffer, [offset, length]: readonly [number, number], bytes: Buffer): void {
  bytes.copy(header, offset, 0, length);
}

/** What of a text is ASCII, for a program that knows no pax. A cut name must not look like that of a folder. */
function putText(header: Buffer, field: readonly [number, number], text: Buffer): void {
  const [offset, length] = field;
  const ascii = Buffer.from(text.filter((byte) => byte < 0x80 && byte !== 0));
  put(header, field, ascii);
  for (let at = offset + length - 1; ascii.length > length && header[at] === 0x2f; at -= 1) header[at] = 0;
}

function putOctal(header: Buffer, [offset, length]: readonly [number, number], value: number): void {
  header.write(value.toString(8).padStart(length - 1, '0'), offset, 'latin1');
}

function seal(header: Buffer): void {
  const [offset, length] = fields.checksum;
  header.fill(' ', offset, offset + length);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, offset, 'latin1');
}
