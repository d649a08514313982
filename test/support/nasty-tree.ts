/**
 * A folder of nasty files: everything that a backup of a Unix machine may meet, made from a seed.
 *
 * Invariant: the same seed gives the same names, contents, modes and times. What this machine cannot make (devices and
 * foreign owners without root, attributes on a file system without them) is left out and named in `missing`.
 */
import { closeSync, ftruncateSync, linkSync, mkdirSync, openSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { isRoot } from './rights.ts';
import { noise } from './noise.ts';
import { loadAddon } from '../../src/core/native/load-addon.ts';
import type { ExtendedAttribute, RestoreMetadata } from '../../src/core/native/addon.ts';

export interface NastyTree {
  /** What could not be made here, for people. */
  readonly missing: readonly string[];
}

/** What a file system without attributes or lists answers. */
const unsupportedCodes = new Set(['ENOTSUP', 'EOPNOTSUPP', 'EPERM']);
const chunkLimit = 512 * 1024;
/** Nanoseconds of a second that no coarser clock can show. */
const oddNanoseconds = 123_456_789n;

/** Builds the tree in `root`, an existing empty folder. */
export async function buildNastyTree(root: string, seed: number): Promise<NastyTree> {
  const maker = new Maker(root, seed);
  maker.sizes();
  maker.names();
  maker.links();
  maker.modes();
  maker.times();
  maker.specialFiles();
  maker.attributes();
  maker.folders();
  await maker.applyMetadata();
  return { missing: maker.missing };
}

const awkwardNames: readonly (string | Buffer)[] = [
  ' ',
  '-rf',
  '*',
  'new\nline',
  'tab\tand\rreturn',
  '"double" and \'single\' quotes',
  'back\\slash',
  'trailing\\',
  '\\x41 \\u0041 looks escaped',
  '\u0001\u001b[31m\u007f control',
  'ü ä ß NFC',
  'u\u0308 NFD',
  '\ufffd replacement',
  '\u2028 and \u2029 separators',
  '\ufeff byte order mark',
  '\u202egnp.exe right to left',
  '🗄️ emoji 👩‍👩‍👧',
  '<html>&amp;',
  'CON',
  'C:',
  'trailing dot.',
  'trailing space ',
  '...',
  '~',
  'x'.repeat(255),
  'ü'.repeat(127),
  Buffer.from([0xff]),
  Buffer.from([0xc3, 0x28, 0x61]),
  Buffer.from([0x61, 0xed, 0xa0, 0x80]),
  Buffer.from([0xf8, 0x88, 0x80, 0x80, 0x80]),
  Buffer.concat([Buffer.from('latin1 '), Buffer.from([0xe4, 0xf6, 0xfc])]),
  Buffer.alloc(255, 0xfe),
];

interface Planned {
  readonly path: Buffer;
  readonly metadata: RestoreMetadata;
}

class Maker {
  readonly missing: string[] = [];
  readonly #root: string;
  readonly #seed: number;
  readonly #planned: Planned[] = [];
  #count = 0;

  constructor(root: string, seed: number) {
    this.#root = root;
    this.#seed = seed;
  }

  sizes(): void {
    this.#folder('sizes');
    for (const size of [0, 1, 2, 4095, 4096, chunkLimit - 1, chunkLimit, chunkLimit + 1, 3_000_000]) this.#file(`sizes/${size}`, noise(size, this.#seed + size));
    this.#file('sizes/zeros', Buffer.alloc(2_000_000));
    this.#file('sizes/twice', Buffer.concat([noise(1_500_000, this.#seed), noise(1_500_000, this.#seed)]));
    const sparse = openSync(join(this.#root, 'sizes/sparse'), 'wx');
    writeSync(sparse, noise(100, this.#seed), 0, 100, 3_000_000);
    ftruncateSync(sparse, 20_000_000);
    closeSync(sparse);
  }

  names(): void {
    this.#folder('names');
    for (const name of awkwardNames) {
      const bytes = Buffer.isBuffer(name) ? name : Buffer.from(name);
      writeFileSync(this.#absolute(Buffer.concat([Buffer.from('names/'), bytes])), bytes);
    }
    const folder = Buffer.concat([Buffer.from('names/folder '), Buffer.from([0xff, 0x0a])]);
    mkdirSync(this.#absolute(folder));
    writeFileSync(this.#absolute(Buffer.concat([folder, Buffer.from('/inside')])), 'inside');
  }

  links(): void {
    this.#folder('links');
    this.#file('links/target', Buffer.from('target'));
    // Without metadata: they are not set through one of several names.
    writeFileSync(join(this.#root, 'links/chain-1'), noise(700_000, this.#seed + 7));
    for (let i = 2; i <= 5; i++) linkSync(join(this.#root, 'links/chain-1'), join(this.#root, `links/chain-${i}`));
    this.#folder('links/elsewhere');
    linkSync(join(this.#root, 'links/chain-1'), join(this.#root, 'links/elsewhere/chain-6'));
    const targets: (string | Buffer)[] = ['target', 'missing', '/etc/hostname', '../..', '.', 'new\nline', Buffer.from([0x2f, 0xff, 0xfe]), 'l'.repeat(4000), '/proc/self/exe', 'link-0'];
    targets.forEach((target, i) => symlinkSync(target, join(this.#root, `links/link-${i}`)));
    symlinkSync('elsewhere', join(this.#root, 'links/to-folder'));
  }

  modes(): void {
    this.#folder('modes');
    for (const mode of [0o000, 0o400, 0o644, 0o755, 0o777, 0o1644, 0o2755, 0o4755, 0o6711, 0o7777]) {
      const name = mode.toString(8).padStart(4, '0');
      if (isRoot || (mode & 0o400) !== 0) this.#file(`modes/file ${name}`, Buffer.from(name), { mode });
      if (isRoot || (mode & 0o500) === 0o500) this.#folder(`modes/folder ${name}`, { mode });
    }
    if (!isRoot) this.missing.push('files and folders that their owner cannot read (not root)');
    this.#file('modes/owner', Buffer.from('owned'), isRoot ? { uid: 12345, gid: 54321 } : {});
    if (!isRoot) this.missing.push('files of other owners (not root)');
  }

  times(): void {
    this.#folder('times');
    const seconds = [0n, 1n, -1n, -2_000_000_000n, 1_000_000_000n, 2_147_483_647n, 2_147_483_648n, 4_102_444_800n];
    for (const second of seconds) this.#file(`times/${second}`, Buffer.from(String(second)), { mtimeNs: second * 1_000_000_000n + oddNanoseconds });
    symlinkSync('0', join(this.#root, 'times/link'));
    this.#plan('times/link', { mtimeNs: -86_400_000_000_000n + 1n });
    this.#folder('times/folder', { mtimeNs: 999_999_999n });
  }

  specialFiles(): void {
    this.#folder('special');
    this.#tool('mkfifo', ['special/fifo'], 'FIFOs');
    const made = this.#tool('mknod', ['special/character', 'c', '1', '3'], 'device files') && this.#tool('mknod', ['special/block', 'b', '7', '200'], 'device files');
    for (const name of made ? ['fifo', 'character', 'block'] : ['fifo']) this.#plan(`special/${name}`, { mode: 0o640 });
  }

  attributes(): void {
    this.#folder('attributes', { xattrs: [{ name: Buffer.from('user.of-folder'), value: Buffer.from('folder') }] });
    const values: Record<string, Buffer> = { empty: Buffer.alloc(0), text: Buffer.from('text'), binary: Buffer.from([0, 255, 10, 0]), long: noise(2000, this.#seed + 3) };
    const several = Object.entries(values).map(([name, value]): ExtendedAttribute => ({ name: Buffer.from(`user.${name}`), value }));
    this.#file('attributes/several', Buffer.from('several'), { xattrs: several });
    this.#file('attributes/list', Buffer.from('list'), { xattrs: [{ name: Buffer.from('system.posix_acl_access'), value: accessList() }], mode: 0o654 });
    this.#folder('attributes/inherited', { xattrs: [{ name: Buffer.from('system.posix_acl_default'), value: accessList() }] });
  }

  folders(): void {
    this.#folder('folders');
    this.#folder('folders/empty');
    let path = 'folders/deep';
    for (let level = 0; level < 40; level++) {
      this.#folder(path);
      path += `/level ${level}`;
    }
    this.#folder('folders/many');
    for (let i = 0; i < 300; i++) this.#file(`folders/many/${i}`, noise(i * 10, this.#seed + i));
    writeFileSync(join(this.#root, 'folders/CACHEDIR.TAG'), 'Signature: 8a477f597d28d172789f06886806bc55\n');
  }

  /** Folders last and deepest first, so that their times stay. */
  async applyMetadata(): Promise<void> {
    const root = await loadAddon().openRestoreRoot(Buffer.from(this.#root));
    try {
      for (const failure of await root.setMetadata(this.#planned.toReversed())) {
        const text = `${failure.path.toString()}: ${failure.message}`;
        if (!unsupportedCodes.has(failure.code)) throw new Error(text);
        this.missing.push(text);
      }
    } finally {
      await root.close();
    }
  }

  #folder(path: string, metadata: Partial<RestoreMetadata> = {}): void {
    mkdirSync(join(this.#root, path));
    this.#plan(path, { mode: 0o755, ...metadata });
  }

  #file(path: string, content: Buffer, metadata: Partial<RestoreMetadata> = {}): void {
    writeFileSync(join(this.#root, path), content, { flag: 'wx' });
    this.#plan(path, metadata);
  }

  #plan(path: string, metadata: Partial<RestoreMetadata>): void {
    const mtimeNs = 1_600_000_000_000_000_000n + BigInt(this.#count++) * 1_000_000_000n + oddNanoseconds;
    this.#planned.push({ path: Buffer.from(path), metadata: { mode: 0o644, mtimeNs, atimeNs: mtimeNs, ...metadata } });
  }

  #tool(command: string, args: readonly string[], what: string): boolean {
    const result = spawnSync(command, args, { cwd: this.#root });
    if (result.status === 0) return true;
    this.missing.push(`${what} (${command}: ${result.error?.message ?? result.stderr.toString().trim()})`);
    return false;
  }

  #absolute(relative: Buffer): Buffer {
    return Buffer.concat([Buffer.from(`${this.#root}/`), relative]);
  }
}

/** `user::rw-, user:1234:r-x, group::r--, mask::r-x, other::r--` as the kernel stores it (linux/posix_acl_xattr.h). */
function accessList(): Buffer {
  const noId = 0xffffffff;
  const entries: readonly (readonly [tag: number, permissions: number, id: number])[] = [
    [0x01, 6, noId],
    [0x02, 5, 1234],
    [0x04, 4, noId],
    [0x10, 5, noId],
    [0x20, 4, noId],
  ];
  const bytes = Buffer.alloc(4 + entries.length * 8);
  bytes.writeUInt32LE(2, 0);
  entries.forEach(([tag, permissions, id], i) => {
    bytes.writeUInt16LE(tag, 4 + i * 8);
    bytes.writeUInt16LE(permissions, 6 + i * 8);
    bytes.writeUInt32LE(id, 8 + i * 8);
  });
  return bytes;
}
