/** What a restore makes is exact: bytes, holes, times, modes, owners, attributes, links. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRoot, mountSmallFileSystem, unprivileged } from '../../../test/support/rights.ts';

import type { DirectoryEntry, RestoreRoot } from './addon.ts';
import { loadAddon } from './load-addon.ts';
import { codeOf, entryNamed, metadataOf, restoreFile, SealedRange, testFolder, type TestFolder } from './testing/files.ts';

const addon = loadAddon();
const bytes = (text: string): Buffer => Buffer.from(text);
let folder: TestFolder;
let root: RestoreRoot;

beforeEach(async () => {
  folder = testFolder();
  root = await addon.openRestoreRoot(bytes(folder.at('root')));
});
afterEach(async () => {
  await root.close();
  folder.remove();
});

/** cap_net_bind_service=ep as the kernel stores it. */
const capability = '0100000200040000000000000000000000000000';
const statOf = (name: string | Buffer): Promise<DirectoryEntry> => addon.statPath(Buffer.concat([bytes(`${folder.at('root')}/`), Buffer.from(name as string)]), { xattrs: true });
const attribute = (name: string, value: string): { name: Buffer; value: Buffer } => ({ name: bytes(name), value: Buffer.from(value, 'latin1') });

describe('files', () => {
  it('have every time, mode and size, before 1970 and after 2038 too', async () => {
    const cases: readonly [bigint, number][] = [
      [1_700_000_000_123_456_789n, 0o644],
      [-1n, 0o000],
      [-1_500_000_000_000_000_001n, 0o7777],
      [5_000_000_000_000_000_999n, 0o4711],
      [0n, 0o2755],
      [1n, 0o1600],
    ];
    for (const [mtimeNs, mode] of cases) {
      await restoreFile(addon, root, `f${mode}`, bytes(`${mode}`), metadataOf({ mtimeNs, mode }));
      const found = await statOf(`f${mode}`);
      expect(found).toMatchObject({ mtimeNs, atimeNs: metadataOf().atimeNs, mode: 0o100000 | mode, links: 1n });
    }
    expect(readdirSync(folder.at('root')).sort()).toEqual(cases.map(([, mode]) => `f${mode}`).sort());
  });

  it('have the owner, and keep setuid although the owner was set', async () => {
    const metadata = metadataOf({ mode: 0o6755, uid: isRoot ? 1234 : process.getuid?.() ?? 0, gid: isRoot ? 5678 : process.getgid?.() ?? 0 });
    await restoreFile(addon, root, 'f', bytes('x'), metadata);
    expect(await statOf('f')).toMatchObject({ uid: metadata.uid, gid: metadata.gid, mode: 0o106755 });
  });

  it('have attributes and ACLs exactly, and inherit none from the folder', async () => {
    const hasAcls = process.platform === 'linux';
    if (hasAcls) execFileSync('setfacl', ['-d', '-m', 'u:4321:rwx', folder.at('root')]);
    const xattrs = [attribute('user.empty', ''), attribute('user.\u00ff', '\0\u00ff'), attribute('user.big', 'x'.repeat(3000))];
    await restoreFile(addon, root, 'f', bytes('x'), metadataOf({ mode: 0o640, xattrs }));
    await restoreFile(addon, root, 'plain', bytes('x'), metadataOf({ mode: 0o640 }));
    const found = await statOf('f');
    expect([...(found.xattrs ?? [])].sort((a, b) => a.name.compare(b.name))).toEqual([...xattrs].sort((a, b) => a.name.compare(b.name)));
    expect((await statOf('plain')).xattrs).toBeUndefined();
    if (!hasAcls) return;
    const acl = (await addon.statPath(bytes(folder.at('root')), { xattrs: true })).xattrs ?? [];
    expect(acl.map(({ name }) => name.toString())).toEqual(['system.posix_acl_default']);
    await root.makeDirectories([bytes('dir')]);
    expect(await root.setMetadata([{ path: bytes('dir'), metadata: metadataOf({ mode: 0o750, xattrs: acl }) }])).toEqual([]);
    expect(await statOf('dir')).toMatchObject({ xattrs: acl, mode: 0o040750 });
  });

  it('keep capabilities', async (context) => {
    if (!isRoot) context.skip('only root may give them');
    const value = Buffer.from(capability, 'hex');
    await restoreFile(addon, root, 'f', bytes('x'), metadataOf({ mode: 0o755, uid: 5, gid: 5, xattrs: [{ name: bytes('security.capability'), value }] }));
    expect((await statOf('f')).xattrs).toEqual([{ name: bytes('security.capability'), value }]);
  });

  it('are made of pieces in any order, with holes for zeros', async () => {
    const keys = addon.generateKeySet();
    const piece = 1 << 20;
    const first = Buffer.alloc(piece, 1);
    const last = Buffer.alloc(1000, 2);
    const size = 64 * piece + last.length;
    await root.addFiles([{ token: 5, path: bytes('sparse'), size, writes: 3, metadata: metadataOf() }]);
    expect(readdirSync(folder.at('root'))).toEqual([]);
    for (const [content, at] of [[last, 64 * piece], [Buffer.alloc(3 * piece), 10 * piece], [first, 0]] as const) {
      const range = new SealedRange(keys);
      range.add(content, 5, at);
      const result = await root.writeRange(keys, range.range, range.writes);
      expect(result.failures).toEqual([]);
      expect(result.finished).toEqual(at === 0 ? [5] : []);
      expect(existsSync(folder.at('root', 'sparse'))).toBe(at === 0);
    }
    const content = readFileSync(folder.at('root', 'sparse'));
    expect(content.equals(Buffer.concat([first, Buffer.alloc(63 * piece), last]))).toBe(true);
    expect(Number((await statOf('sparse')).blocks) * 512).toBeLessThan(2 * piece);
  });

  it('are written decompressed, and a damaged blob is told apart from its neighbours', async () => {
    const keys = addon.generateKeySet();
    const plain = bytes('compress me '.repeat(1000));
    const compressed = addon.compress(plain, 3);
    const range = new SealedRange(keys);
    range.add(compressed, 1);
    range.add(bytes('good'), 2);
    range.add(bytes('wrong hash'), 3);
    const writes = range.writes;
    writes.writeUInt32LE(plain.length, 12);
    createHash('sha256').update(plain).digest().copy(writes, 16);
    writes.fill(0, 2 * 64 + 16, 2 * 64 + 48);
    const files = [plain.length, 4, 10].map((size, i) => ({ token: i + 1, path: bytes(`f${i + 1}`), size, writes: 1, metadata: metadataOf() }));
    await root.addFiles(files);
    const result = await root.writeRange(keys, range.range, writes);
    expect(result.finished.toSorted((a, b) => a - b)).toEqual([1, 2]);
    expect(result.failures).toMatchObject([{ token: 3, code: 'E_HASH', during: 'decode', path: bytes('f3') }]);
    expect(readFileSync(folder.at('root', 'f1')).equals(plain)).toBe(true);
    // The same write with an intact copy of the blob completes the file.
    const copy = new SealedRange(keys);
    copy.add(bytes('wrong hash'), 3);
    expect((await root.writeRange(keys, copy.range, copy.writes)).finished).toEqual([3]);
    const damaged = range.range;
    damaged[damaged.length - 20]! ^= 1;
    await root.addFiles([{ ...files[2]!, token: 4 }]);
    const third = Buffer.from(writes.subarray(128));
    third.writeUInt32LE(4, 48);
    expect((await root.writeRange(keys, damaged, third)).failures).toMatchObject([{ token: 4, code: 'E_MAC' }]);
  });

  it('fit names of 255 bytes that are no text, and empty content', async () => {
    const name = Buffer.alloc(255, 0xff);
    const added = await root.addFiles([{ token: 1, path: name, size: 0, writes: 0, metadata: metadataOf({ mode: 0o600 }) }]);
    expect(added).toEqual({ finished: [1], failures: [], bytesWritten: 0 });
    expect(await statOf(name)).toMatchObject({ size: 0n, mode: 0o100600, name });
  });

  it('give way to no folder with content, but to an empty one', async () => {
    mkdirSync(folder.at('root', 'empty'));
    mkdirSync(folder.at('root', 'full'));
    writeFileSync(folder.at('root', 'full', 'x'), '');
    await restoreFile(addon, root, 'empty', bytes('x'));
    expect(await codeOf(restoreFile(addon, root, 'full', bytes('x')))).toBe('ENOTEMPTY');
    expect(await codeOf(root.makeSymlink(bytes('full'), bytes('x'), metadataOf()))).toBe('ENOTEMPTY');
    expect(readdirSync(folder.at('root')).sort()).toEqual(['empty', 'full']);
  });

  it('leave nothing behind when the restore is closed early', async () => {
    const keys = addon.generateKeySet();
    const range = new SealedRange(keys);
    range.add(bytes('half'), 1);
    await root.addFiles([{ token: 1, path: bytes('f'), size: 8, writes: 2, metadata: metadataOf() }]);
    await root.writeRange(keys, range.range, range.writes);
    expect(readdirSync(folder.at('root'))).toHaveLength(1);
    await root.close();
    await root.close();
    expect(readdirSync(folder.at('root'))).toEqual([]);
    expect(await codeOf(root.stat(bytes('f')))).toBe('E_CANCELLED');
  });

  it('report a full disk by its code and leave no part of a file', async (context) => {
    const mounted = mountSmallFileSystem(folder.at('small'), 1);
    if (mounted === undefined) context.skip('needs the right to mount');
    try {
      const small = await addon.openRestoreRoot(bytes(folder.at('small')));
      expect(await codeOf(restoreFile(addon, small, 'large', Buffer.alloc(2 << 20, 1)))).toBe('ENOSPC');
      await restoreFile(addon, small, 'fits', Buffer.alloc(1000, 1));
      expect(readdirSync(folder.at('small'))).toEqual(['fits']);
      expect(await addon.freeSpace(bytes(folder.at('small')))).toBeLessThan(1n << 20n);
      await small.close();
    } finally {
      mounted?.unmount();
    }
  });
});

describe('other entries', () => {
  it('are exact: links, FIFOs, devices, hard links, folders', async () => {
    const owner = isRoot ? { uid: 11, gid: 12 } : {};
    const metadata = metadataOf({ mode: 0o640, ...owner });
    const target = Buffer.from([0x2e, 0x2e, 0x2f, 0xff]);
    const trusted = isRoot ? [attribute('trusted.link', 'value')] : [];
    await root.makeSymlink(bytes('link'), target, { ...metadata, xattrs: trusted });
    await root.makeNode(bytes('fifo'), 0o010000, 0n, metadata);
    if (isRoot) await root.makeNode(bytes('device'), 0o020000, 305_839_173n, metadata);
    await restoreFile(addon, root, 'file', bytes('x'));
    await root.makeHardLink(bytes('hard'), bytes('file'));
    await root.makeHardLink(bytes('hard'), bytes('file'));
    await root.makeDirectories([bytes('dir')]);
    expect((await statOf('dir')).mode).toBe(0o040700);
    expect(await root.setMetadata([{ path: bytes('dir'), metadata: { ...metadata, mode: 0o1777, xattrs: [attribute('user.a', 'b')] } }])).toEqual([]);
    expect(await statOf('link')).toMatchObject({ linkTarget: target, mtimeNs: metadata.mtimeNs, ...owner });
    expect((await statOf('link')).xattrs ?? []).toEqual(trusted);
    expect(await statOf('fifo')).toMatchObject({ mode: 0o010640, mtimeNs: metadata.mtimeNs, atimeNs: metadata.atimeNs, ...owner });
    if (isRoot) expect(await statOf('device')).toMatchObject({ mode: 0o020640, rdev: 305_839_173n, ...owner });
    expect(await statOf('hard')).toMatchObject({ links: 2n, inode: (await statOf('file')).inode });
    expect(await statOf('dir')).toMatchObject({ mode: 0o041777, mtimeNs: metadata.mtimeNs, xattrs: [attribute('user.a', 'b')], ...owner });
    expect(readdirSync(folder.at('root')).sort()).toEqual(['dir', ...(isRoot ? ['device'] : []), 'fifo', 'file', 'hard', 'link'].sort());
  });

  it('are listed and examined below the root', async () => {
    await restoreFile(addon, root, 'file', bytes('x'));
    await root.makeDirectories([bytes('a'), bytes('a/b')]);
    expect((await root.list(Buffer.alloc(0))).map(({ name }) => name.toString())).toEqual(['a', 'file']);
    expect((await root.list(bytes('a'))).map(({ name }) => name.toString())).toEqual(['b']);
    expect(await root.stat(bytes('file'))).toMatchObject({ size: 1n });
    expect(await root.stat(bytes('absent'))).toBeUndefined();
    expect(await root.stat(bytes('absent/x'))).toBeUndefined();
    expect(await root.stat(bytes('file/x'))).toBeUndefined();
    expect(await codeOf(root.list(bytes('file')))).toBe('ENOTDIR');
    expect(entryNamed(await root.list(Buffer.alloc(0)), 'file').size).toBe(1n);
  });

  it('are compared blob by blob', async () => {
    const content = Buffer.concat([Buffer.alloc(5000, 1), Buffer.alloc(3000, 2), Buffer.alloc(10, 3)]);
    await restoreFile(addon, root, 'f', content);
    const lengths = Uint32Array.of(5000, 3000, 10, 1);
    const id = (part: Buffer): Buffer => createHash('sha256').update(part).digest();
    const ids = Buffer.concat([id(content.subarray(0, 5000)), Buffer.alloc(32), id(content.subarray(8000)), id(Buffer.alloc(1))]);
    expect([...(await root.compareContent(bytes('f'), ids, lengths))]).toEqual([1, 0, 1, 0]);
    expect(() => root.compareContent(bytes('f'), ids, Uint32Array.of(1))).toThrow(TypeError);
  });
});

describe('the target folder', () => {
  it('is made with its parents, private, and may be reached through a link', async () => {
    mkdirSync(folder.at('real'));
    symlinkSync('real', folder.at('link'));
    const other = await addon.openRestoreRoot(bytes(folder.at('link', 'a', 'b/')));
    await restoreFile(addon, other, 'f', bytes('x'));
    await other.close();
    expect(readFileSync(folder.at('real', 'a', 'b', 'f'), 'utf8')).toBe('x');
    expect(statSync(folder.at('real', 'a')).mode & 0o777).toBe(0o700);
    expect(await codeOf(addon.openRestoreRoot(bytes(folder.at('real', 'a', 'b', 'f'))))).toBe('ENOTDIR');
  });

  it('works without root: owners are left out, folders without rights get them', async () => {
    mkdirSync(folder.at('user'), { mode: 0o777 });
    chmodSync(folder.at('user'), 0o777);
    chmodSync(folder.path, 0o755);
    await unprivileged(async () => {
      const mine = await addon.openRestoreRoot(bytes(folder.at('user', 'target')));
      const metadata = metadataOf({ mode: 0o4755, uid: 1, gid: 1, xattrs: [{ name: bytes('security.capability'), value: Buffer.from(capability, 'hex') }, attribute('trusted.x', 'x'), attribute('user.x', 'x')] });
      await restoreFile(addon, mine, 'f', bytes('x'), metadata);
      expect(await mine.makeDirectories([bytes('closed'), bytes('closed/in')])).toEqual([]);
      await mine.setMetadata([{ path: bytes('closed'), metadata: metadataOf({ mode: 0 }) }]);
      expect(await mine.makeDirectories([bytes('closed')])).toEqual([]);
      await restoreFile(addon, mine, 'closed/again', bytes('x'));
      await mine.setMetadata([{ path: bytes('closed'), metadata: metadataOf({ mode: 0 }) }]);
      await mine.makeSymlink(bytes('link'), bytes('x'), metadataOf({ uid: 1, gid: 1 }));
      expect((await mine.list(Buffer.alloc(0))).map(({ name }) => name.toString())).toEqual(['closed', 'f', 'link']);
      await mine.remove(bytes('closed'));
      await mine.close();
    });
    expect(lstatSync(folder.at('user', 'target', 'f')).mode & 0o7777).toBe(0o4755);
    expect(existsSync(folder.at('user', 'target', 'closed'))).toBe(false);
  });
});

it('restores many files over several calls at once, within few descriptors', async () => {
  const keys = addon.generateKeySet();
  const count = 3000;
  const files = Array.from({ length: count }, (_, token) => ({ token, path: bytes(`d${token % 7}/f${token}`), size: 30, writes: 3, metadata: metadataOf() }));
  await root.makeDirectories(Array.from({ length: 7 }, (_, i) => bytes(`d${i}`)));
  expect((await root.addFiles(files)).failures).toEqual([]);
  const results = await Promise.all(
    [2, 0, 1].map((part) => {
      const range = new SealedRange(keys);
      for (const { token } of files) range.add(bytes(`${token}-${part}`.padEnd(10, '.')), token, part * 10);
      return root.writeRange(keys, range.range, range.writes);
    }),
  );
  expect(results.flatMap(({ failures }) => failures)).toEqual([]);
  expect(results.flatMap(({ finished }) => finished)).toHaveLength(count);
  for (const { token, path } of files) {
    const wanted = [0, 1, 2].map((part) => `${token}-${part}`.padEnd(10, '.')).join('');
    if (readFileSync(folder.at('root', path.toString()), 'utf8') !== wanted) expect.fail(`content of ${path.toString()}`);
  }
  expect(await codeOf(root.writeRange(keys, Buffer.alloc(10), Buffer.alloc(64)))).toBe('E_FORMAT');
  expect(() => root.writeRange(keys, Buffer.alloc(10), Buffer.alloc(63))).toThrow(TypeError);
  expect(() => root.writeRange({} as typeof keys, Buffer.alloc(10), Buffer.alloc(64))).toThrow(TypeError);
});
