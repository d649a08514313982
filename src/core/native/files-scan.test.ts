import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, lchownSync, linkSync, mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRoot, unprivileged } from '../../../test/support/rights.ts';

import type { DirectoryEntry } from './addon.ts';
import { loadAddon } from './load-addon.ts';
import { codeOf, entryNamed, metadataOf, testFolder, type TestFolder } from './testing/files.ts';

const addon = loadAddon();
let folder: TestFolder;

beforeEach(() => {
  folder = testFolder();
});
afterEach(() => {
  folder.remove();
});

const scan = (at: string | Buffer, xattrs = true): Promise<DirectoryEntry[]> => addon.scanDirectory(Buffer.from(at as string), { xattrs });
const stat = (at: string | Buffer, xattrs = true): Promise<DirectoryEntry> => addon.statPath(Buffer.from(at as string), { xattrs });

/** Where a folder of many levels cannot be made by its path: as a restore makes it. */
async function makeDeep(top: string, names: readonly string[]): Promise<Buffer> {
  const root = await addon.openRestoreRoot(Buffer.from(top));
  const paths = names.map((_, level) => Buffer.from(names.slice(0, level + 1).join('/')));
  expect(await root.makeDirectories(paths)).toEqual([]);
  await root.makeSymlink(Buffer.concat([paths.at(-1)!, Buffer.from('/end')]), Buffer.from('target'), metadataOf());
  await root.close();
  return Buffer.concat([Buffer.from(`${top}/`), paths.at(-1)!]);
}

describe('scanDirectory', () => {
  it('gives every field of lstat, without following links', async () => {
    writeFileSync(folder.at('file'), Buffer.alloc(100_000, 1));
    chmodSync(folder.at('file'), 0o4751);
    utimesSync(folder.at('file'), 1, 2);
    linkSync(folder.at('file'), folder.at('second'));
    mkdirSync(folder.at('dir'), { mode: 0o755 });
    symlinkSync('dir/../nowhere', folder.at('link'));
    if (isRoot) chownSync(folder.at('file'), 1234, 5678);
    const entries = await scan(folder.path);
    expect(entries.map(({ name }) => name.toString())).toEqual(['dir', 'file', 'link', 'second']);
    for (const name of ['dir', 'file', 'second']) {
      const entry = entryNamed(entries, name);
      const wanted = statSync(folder.at(name), { bigint: true });
      expect(entry).toEqual({
        name: Buffer.from(name),
        mode: Number(wanted.mode),
        size: wanted.size,
        mtimeNs: wanted.mtimeNs,
        ctimeNs: wanted.ctimeNs,
        atimeNs: wanted.atimeNs,
        inode: wanted.ino,
        device: wanted.dev,
        rdev: wanted.rdev,
        links: wanted.nlink,
        uid: Number(wanted.uid),
        gid: Number(wanted.gid),
        blocks: wanted.blocks,
      });
    }
    const link = entryNamed(entries, 'link');
    expect(link.linkTarget?.toString()).toBe('dir/../nowhere');
    expect(link.mode & 0o170000).toBe(0o120000);
    // Reading a link's target moves its access time.
    expect(await stat(folder.at('link'))).toEqual({ ...link, atimeNs: expect.any(BigInt) as bigint });
  });

  it('keeps names as bytes and sorts them as bytes', async () => {
    const names = [
      Buffer.from([0xff, 0xfe, 0x80]),
      Buffer.from('line\nbreak'),
      Buffer.from('x'.repeat(255)),
      Buffer.from('é'.repeat(127)),
      Buffer.from('e\u0301'),
      Buffer.from('\u00e9'),
      Buffer.from(' '),
      Buffer.from('...'),
      Buffer.from('tab\t"quote"\\'),
      Buffer.from([1]),
    ];
    for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${folder.path}/`), name]), '');
    const target = Buffer.from([0x74, 0xff, 0x0a]);
    symlinkSync(target, Buffer.from(folder.at('z-link')));
    const entries = await scan(folder.path);
    expect(entries.map(({ name }) => name)).toEqual([...names, Buffer.from('z-link')].sort((a, b) => a.compare(b)));
    expect(entryNamed(entries, 'z-link').linkTarget).toEqual(target);
  });

  it('tells FIFOs, sockets and devices and never opens them', async () => {
    execFileSync('mkfifo', [folder.at('fifo')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(folder.at('socket'), resolve));
    if (isRoot) execFileSync('mknod', [folder.at('null'), 'c', '1', '3']);
    const entries = await scan(folder.path);
    expect(entryNamed(entries, 'fifo').mode & 0o170000).toBe(0o010000);
    expect(entryNamed(entries, 'socket').mode & 0o170000).toBe(0o140000);
    if (isRoot) expect(entryNamed(entries, 'null')).toMatchObject({ rdev: 259n, mode: 0o020644 });
    await new Promise((resolve) => server.close(resolve));
  });

  it('reads extended attributes and ACLs, only where asked', async () => {
    const root = await addon.openRestoreRoot(Buffer.from(folder.at('r')));
    const large = Buffer.alloc(2000, 7);
    const xattrs = [
      { name: Buffer.from('user.empty'), value: Buffer.alloc(0) },
      { name: Buffer.from('user.raw'), value: Buffer.from([0, 255, 10]) },
      { name: Buffer.from('user.large'), value: large },
    ];
    await root.makeDirectories([Buffer.from('d'), Buffer.from('plain')]);
    expect(await root.setMetadata([{ path: Buffer.from('d'), metadata: metadataOf({ mode: 0o700, xattrs }) }])).toEqual([]);
    await root.close();
    const entries = await scan(folder.at('r'));
    const sorted = [...(entryNamed(entries, 'd').xattrs ?? [])].sort((a, b) => a.name.compare(b.name));
    expect(sorted).toEqual([...xattrs].sort((a, b) => a.name.compare(b.name)));
    expect(entryNamed(entries, 'plain').xattrs).toBeUndefined();
    expect(entryNamed(await scan(folder.at('r'), false), 'd').xattrs).toBeUndefined();
    if (process.platform !== 'linux') return;
    expect(execFileSync('getfattr', ['--only-values', '-n', 'user.large', folder.at('r', 'd')])).toEqual(large);
    execFileSync('setfacl', ['-m', 'u:4321:r', folder.at('r', 'plain')]);
    expect(entryNamed(await scan(folder.at('r')), 'plain').xattrs?.map(({ name }) => name.toString())).toEqual(['system.posix_acl_access']);
  });

  it('works on paths beyond PATH_MAX and 2,000 levels down', async () => {
    const long = await makeDeep(folder.at('long'), Array.from({ length: 60 }, (_, i) => `${i}-${'n'.repeat(240)}`));
    const deep = await makeDeep(folder.at('deep'), Array.from({ length: 2000 }, () => 'd'));
    expect(long.length).toBeGreaterThan(3 * 4096);
    for (const at of [long, deep]) {
      const entries = await scan(at);
      expect(entries.map(({ name }) => name.toString())).toEqual(['end']);
      expect(await stat(Buffer.concat([at, Buffer.from('/end')]))).toEqual({ ...entries[0], atimeNs: expect.any(BigInt) as bigint });
    }
    for (const name of ['long', 'deep']) {
      const root = await addon.openRestoreRoot(Buffer.from(folder.at(name)));
      for (const entry of await root.list(Buffer.alloc(0))) await root.remove(entry.name);
      await root.close();
    }
  });

  it('lists 20,000 entries, each once', async () => {
    for (let i = 0; i < 20_000; i += 1) writeFileSync(folder.at(`f${i}`), '');
    const entries = await scan(folder.path);
    expect(new Set(entries.map(({ name }) => name.toString())).size).toBe(20_000);
    expect(entries.every(({ failure, links }) => failure === undefined && links === 1n)).toBe(true);
  });

  it('names what it may not read and goes on', async () => {
    mkdirSync(folder.at('closed'), { mode: 0o000 });
    mkdirSync(folder.at('names-only'), { mode: 0o755 });
    writeFileSync(folder.at('names-only', 'f'), '');
    chmodSync(folder.at('names-only'), 0o444);
    chmodSync(folder.path, 0o755);
    await unprivileged(async () => {
      expect(await codeOf(scan(folder.at('closed')))).toBe('EACCES');
      expect((await scan(folder.path)).length).toBe(2);
      const [entry] = await scan(folder.at('names-only'));
      expect(entry).toMatchObject({ name: Buffer.from('f'), size: 0n, failure: { code: 'EACCES', during: 'stat' } });
    });
    chmodSync(folder.at('names-only'), 0o700);
    chmodSync(folder.at('closed'), 0o700);
  });

  it('rejects with errno codes, and refuses wrong arguments', async () => {
    writeFileSync(folder.at('file'), '');
    symlinkSync('.', folder.at('link'));
    expect(await codeOf(scan(folder.at('absent')))).toBe('ENOENT');
    expect(await codeOf(scan(folder.at('file')))).toBe('ENOTDIR');
    expect(await codeOf(scan(folder.at('link')))).toBe('ENOTDIR');
    expect(await codeOf(stat(folder.at('absent')))).toBe('ENOENT');
    expect(await codeOf(stat(''))).toBe('ENOENT');
    expect((await stat('/')).name.toString()).toBe('/');
    expect((await stat(folder.at('file'))).name.toString()).toBe('file');
    expect(() => addon.scanDirectory(Buffer.from('a\0b'), { xattrs: false })).toThrow(TypeError);
    expect(() => addon.scanDirectory('text' as unknown as Buffer, { xattrs: false })).toThrow(TypeError);
    expect(() => addon.statPath(Buffer.from('/'), {} as { xattrs: boolean })).toThrow(TypeError);
  });

  it('marks owner changes of links themselves', async () => {
    symlinkSync('nowhere', folder.at('link'));
    if (isRoot) lchownSync(folder.at('link'), 77, 78);
    const [entry] = await scan(folder.path);
    if (isRoot) expect(entry).toMatchObject({ uid: 77, gid: 78 });
    expect(entry?.failure).toBeUndefined();
  });
});

describe('freeSpace', () => {
  it('tells the space of the file system, also through a link', async () => {
    symlinkSync(folder.path, folder.at('link'));
    expect(await addon.freeSpace(Buffer.from(folder.at('link')))).toBeGreaterThan(0n);
    expect(await codeOf(addon.freeSpace(Buffer.from(folder.at('absent'))))).toBe('ENOENT');

  });
});
