/** Object files: invisible until complete, durable then, and gone without a trace when aborted. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mountSmallFileSystem, unprivileged } from '../../../test/support/rights.ts';

import { piecesOf } from './many-bytes.ts';
import { loadAddon } from './load-addon.ts';
import { codeOf, testFolder, type TestFolder } from './testing/files.ts';

const addon = loadAddon();
const sha256 = (content: Uint8Array): Buffer => createHash('sha256').update(content).digest();
let folder: TestFolder;

beforeEach(() => {
  folder = testFolder();
});
afterEach(() => {
  folder.remove();
});

describe('an object file', () => {
  it('hashes what is appended, in order, however it is cut and without waiting between', async () => {
    const pieces = Array.from({ length: 2000 }, (_, i) => randomBytes((i * 37) % 3000));
    const file = await addon.createObjectFile(folder.at('tmp'), 0o600);
    const appended: Promise<void>[] = [];
    for (let at = 0; at < pieces.length; at += 700) appended.push(file.append(pieces.slice(at, at + 700)));
    appended.push(file.append([]), file.append([Buffer.alloc(0)]));
    const content = Buffer.concat(pieces);
    await Promise.all(appended);
    expect(file.digest()).toEqual(sha256(content));
    await file.append([Buffer.from('more')]);
    expect(file.digest()).toEqual(sha256(Buffer.concat([content, Buffer.from('more')])));
    expect(existsSync(folder.at('final'))).toBe(false);
    expect(statSync(folder.at('tmp')).mode & 0o777).toBe(0o600);
    await file.commit(folder.at('final'), { mode: 0o400, exclusive: true });
    expect(readdirSync(folder.path)).toEqual(['final']);
    expect(readFileSync(folder.at('final')).equals(Buffer.concat([content, Buffer.from('more')]))).toBe(true);
    expect(statSync(folder.at('final')).mode & 0o777).toBe(0o400);
  });

  it('may be empty', async () => {
    const file = await addon.createObjectFile(folder.at('tmp'), 0o600);
    expect(file.digest()).toEqual(sha256(Buffer.alloc(0)));
    await file.commit(folder.at('final'), { mode: 0o600, exclusive: false });
    expect(statSync(folder.at('final')).size).toBe(0);
  });

  it('never replaces when exclusive, and can then still be aborted or take another name', async () => {
    writeFileSync(folder.at('final'), 'first');
    const file = await addon.createObjectFile(folder.at('tmp'), 0o600);
    await file.append([Buffer.from('second')]);
    expect(await codeOf(file.commit(folder.at('final'), { mode: 0o600, exclusive: true }))).toBe('EEXIST');
    expect(readFileSync(folder.at('final'), 'utf8')).toBe('first');
    await file.commit(folder.at('other'), { mode: 0o600, exclusive: true });
    expect(readFileSync(folder.at('other'), 'utf8')).toBe('second');
    const again = await addon.createObjectFile(folder.at('tmp'), 0o600);
    expect(await codeOf(again.commit(folder.at('final'), { mode: 0o600, exclusive: true }))).toBe('EEXIST');
    await again.abort();
    expect(readdirSync(folder.path).sort()).toEqual(['final', 'other']);
  });

  it('lets exactly one of many exclusive commits win', async () => {
    const files = await Promise.all(Array.from({ length: 16 }, (_, i) => addon.createObjectFile(folder.at(`tmp${i}`), 0o600)));
    await Promise.all(files.map((file, i) => file.append([Buffer.from(`${i}`)])));
    const codes = await Promise.all(files.map((file) => codeOf(file.commit(folder.at('final'), { mode: 0o600, exclusive: true }))));
    expect(codes.filter((code) => code === 'none')).toHaveLength(1);
    expect(codes.filter((code) => code === 'EEXIST')).toHaveLength(15);
    expect(readFileSync(folder.at('final'), 'utf8')).toBe(`${codes.indexOf('none')}`);
    await Promise.all(files.map((file) => file.abort()));
    expect(readdirSync(folder.path)).toEqual(['final']);
  });

  it('replaces otherwise, a link too, whose target stays as it is', async () => {
    writeFileSync(folder.at('target'), 'target');
    symlinkSync('target', folder.at('final'));
    const file = await addon.createObjectFile(folder.at('tmp'), 0o600);
    await file.append([Buffer.from('new')]);
    await file.commit(folder.at('final'), { mode: 0o600, exclusive: false });
    expect(readFileSync(folder.at('target'), 'utf8')).toBe('target');
    expect(readFileSync(folder.at('final'), 'utf8')).toBe('new');
  });

  it('is gone after abort, which may be called at any time and more than once', async () => {
    const file = await addon.createObjectFile(folder.at('tmp'), 0o600);
    const running = file.append([randomBytes(1 << 20)]);
    await Promise.all([running, file.abort(), file.abort()]);
    expect(readdirSync(folder.path)).toEqual([]);
    expect(await codeOf(file.append([Buffer.from('x')]))).toBe('EBADF');
    expect(await codeOf(file.commit(folder.at('final'), { mode: 0o600, exclusive: false }))).toBe('EBADF');
    const committed = await addon.createObjectFile(folder.at('tmp'), 0o600);
    await committed.commit(folder.at('final'), { mode: 0o600, exclusive: false });
    writeFileSync(folder.at('tmp'), 'of somebody else');
    await committed.abort();
    expect(readdirSync(folder.path).sort()).toEqual(['final', 'tmp']);
  });

  it('takes no existing file or link as its temporary one', async () => {
    writeFileSync(folder.at('there'), 'kept');
    symlinkSync('absent', folder.at('link'));
    expect(await codeOf(addon.createObjectFile(folder.at('there'), 0o600))).toBe('EEXIST');
    expect(await codeOf(addon.createObjectFile(folder.at('link'), 0o600))).toBe('EEXIST');
    expect(await codeOf(addon.createObjectFile(folder.at('no', 'folder'), 0o600))).toBe('ENOENT');
    expect(readFileSync(folder.at('there'), 'utf8')).toBe('kept');
    expect(() => addon.createObjectFile('a\0b', 0o600)).toThrow(TypeError);
    const file = await addon.createObjectFile(folder.at('tmp'), 0o600);
    expect(() => file.append(['text' as unknown as Buffer])).toThrow(TypeError);
    expect(() => file.commit('', { mode: 0o600, exclusive: true })).toThrow(TypeError);
    await file.abort();
  });

  it('is never tried again after a write failed: only abort is left', async (context) => {
    const mounted = mountSmallFileSystem(folder.at('small'), 1);
    if (mounted === undefined) context.skip('needs the right to mount');
    try {
      const file = await addon.createObjectFile(folder.at('small', 'tmp'), 0o600);
      expect(await codeOf(file.append([Buffer.alloc(1 << 19, 1), Buffer.alloc(1 << 20, 2)]))).toBe('ENOSPC');
      expect(await codeOf(file.append([Buffer.from('x')]))).toBe('EIO');
      expect(await codeOf(file.commit(folder.at('small', 'final'), { mode: 0o600, exclusive: true }))).toBe('EIO');
      await file.abort();
      expect(readdirSync(folder.at('small'))).toEqual([]);
    } finally {
      mounted?.unmount();
    }
  });
});

describe('removeObjectFiles', () => {
  it('removes, and takes absence for success', async () => {
    writeFileSync(folder.at('f'), '');
    writeFileSync(folder.at('g'), '');
    expect(await addon.removeObjectFiles([folder.at('f'), folder.at('f'), folder.at('g'), folder.at('no', 'folder', 'f')])).toEqual([null, null, null, null]);
    expect(await addon.removeObjectFiles([])).toEqual([]);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('says of each why it stayed', async () => {
    writeFileSync(folder.at('f'), '');
    mkdirSync(folder.at('closed'));
    writeFileSync(folder.at('closed', 'g'), '');
    chmodSync(folder.at('closed'), 0o555);
    chmodSync(folder.path, 0o777);
    await unprivileged(async () => {
      const outcomes = await addon.removeObjectFiles([folder.at('closed', 'g'), folder.at('f')]);
      expect(outcomes).toEqual([expect.objectContaining({ code: 'EACCES' }), null]);
    });
    chmodSync(folder.at('closed'), 0o700);
    expect(readdirSync(folder.path)).toEqual(['closed']);
  });

  it('takes nothing but paths', () => {
    expect(() => addon.removeObjectFiles([1 as unknown as string])).toThrow(TypeError);
    expect(() => addon.removeObjectFiles('f' as unknown as string[])).toThrow(TypeError);
  });
});

describe('readObject', () => {
  it('fills what it is given, and says how much there was', async () => {
    writeFileSync(folder.at('f'), '0123456789');
    const target = Buffer.alloc(4, 'x');
    expect(await addon.readObject(folder.at('f'), 3, target)).toBe(4);
    expect(target.toString()).toBe('3456');
    expect(await addon.readObject(folder.at('f'), 8, target)).toBe(2);
    expect(target.toString()).toBe('8956');
    expect(await addon.readObject(folder.at('f'), 11, target)).toBe(0);
  });

  it('reads nothing that is no file', async () => {
    symlinkSync('f', folder.at('link'));
    writeFileSync(folder.at('f'), 'linked');
    expect(await addon.readObject(folder.at('link'), 0, Buffer.alloc(6))).toBe(6);
    expect(await codeOf(addon.readObject(folder.path, 0, Buffer.alloc(1)))).toBe('ENOENT');
    expect(await codeOf(addon.readObject(folder.at('missing'), 0, Buffer.alloc(1)))).toBe('ENOENT');
    execFileSync('mkfifo', [folder.at('pipe')]);
    expect(await codeOf(addon.readObject(folder.at('pipe'), 0, Buffer.alloc(1)))).toBe('ENOENT');
    expect(() => addon.readObject(folder.at('f'), -1, Buffer.alloc(1))).toThrow(TypeError);
  });
});

describe('readRanges', () => {
  it('reads parts of files one after another, and tells which were there', async () => {
    writeFileSync(folder.at('f'), '0123456789');
    writeFileSync(folder.at('g'), 'abcdefghij');
    const target = Buffer.alloc(8, '-');
    const paths = ['f', 'missing', 'g', 'g', '.'].map((name) => folder.at(name));
    expect(await addon.readRanges(paths, Float64Array.of(3, 2, 0, 1, 0, 3, 9, 2, 0, 0), target)).toEqual(Buffer.from([1, 0, 1, 0, 0]));
    expect(target.toString('latin1', 0, 7)).toBe('34-abcj');
  });

  it('takes nothing but as many ranges as paths, and room for exactly these', () => {
    expect(() => addon.readRanges([folder.at('f')], Float64Array.of(0), Buffer.alloc(1))).toThrow(TypeError);
    expect(() => addon.readRanges([folder.at('f')], Float64Array.of(0, 2), Buffer.alloc(1))).toThrow(TypeError);
    expect(() => addon.readRanges([folder.at('f')], Float64Array.of(-1, 1), Buffer.alloc(1))).toThrow(TypeError);
    expect(() => addon.readRanges([folder.at('f')], Float64Array.of(0, 2 ** 31), Buffer.alloc(1))).toThrow(TypeError);
  });
});

describe('readSmallObject', () => {
  it('reads whole files, alone or many, and alone tells the size of larger ones, and why others cannot be read', async () => {
    writeFileSync(folder.at('small'), 'small');
    writeFileSync(folder.at('empty'), '');
    writeFileSync(folder.at('large'), Buffer.alloc(6));
    const paths = [folder.at('small'), folder.at('large'), folder.at('missing'), folder.at('empty'), folder.path, folder.at('small')];
    expect(piecesOf(await addon.readSmallObjects(paths, 5))).toEqual([Buffer.from('small'), undefined, undefined, Buffer.alloc(0), undefined, Buffer.from('small')]);
    expect(piecesOf(await addon.readSmallObjects([], 5))).toEqual([]);
    const alone = await Promise.all(paths.map((path) => addon.readSmallObject(path, 5).catch((error: unknown) => error)));
    expect(alone).toEqual([Buffer.from('small'), 6, expect.objectContaining({ code: 'ENOENT' }), Buffer.alloc(0), expect.objectContaining({ code: 'ENOENT' }), Buffer.from('small')]);
  });
});

describe('listFiles', () => {
  it('lists regular files by name with sizes and times, and nothing else', async () => {
    writeFileSync(folder.at('b'), '12345');
    writeFileSync(folder.at('a'), '');
    utimesSync(folder.at('b'), 1_700_000_000.25, 1_700_000_000.25);
    mkdirSync(folder.at('sub'));
    symlinkSync('a', folder.at('link'));
    const { names, sizes, times } = await addon.listFiles(Buffer.from(folder.path));
    expect([names.toString(), [...sizes], Math.round(times[1] ?? 0)]).toEqual(['a/b/', [0, 5], 1_700_000_000_250]);
    expect(await codeOf(addon.listFiles(Buffer.from(folder.at('missing'))))).toBe('ENOENT');
    expect(await codeOf(addon.listFiles(Buffer.from(folder.at('link'))))).toBe('ENOTDIR');
  });
});
