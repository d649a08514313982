/** A restore never leaves its root, whatever the paths say and whatever is put in its way meanwhile (reliability, rule 7). */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { RestoreRoot } from './addon.ts';
import { loadAddon } from './load-addon.ts';
import { codeOf, metadataOf, restoreFile, SealedRange, testFolder, type TestFolder } from './testing/files.ts';

const addon = loadAddon();
const bytes = (text: string): Buffer => Buffer.from(text);
let folder: TestFolder;
let root: RestoreRoot;

/** A file and a folder outside the root, and what they look like. */
function plantCanary(): () => void {
  mkdirSync(folder.at('outside', 'inner'), { recursive: true });
  writeFileSync(folder.at('outside', 'canary'), 'canary');
  chmodSync(folder.at('outside', 'canary'), 0o604);
  const look = (): unknown =>
    ['', 'canary', 'inner'].map((name) => {
      const { mode, uid, gid, mtimeNs, ino } = statSync(folder.at('outside', name), { bigint: true });
      return { mode, uid, gid, ino, mtimeNs };
    });
  const before = look();
  return () => {
    expect(look()).toEqual(before);
    expect(readFileSync(folder.at('outside', 'canary'), 'utf8')).toBe('canary');
    expect(readdirSync(folder.at('outside')).sort()).toEqual(['canary', 'inner']);
    expect(readdirSync(folder.at('outside', 'inner'))).toEqual([]);
  };
}

beforeEach(async () => {
  folder = testFolder();
  root = await addon.openRestoreRoot(bytes(folder.at('root')));
});
afterEach(async () => {
  await root.close();
  folder.remove();
});

/** Every operation that takes a path, tried on one. */
async function tryAll(path: string): Promise<string[]> {
  const content = Buffer.from('planted');
  const batch = async (calls: Promise<readonly { code: string }[]>): Promise<string> => (await calls)[0]?.code ?? 'none';
  return [
    await batch(root.makeDirectories([bytes(path)])),
    await codeOf(restoreFile(addon, root, path, content)),
    await codeOf(root.makeSymlink(bytes(path), bytes('x'), metadataOf())),
    await codeOf(root.makeHardLink(bytes(path), bytes('real'))),
    await codeOf(root.makeHardLink(bytes('new'), bytes(path))),
    await codeOf(root.makeNode(bytes(path), 0o010000, 0n, metadataOf())),
    await batch(root.setMetadata([{ path: bytes(path), metadata: metadataOf({ mode: 0o777 }) }])),
    await codeOf(root.stat(bytes(path))),
    await codeOf(root.list(bytes(path))),
    await codeOf(root.remove(bytes(path))),
    await codeOf(root.compareContent(bytes(path), Buffer.alloc(0), new Uint32Array(0))),
  ];
}

describe('paths', () => {
  it.each(['../outside/canary', '..', 'a/../../outside/canary', '/etc/passwd', 'a//b', './a', 'a/.', 'a/'])('refuses %j everywhere', async (path) => {
    const unharmed = plantCanary();
    await restoreFile(addon, root, 'real', Buffer.from('real'));
    expect(new Set(await tryAll(path))).toEqual(new Set(['E_ESCAPE']));
    expect(await codeOf(root.remove(Buffer.alloc(0)))).toBe('E_ESCAPE');
    unharmed();
  });

  it('refuses a zero byte as an argument', () => {
    expect(() => root.stat(bytes('a\0b'))).toThrow(TypeError);
    expect(() => root.makeSymlink(bytes('a'), bytes('b\0'), metadataOf())).toThrow(TypeError);
  });

  it('takes names that only look dangerous', async () => {
    for (const name of ['...', '..\\x', 'C:', 'CON', '-rf', '~', '\\', 'a..']) {
      await restoreFile(addon, root, name, bytes(name));
      expect(readFileSync(folder.at('root', name), 'utf8')).toBe(name);
      await root.remove(bytes(name));
    }
  });
});

describe('links in the way', () => {
  it('is stopped by a link on the way, in every operation', async () => {
    const unharmed = plantCanary();
    await restoreFile(addon, root, 'real', Buffer.from('real'));
    symlinkSync('../outside', folder.at('root', 'link'));
    mkdirSync(folder.at('root', 'dir'));
    symlinkSync(folder.at('outside'), folder.at('root', 'dir', 'link'));
    for (const path of ['link/canary', 'dir/link/inner', 'link/inner/x']) expect(new Set(await tryAll(path))).toEqual(new Set(['E_ESCAPE']));
    unharmed();
  });

  it('replaces a link that has the name of an entry, and does not follow it', async () => {
    const unharmed = plantCanary();
    const plant = (name: string, target: string): void => symlinkSync(folder.at('outside', target), folder.at('root', name));
    for (const name of ['file', 'link', 'fifo', 'hard']) plant(name, 'canary');
    plant('dir', 'inner');
    await restoreFile(addon, root, 'file', Buffer.from('new'));
    await root.makeSymlink(bytes('link'), bytes('elsewhere'), metadataOf());
    await root.makeNode(bytes('fifo'), 0o010000, 0n, metadataOf());
    await root.makeHardLink(bytes('hard'), bytes('file'));
    expect(await root.makeDirectories([bytes('dir'), bytes('dir/sub')])).toEqual([]);
    expect(lstatSync(folder.at('root', 'file')).isFile()).toBe(true);
    expect(readlinkSync(folder.at('root', 'link'))).toBe('elsewhere');
    expect(lstatSync(folder.at('root', 'fifo')).isFIFO()).toBe(true);
    expect(lstatSync(folder.at('root', 'hard')).ino).toBe(lstatSync(folder.at('root', 'file')).ino);
    expect(lstatSync(folder.at('root', 'dir')).isDirectory()).toBe(true);
    unharmed();
  });

  it('changes metadata of a link itself, never of its target', async () => {
    const unharmed = plantCanary();
    symlinkSync('../outside/canary', folder.at('root', 'link'));
    expect(await root.setMetadata([{ path: bytes('link'), metadata: metadataOf({ mode: 0o777 }) }])).toEqual([]);
    expect(lstatSync(folder.at('root', 'link'), { bigint: true }).mtimeNs).toBe(metadataOf().mtimeNs);
    unharmed();
  });

  it('does not change a file that has another name outside', async () => {
    const unharmed = plantCanary();
    linkSync(folder.at('outside', 'canary'), folder.at('root', 'hard'));
    const failures = await root.setMetadata([{ path: bytes('hard'), metadata: metadataOf({ mode: 0o777 }) }]);
    expect(failures).toMatchObject([{ code: 'E_ESCAPE', during: 'metadata' }]);
    await restoreFile(addon, root, 'hard', Buffer.from('new'));
    expect(readFileSync(folder.at('root', 'hard'), 'utf8')).toBe('new');
    unharmed();
  });

  it('makes hard links to files of the root only, not to what a link points to', async () => {
    const unharmed = plantCanary();
    symlinkSync('../outside/canary', folder.at('root', 'link'));
    expect(await codeOf(root.makeHardLink(bytes('hard'), bytes('link')))).toBe('E_ESCAPE');
    expect(readdirSync(folder.at('root'))).toEqual(['link']);
    unharmed();
  });

  it('reads no content through a link and does not wait for a FIFO', async () => {
    plantCanary();
    symlinkSync('../outside/canary', folder.at('root', 'link'));
    await root.makeNode(bytes('fifo'), 0o010000, 0n, metadataOf());
    for (const name of ['link', 'fifo']) expect(await codeOf(root.compareContent(bytes(name), Buffer.alloc(32), Uint32Array.of(6)))).toBe('E_CHANGED');
  });

  it('removes links, not what they point to', async () => {
    const unharmed = plantCanary();
    mkdirSync(folder.at('root', 'a', 'b'), { recursive: true });
    symlinkSync(folder.at('outside'), folder.at('root', 'a', 'b', 'link'));
    symlinkSync(folder.at('outside'), folder.at('root', 'top'));
    await root.remove(bytes('a'));
    await root.remove(bytes('top'));
    expect(readdirSync(folder.at('root'))).toEqual([]);
    unharmed();
  });
});

/** Exchanges `root/dir` and `root/real` for links to the outside and back, as fast as it can, until its input ends. */
const swapper = `
  const fs = require('node:fs');
  const [dir, aside, outside] = process.argv.slice(1);
  let on = true;
  process.stdin.on('end', () => { on = false; }).resume();
  process.stdout.write('ready');
  const turn = () => {
    for (let i = 0; i < 50; i += 1) {
      try { fs.renameSync(dir, aside); fs.symlinkSync(outside, dir); } catch (error) { if (!error.code) throw error; }
      try { fs.unlinkSync(dir); } catch (error) { if (!error.code) throw error; }
      try { fs.renameSync(aside, dir); } catch (error) { if (!error.code) throw error; }
    }
    if (on) setImmediate(turn);
  };
  turn();`;

it('keeps to the root while a folder and a link to the outside take turns', async () => {
  const unharmed = plantCanary();
  mkdirSync(folder.at('root', 'dir'));
  const child = spawn(process.execPath, ['-e', swapper, folder.at('root', 'dir'), folder.at('root', 'aside'), folder.at('outside')], { stdio: ['pipe', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const keys = addon.generateKeySet();
  const codes = new Set<string>();
  for (let round = 0; round < 60; round += 1) {
    const range = new SealedRange(keys);
    const files = Array.from({ length: 40 }, (_, i) => {
      range.add(Buffer.from(`content ${i}`), round * 100 + i);
      return { token: round * 100 + i, path: bytes(`dir/${i % 2 === 0 ? 'canary' : `f${i}`}`), size: `content ${i}`.length, writes: 1, metadata: metadataOf({ mode: 0o777 }) };
    });
    await root.addFiles(files);
    const written = await root.writeRange(keys, range.range, range.writes);
    for (const { code } of written.failures) codes.add(code);
    const batch = [...(await root.makeDirectories([bytes('dir/sub'), bytes('dir/inner')])), ...(await root.setMetadata([{ path: bytes('dir/canary'), metadata: metadataOf() }]))];
    for (const { code } of batch) codes.add(code);
    const calls = [
      root.makeSymlink(bytes('dir/link'), bytes('x'), metadataOf()),
      root.makeNode(bytes('dir/inner/fifo'), 0o010000, 0n, metadataOf()),
      root.makeHardLink(bytes('dir/hard'), bytes('dir/canary')),
      root.remove(bytes('dir/canary')),
      root.remove(bytes('dir/inner')),
    ];
    for (const code of await Promise.all(calls.map(codeOf))) codes.add(code);
  }
  child.stdin.end();
  expect(await ended).toBe(0);
  // Which of these happen is up to the race; what matters is that nothing else does, and the canary.
  for (const code of codes) expect(['none', 'E_ESCAPE', 'ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EISDIR']).toContain(code);
  unharmed();
  expect(existsSync(folder.at('outside', 'f1'))).toBe(false);
});
