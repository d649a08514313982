import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TreeNode } from '../repository/tree.ts';
import { describeTree } from './testing/disk-tree.ts';
import { RestoreBench } from './testing/restore-bench.ts';
import { node } from './testing/raw-repository.ts';
import type { RawRepository } from './testing/raw-repository.ts';

let bench: RestoreBench;
let outside: string;

/** A folder beside the target with things that a restore must not touch. */
beforeEach(() => {
  bench = new RestoreBench();
  outside = path.join(bench.folder, 'outside');
  mkdirSync(outside);
  writeFileSync(path.join(outside, 'canary'), 'alive');
  writeFileSync(path.join(outside, 'f'), 'alive');
  chmodSync(path.join(outside, 'canary'), 0o640);
});
afterEach(() => bench.cleanUp());

const canary = (): ReturnType<typeof describeTree> => {
  const found = describeTree(bench.folder, { inodes: true });
  for (const key of found.keys()) if (key === '.' || key.startsWith('target')) found.delete(key);
  return found;
};

/** The JSON of a tree with one node whose name is not checked by the encoder. */
function treeWithName(raw: RawRepository, quotedName: string, rest: string): Buffer {
  return raw.treeText(`{"nodes":[{"name":${JSON.stringify(quotedName)},"mtime":"2024-01-02T03:04:05Z","atime":"2024-01-02T03:04:05Z","ctime":"2024-01-02T03:04:05Z","uid":0,"gid":0,${rest}}]}\n`);
}

describe('a restore stays in its target', () => {
  it.each(['..', '.', '', '/', 'a/b', '../outside/canary', '/etc/passwd', 'a\\x00b', '../..', 'outside/../../outside/f'])('whatever a node is named: %j', async (name) => {
    const { raw } = await bench.memoryRepository();
    const content = raw.blob('data', Buffer.from('evil'));
    const bad = treeWithName(raw, name, `"type":"file","mode":420,"size":4,"links":1,"content":["${content.toString('hex')}"]`);
    const emptyTree = raw.tree([]);
    const badFolder = treeWithName(raw, name, `"type":"dir","mode":2147484141,"content":null,"subtree":"${emptyTree.toString('hex')}"`);
    const badLink = treeWithName(raw, name, '"type":"symlink","mode":134218239,"linktarget":"/etc","content":null');
    const snapshot = await raw.save([node('bad', 'dir', { subtree: bad }), node('bad-folder', 'dir', { subtree: badFolder }), node('bad-link', 'dir', { subtree: badLink }), raw.file('good', ['fine'])]);
    const before = canary();
    const { summary, problems } = await bench.restore(raw.repository, snapshot, { delete: true });
    expect(canary()).toEqual(before);
    expect(summary.errors).toBe(3);
    expect(new Set(problems.map((problem) => problem.split(': ')[0]))).toEqual(new Set([`name bad-folder/${name}`, `name bad-link/${name}`, `name bad/${name}`]));
    expect([...describeTree(bench.target).keys()].sort()).toEqual(['.', 'bad', 'bad-folder', 'bad-link', 'good']);
  });

  it('refuses a name that comes twice, as a link first and a folder then', async () => {
    const { raw } = await bench.memoryRepository();
    const inside = raw.tree([raw.file('f', ['evil'])]);
    const time = '"mtime":"2024-01-02T03:04:05Z","atime":"2024-01-02T03:04:05Z","ctime":"2024-01-02T03:04:05Z","uid":0,"gid":0';
    const link = `{"name":"x","type":"symlink","mode":134218239,${time},"linktarget":"${outside}","content":null}`;
    const folder = `{"name":"x","type":"dir","mode":2147484141,${time},"content":null,"subtree":"${inside.toString('hex')}"}`;
    for (const nodes of [`${link},${folder}`, `${folder},${link}`]) {
      const tree = raw.treeText(`{"nodes":[${nodes}]}\n`);
      await raw.pack();
      await raw.index();
      const before = canary();
      const { summary } = await bench.restore(raw.repository, await raw.snapshot(tree));
      expect(summary.errors).toBe(1);
      expect(canary()).toEqual(before);
      rmSync(bench.target, { recursive: true });
    }
  });

  it('does not follow links that the target holds already', async () => {
    const { raw } = await bench.memoryRepository();
    const snapshot = await raw.save([raw.dir('dir', [raw.file('canary', ['evil']), raw.file('f', ['alive'])]), raw.file('file', ['evil']), node('fifo', 'fifo')]);
    bench.makeTarget();
    symlinkSync(outside, bench.at('dir'));
    symlinkSync(path.join(outside, 'canary'), bench.at('file'));
    symlinkSync(path.join(outside, 'canary'), bench.at('fifo'));
    const before = canary();
    for (const overwrite of ['never', 'if-newer', 'if-changed', 'always'] as const) {
      await bench.restore(raw.repository, snapshot, { overwrite, delete: true, verify: true });
      expect(canary()).toEqual(before);
    }
    expect(readFileSync(bench.at('dir/canary'), 'utf8')).toBe('evil');
  });

  it('does not link to, or write through, what a snapshot puts outside', async () => {
    const { raw } = await bench.memoryRepository();
    const linked = { inode: 5n, links: 2n };
    const nodes: TreeNode[] = [node('a', 'symlink', { linkTarget: Buffer.from(outside) }), node('b', 'symlink', { linkTarget: Buffer.from(path.join(outside, 'f')) }), raw.file('c', ['x'], linked), raw.file('d', ['x'], linked)];
    const snapshot = await raw.save(nodes);
    const before = canary();
    await bench.restore(raw.repository, snapshot);
    const again = await raw.save([raw.dir('a', [raw.file('f', ['evil'])]), raw.file('b', ['evil']), ...nodes.slice(2)]);
    await bench.restore(raw.repository, again, { delete: true });
    expect(canary()).toEqual(before);
    expect(readFileSync(bench.at('a/f'), 'utf8')).toBe('evil');
  });

  it('keeps out of folders that are exchanged for links while it runs', async () => {
    const { raw, store } = await bench.memoryRepository();
    const folders = Array.from({ length: 8 }, (_, i) => raw.dir(`d${i}`, Array.from({ length: 6 }, (_unused, j) => raw.file(j === 0 ? 'canary' : `f${j}`, [`evil ${i} ${j}`]))));
    const snapshot = await raw.save(folders);
    const before = canary();
    let swaps = 0;
    const swap = (): void => {
      for (let i = 0; i < 8; i += 1) {
        const folder = bench.at(`d${i}`);
        if (!existsSync(folder)) continue;
        swaps += 1;
        renameSync(folder, `${folder}.aside${swaps}`);
        symlinkSync(outside, folder);
      }
    };
    store.fault = (operation, handle) => {
      if (operation === 'get' && handle.type === 'data' && existsSync(bench.target)) swap();
    };
    for (let round = 0; round < 10; round += 1) {
      const { summary } = await bench.restore(raw.repository, snapshot);
      expect(summary.errors).toBeGreaterThan(0);
      expect(canary()).toEqual(before);
      for (const name of readdirSync(bench.target)) rmSync(bench.at(name), { recursive: true });
    }
    expect(swaps).toBeGreaterThan(0);
  });
});
