/**
 * Snapshots that list exponentially more than they store, since their folders share subtrees: whoever holds the key can
 * write such, and nothing may take endless memory or time over one, but what is asked to write out every entry.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { backup } from '../archiver/backup.ts';
import { check } from '../checker/check.ts';
import { walkNodes } from '../history/node-walk.ts';
import { overview } from '../history/statistics/overview.ts';
import { systemClock } from '../platform/clock.ts';
import { silentLogger } from '../platform/logger.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { TreeReader } from '../repository/tree-reader.ts';
import { Problems } from './problems.ts';
import { Selection } from './selection.ts';
import { node } from './testing/raw-repository.ts';
import type { RawRepository } from './testing/raw-repository.ts';
import { RestoreBench } from './testing/restore-bench.ts';
import { walk } from './walk.ts';

const levels = 200;
const strict = { onUnreadable: (failure: Error): never => expect.fail(failure.message) };

let bench: RestoreBench;
let raw: RawRepository;

beforeEach(async () => {
  bench = new RestoreBench();
  ({ raw } = await bench.memoryRepository());
});
afterEach(() => bench.cleanUp());

/** 2^200 times the file `x`, of one byte. */
async function laughs(): Promise<StoredSnapshot> {
  let subtree = raw.tree([raw.file('x', ['x'])]);
  for (let level = 1; level < levels; level += 1) subtree = raw.tree([node('a', 'dir', { subtree }), node('b', 'dir', { subtree })]);
  const snapshot = await raw.save([node('a', 'dir', { subtree }), node('b', 'dir', { subtree })]);
  await raw.repository.loadIndex();
  return snapshot;
}

it('a check reads each tree once', async () => {
  await laughs();
  expect(await check(raw.repository, { readData: true }, { clock: systemClock })).toMatchObject({ errors: [], trees: levels + 1 });
});

it('statistics go through each tree once, and count as far as numbers are exact', async () => {
  const snapshot = await laughs();
  const limit = Number.MAX_SAFE_INTEGER;
  expect(await overview(raw.repository, [snapshot, snapshot], strict)).toMatchObject({ total_file_count: limit, total_directory_count: limit, total_size: limit, tree_blob_count: levels + 1, data_blob_count: 1 });
});

it('statistics count shared subtrees as often as they are listed, and linked files once', async () => {
  const shared = raw.tree([raw.file('f', ['123']), raw.file('l', ['12345'], { inode: 7n, links: 2n })]);
  const above = raw.tree([node('s', 'dir', { subtree: shared }), node('t', 'dir', { subtree: shared })]);
  const snapshot = await raw.save([node('p', 'dir', { subtree: above }), node('q', 'dir', { subtree: shared }), node('r', 'dir', { subtree: above })]);
  await raw.repository.loadIndex();
  const once = { total_file_count: 10, total_directory_count: 7, total_size: 5 * 3 + 5 };
  expect(await overview(raw.repository, [snapshot], strict)).toMatchObject(once);
  expect(await overview(raw.repository, [snapshot, snapshot], strict)).toMatchObject({ total_file_count: 20, total_directory_count: 14, total_size: 40 });
});

it('a restore stops where its entries exceed memory, before anything is written', async () => {
  const { snapshot } = await laughs();
  const trees = new TreeReader(raw.repository);
  const ports = { trees, index: raw.repository.index, selection: new Selection([], []), problems: new Problems() };
  await expect(walk(Buffer.from(snapshot.tree, 'hex'), { ...ports, memory: 200_000 })).rejects.toMatchObject({ code: 'RESTORE_INCOMPLETE', message: expect.stringContaining('Nothing was written') as string });
});

it('a restore can be interrupted at any time', async () => {
  const snapshot = await laughs();
  const controller = new AbortController();
  const restoring = bench.restore(raw.repository, snapshot, {}, controller.signal);
  setImmediate(() => setImmediate(() => controller.abort()));
  await expect(restoring).rejects.toMatchObject({ code: 'INTERRUPTED' });
});

it('a listing goes as far as it is read', async () => {
  const snapshot = await laughs();
  let listed = 0;
  for await (const entry of walkNodes(raw.repository, Buffer.from(snapshot.snapshot.tree, 'hex'))) {
    expect(entry).not.toHaveProperty('failure');
    listed += 1;
    if (listed === 1000) break;
  }
  expect(listed).toBe(1000);
});

it('a backup with such a parent looks at what is on disk only', async () => {
  const { id } = await laughs();
  const source = path.join(bench.folder, 'a');
  mkdirSync(path.join(source, 'b/a'), { recursive: true });
  writeFileSync(path.join(source, 'b/x'), 'x');
  const summary = await backup(
    raw.repository,
    { targets: [Buffer.from('a')], folder: bench.folder, hostname: 'raw', username: 'raw', programVersion: 'test', parent: id },
    { clock: systemClock, logger: silentLogger },
  );
  expect(summary).toMatchObject({ files_new: 1, dirs_changed: 3, errors: 0 });
});
