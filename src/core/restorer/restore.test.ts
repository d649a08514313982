import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noise } from '../../../test/support/noise.ts';
import { folderOnDisk } from '../../../test/support/temporary-folder.ts';
import { Failure } from '../../shared/errors.ts';
import { systemClock } from '../platform/clock.ts';
import { openRepository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import type { OverwritePolicy } from './options.ts';
import { restore } from './restore.ts';
import { describeTree } from './testing/disk-tree.ts';
import { RestoreBench } from './testing/restore-bench.ts';
import { node, rawPassword } from './testing/raw-repository.ts';
import type { RawRepository } from './testing/raw-repository.ts';

const snapshotTime = 1_700_000_000;
let bench: RestoreBench;

beforeEach(() => {
  bench = new RestoreBench(folderOnDisk('restorer'));
});
afterEach(() => bench.cleanUp());

describe('restore', () => {
  it('writes files of many pieces, shared pieces, holes, empty ones and deep folders', async () => {
    const { raw } = await bench.memoryRepository();
    const zeros = Buffer.alloc(512 * 1024);
    const snapshot = await raw.save([
      raw.file('empty', []),
      raw.file('pieces', ['one ', 'two ', 'three ', 'two ']),
      raw.file('shared', ['two ']),
      raw.file('hole', ['start', zeros, zeros, 'end']),
      raw.file('all-hole', [zeros, zeros, zeros]),
      raw.dir('a', [raw.dir('b', [raw.file('c', ['deep'])]), raw.dir('void', [])]),
    ]);
    const { summary, problems, progress } = await bench.restore(raw.repository, snapshot, { verify: true });
    expect(problems).toEqual([]);
    expect(summary).toMatchObject({ files_restored: 6, files_skipped: 0, total_files: 6, errors: 0, bytes_restored: summary.total_bytes });
    expect(readFileSync(bench.at('pieces'), 'utf8')).toBe('one two three two ');
    expect(readFileSync(bench.at('shared'), 'utf8')).toBe('two ');
    expect(readFileSync(bench.at('hole'))).toEqual(Buffer.concat([Buffer.from('start'), zeros, zeros, Buffer.from('end')]));
    expect(statSync(bench.at('all-hole'))).toMatchObject({ size: 3 * zeros.length, blocks: 0 });
    expect(statSync(bench.at('empty')).size).toBe(0);
    expect(readFileSync(bench.at('a/b/c'), 'utf8')).toBe('deep');
    expect(readdirSync(bench.at('a/void'))).toEqual([]);
    expect(statSync(bench.at('a'), { bigint: true }).mtimeNs).toBe(1_700_000_000_123_456_789n);
    expect(progress.at(-1)).toMatchObject({ percent_done: 1, error_count: 0 });
  });

  it('restores names and kinds that are not usual', async () => {
    const { raw } = await bench.memoryRepository();
    const names = [Buffer.from([0xff, 0xfe, 0x0a]), Buffer.alloc(255, 0x78), Buffer.from('..\\x'), Buffer.from('CON'), Buffer.from('C:'), Buffer.from('new\nline'), Buffer.from('é'), Buffer.from('e\u0301'), Buffer.from('Case'), Buffer.from('case'), Buffer.from('dot.')];
    const snapshot = await raw.save([...names.map((name, i) => raw.file(name, [`file ${i}`])), node('fifo', 'fifo'), node('link', 'symlink', { linkTarget: Buffer.from([0x2f, 0xff]) }), node('sock', 'socket')]);
    const { summary, problems } = await bench.restore(raw.repository, snapshot, { verify: true });
    expect(problems).toEqual([]);
    expect(summary).toMatchObject({ files_restored: names.length, others_restored: 2, total_files: names.length });
    const restored = readdirSync(bench.target, { encoding: 'buffer' }).map((name) => name.toString('latin1'));
    expect(restored.sort()).toEqual([...names.map((name) => name.toString('latin1')), 'fifo', 'link'].sort());
    expect(readlinkSync(bench.at('link'), { encoding: 'buffer' })).toEqual(Buffer.from([0x2f, 0xff]));
    expect(statSync(bench.at('fifo')).isFIFO()).toBe(true);
  });

  it('joins hard links whose content is the same', async () => {
    const { raw } = await bench.memoryRepository();
    const linked = { inode: 7n, deviceId: 1n, links: 3n };
    const snapshot = await raw.save([raw.file('one', ['same'], linked), raw.dir('in', [raw.file('two', ['same'], linked)]), raw.file('changed', ['meanwhile'], linked), raw.file('other', ['same'], { ...linked, deviceId: 2n })]);
    const { summary } = await bench.restore(raw.repository, snapshot);
    expect(summary).toMatchObject({ files_restored: 4, errors: 0 });
    const inode = (name: string): number => statSync(bench.at(name)).ino;
    expect(inode('one')).toBe(inode('in/two'));
    expect(new Set([inode('one'), inode('changed'), inode('other')]).size).toBe(3);
    expect(statSync(bench.at('one')).nlink).toBe(2);
    expect(readFileSync(bench.at('changed'), 'utf8')).toBe('meanwhile');
  });

  it('restores 2,000 levels and names beyond PATH_MAX', async () => {
    const { raw } = await bench.memoryRepository();
    let nodes = [raw.file('bottom', ['reached'])];
    for (let level = 0; level < 2000; level += 1) nodes = [raw.dir('level', nodes)];
    const snapshot = await raw.save(nodes);
    const { summary, problems } = await bench.restore(raw.repository, snapshot, { verify: true });
    expect(problems).toEqual([]);
    expect(summary).toMatchObject({ files_restored: 1, errors: 0 });
  });

  it('takes a folder or one file from inside', async () => {
    const { raw } = await bench.memoryRepository();
    const snapshot = await raw.save([raw.dir('a', [raw.dir('b', [raw.file('f', ['x']), raw.file('g', ['y'])])]), raw.file('z', ['z'])]);
    await bench.restore(raw.repository, snapshot, { subpath: Buffer.from('/a/b/') });
    expect(readdirSync(bench.target).sort()).toEqual(['f', 'g']);
    writeFileSync(bench.at('mine'), 'keep');
    const { summary } = await bench.restore(raw.repository, snapshot, { subpath: Buffer.from('a/b/g'), delete: true });
    expect(summary).toMatchObject({ files_skipped: 1, files_deleted: 0, total_files: 1 });
    expect(readdirSync(bench.target).sort()).toEqual(['f', 'g', 'mine']);
    await expect(bench.restore(raw.repository, snapshot, { subpath: Buffer.from('/a/c') })).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
    await expect(bench.restore(raw.repository, snapshot, { subpath: Buffer.from('/z/c') })).rejects.toThrow(/"\/z" is not a folder/);
  });

  it('includes and excludes by pattern, making only the folders that lead somewhere', async () => {
    const { raw } = await bench.memoryRepository();
    const snapshot = await raw.save([raw.dir('a', [raw.file('x.txt', ['x']), raw.file('x.bin', ['b']), raw.dir('empty', [])]), raw.dir('b', [raw.file('y.txt', ['y'])]), raw.dir('c', [])]);
    const { summary } = await bench.restore(raw.repository, snapshot, { includes: ['*.txt'], excludes: ['/b'] });
    expect(summary.files_restored).toBe(1);
    expect([...describeTree(bench.target).keys()].sort()).toEqual(['.', 'a', 'a/x.txt']);
  });

  it('writes nothing in a dry run', async () => {
    const { raw } = await bench.memoryRepository();
    const snapshot = await raw.save([raw.dir('a', [raw.file('new', ['x']), raw.file('old', ['content'])])]);
    const first = await bench.restore(raw.repository, snapshot, { dryRun: true });
    expect(existsSync(bench.target)).toBe(false);
    expect(first.summary).toMatchObject({ files_restored: 2, bytes_restored: 8 });
    mkdirSync(bench.at('a'), { recursive: true });
    writeFileSync(bench.at('a/old'), 'other');
    writeFileSync(bench.at('a/mine'), 'mine');
    const before = describeTree(bench.folder, { inodes: true });
    const second = await bench.restore(raw.repository, snapshot, { dryRun: true, delete: true });
    expect(second.summary).toMatchObject({ files_restored: 2, files_deleted: 1 });
    expect(second.actions.map(({ action, item }) => `${action} ${item.toString()}`).sort()).toEqual(['create a/new', 'delete a/mine', 'overwrite a/old', 'same a']);
    expect(describeTree(bench.folder, { inodes: true })).toEqual(before);
  });

  it('removes with --delete only what is unknown, in restored folders, following no link', async () => {
    const { raw } = await bench.memoryRepository();
    const snapshot = await raw.save([raw.dir('a', [raw.file('keep', ['x'])]), raw.dir('new', [])]);
    mkdirSync(bench.at('a/old/deep'), { recursive: true });
    mkdirSync(path.join(bench.folder, 'outside'));
    writeFileSync(path.join(bench.folder, 'outside/canary'), 'alive');
    symlinkSync(path.join(bench.folder, 'outside'), bench.at('a/link'));
    writeFileSync(bench.at('a/old/deep/file'), 'x');
    writeFileSync(bench.at('top'), 'x');
    const { summary } = await bench.restore(raw.repository, snapshot, { delete: true, excludes: ['*.kept'] });
    expect(summary).toMatchObject({ files_deleted: 3, errors: 0 });
    expect([...describeTree(bench.target).keys()].sort()).toEqual(['.', 'a', 'a/keep', 'new']);
    expect(readFileSync(path.join(bench.folder, 'outside/canary'), 'utf8')).toBe('alive');
    writeFileSync(bench.at('a/x.kept'), 'x');
    writeFileSync(bench.at('a/x.gone'), 'x');
    await bench.restore(raw.repository, snapshot, { delete: true, excludes: ['*.kept'] });
    expect(readdirSync(bench.at('a')).sort()).toEqual(['keep', 'x.kept']);
    await expect(bench.restore(raw.repository, snapshot, { delete: true, target: Buffer.from('/') })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('replaces links and files that stand in the way of folders, and never a folder that holds something', async () => {
    const { raw } = await bench.memoryRepository();
    const snapshot = await raw.save([raw.dir('dir', [raw.file('f', ['in dir'])]), raw.file('file', ['plain']), raw.file('full', ['never'])]);
    bench.makeTarget();
    mkdirSync(path.join(bench.folder, 'outside'));
    symlinkSync(path.join(bench.folder, 'outside'), bench.at('dir'));
    mkdirSync(bench.at('file'));
    mkdirSync(bench.at('full/of/things'), { recursive: true });
    const { problems } = await bench.restore(raw.repository, snapshot);
    expect(readFileSync(bench.at('dir/f'), 'utf8')).toBe('in dir');
    expect(readdirSync(path.join(bench.folder, 'outside'))).toEqual([]);
    expect(readFileSync(bench.at('file'), 'utf8')).toBe('plain');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^write full: a folder that is not empty/);
    expect(existsSync(bench.at('full/of/things'))).toBe(true);
  });

  it('ends with INTERRUPTED, or with the failure that stopped it, and leaves no temporary file', async () => {
    const { raw, store } = await bench.memoryRepository();
    const snapshot = await raw.save(Array.from({ length: 50 }, (_, i) => raw.file(`f${i}`, [noise(300_000, i)])));
    for (const reason of [new Error('enough'), new Failure('LOCK_LOST', { what: 'The lock was lost' })]) {
      const controller = new AbortController();
      let reads = 0;
      store.fault = (operation, handle) => {
        if (operation === 'get' && handle.type === 'data' && (reads += 1) === 3) controller.abort(reason);
      };
      const running = bench.restore(raw.repository, snapshot, {}, controller.signal);
      await expect(running).rejects.toMatchObject({ code: reason instanceof Failure ? 'LOCK_LOST' : 'INTERRUPTED' });
      expect(readdirSync(bench.target).filter((name) => !/^f\d+$/.test(name))).toEqual([]);
    }
    store.fault = undefined;
    const { summary } = await bench.restore(raw.repository, snapshot, { verify: true });
    expect(summary).toMatchObject({ errors: 0, total_files: 50 });
  });

  it('makes the target and what leads to it, and refuses a target that is no folder', async () => {
    const { raw } = await bench.memoryRepository();
    const snapshot = await raw.save([raw.file('f', ['x'])]);
    const deep = path.join(bench.folder, 'not/there/yet');
    await bench.restore(raw.repository, snapshot, { target: Buffer.from(deep) });
    expect(readFileSync(path.join(deep, 'f'), 'utf8')).toBe('x');
    const file = path.join(bench.folder, 'file');
    writeFileSync(file, 'mine');
    await expect(bench.restore(raw.repository, snapshot, { target: Buffer.from(file) })).rejects.toMatchObject({ code: 'TARGET_FAILED' });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it('finds with --verify what is not as it was written', async () => {
    const { raw } = await bench.memoryRepository();
    const snapshot = await raw.save([raw.file('a', ['good']), raw.file('b', ['good too']), raw.file('c', ['gone']), raw.file('d', ['long'])]);
    const problems: string[] = [];
    const options = { snapshot, target: Buffer.from(bench.target), includes: [], excludes: [], overwrite: 'always' as const, verify: true, dryRun: false, delete: false };
    let now = 0;
    const summary = await restore(raw.repository, options, {
      clock: { ...systemClock, monotonic: () => (now += 1000) },
      onError: ({ item, during, message }) => problems.push(`${during} ${item.toString()}: ${message}`),
      onProgress: ({ phase, files_restored }) => {
        if (phase !== 'verify' || files_restored !== 4 || problems.length > 0 || readFileSync(bench.at('b'), 'utf8') === 'bad data') return;
        writeFileSync(bench.at('b'), 'bad data');
        rmSync(bench.at('c'));
        writeFileSync(bench.at('d'), 'longer');
      },
    });
    expect(new Set(problems.map((problem) => problem.split(':')[0]))).toEqual(new Set(['verify b', 'verify c', 'verify d']));
    expect(summary.errors).toBe(3);
  });

  it('says that the target is too small before writing anything', async () => {
    const { raw } = await bench.memoryRepository();
    const snapshot = await raw.save([raw.file('f', ['x'.repeat(1000)])]);
    const ports = { store: raw.store, addon: { ...raw.addon, freeSpace: () => Promise.resolve(999n) }, clock: systemClock };
    const repository = await openRepository(ports, { password: Buffer.from(rawPassword) });
    await expect(bench.restore(repository, snapshot)).rejects.toMatchObject({ code: 'TARGET_FULL', message: expect.stringContaining('needs 1000 bytes') as string });
    expect(readdirSync(bench.target)).toEqual([]);
  });
});

describe('overwrite', () => {
  const older = snapshotTime - 1000;
  const newer = snapshotTime + 1000;
  /** What the target has at `f`, and which policies replace it by the snapshot's `content`. */
  const cases: readonly (readonly [string, { readonly text: string; readonly mtime: number } | undefined, Readonly<Record<OverwritePolicy, boolean>>])[] = [
    ['absent', undefined, { always: true, 'if-changed': true, 'if-newer': true, never: true }],
    ['other size, older', { text: 'different', mtime: older }, { always: true, 'if-changed': true, 'if-newer': true, never: false }],
    ['other size, newer', { text: 'different', mtime: newer }, { always: true, 'if-changed': true, 'if-newer': false, never: false }],
    ['same size, older', { text: 'CONTENT', mtime: older }, { always: true, 'if-changed': true, 'if-newer': true, never: false }],
    ['same size, newer', { text: 'CONTENT', mtime: newer }, { always: true, 'if-changed': true, 'if-newer': false, never: false }],
    ['same size and mtime', { text: 'CONTENT', mtime: snapshotTime }, { always: true, 'if-changed': false, 'if-newer': false, never: false }],
  ];
  const wholeSecond = { mtime: BigInt(snapshotTime) * 1_000_000_000n };
  const saved = (raw: RawRepository): Promise<StoredSnapshot> => raw.save([raw.file('f', ['content'], wholeSecond)]);

  for (const [what, existing, policies] of cases) {
    it.each(Object.entries(policies) as [OverwritePolicy, boolean][])(`${what}: %s replaces: %s`, async (policy, replaces) => {
      const { raw } = await bench.memoryRepository();
      const snapshot = await saved(raw);
      bench.makeTarget();
      if (existing !== undefined) {
        writeFileSync(bench.at('f'), existing.text);
        utimesSync(bench.at('f'), existing.mtime, existing.mtime);
      }
      const { summary } = await bench.restore(raw.repository, snapshot, { overwrite: policy });
      expect(readFileSync(bench.at('f'), 'utf8')).toBe(replaces ? 'content' : existing?.text);
      expect(summary).toMatchObject(replaces ? { files_restored: 1, files_skipped: 0 } : { files_restored: 0, files_skipped: 1 });
      expect(summary.errors).toBe(0);
    });
  }

  it('leaves equal content alone and only sets its metadata', async () => {
    const { raw } = await bench.memoryRepository();
    const snapshot = await saved(raw);
    bench.makeTarget();
    writeFileSync(bench.at('f'), 'content');
    chmodSync(bench.at('f'), 0o600);
    const inode = statSync(bench.at('f')).ino;
    const { summary } = await bench.restore(raw.repository, snapshot);
    expect(summary).toMatchObject({ files_restored: 0, files_skipped: 1, bytes_restored: 0 });
    const after = statSync(bench.at('f'));
    expect([after.ino, after.mode & 0o777, after.mtimeMs]).toEqual([inode, 0o644, snapshotTime * 1000]);
  });

  it('never changes through another name of the file', async () => {
    const { raw } = await bench.memoryRepository();
    const snapshot = await saved(raw);
    bench.makeTarget();
    const outside = path.join(bench.folder, 'outside');
    writeFileSync(outside, 'content');
    chmodSync(outside, 0o600);
    linkSync(outside, bench.at('f'));
    const before = statSync(outside, { bigint: true });
    await bench.restore(raw.repository, snapshot);
    const after = statSync(outside, { bigint: true });
    expect([after.mode, after.mtimeNs]).toEqual([before.mode, before.mtimeNs]);
    expect(readFileSync(bench.at('f'), 'utf8')).toBe('content');
  });

  it('restores twice with the same result, links included', async () => {
    const { raw } = await bench.memoryRepository();
    const linked = { inode: 7n, links: 2n };
    const snapshot = await raw.save([raw.file('a', ['x'], linked), raw.file('b', ['x'], linked), node('l', 'symlink', { linkTarget: Buffer.from('a') }), node('p', 'fifo'), raw.dir('d', [raw.file('f', ['y'])])]);
    await bench.restore(raw.repository, snapshot);
    const before = describeTree(bench.target);
    const { summary, problems } = await bench.restore(raw.repository, snapshot);
    expect(problems).toEqual([]);
    expect(summary.errors).toBe(0);
    const after = describeTree(bench.target);
    // The target itself is no part of the snapshot.
    before.delete('.');
    after.delete('.');
    expect(after).toEqual(before);
  });
});
