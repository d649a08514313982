import { afterEach, beforeEach, expect, it } from 'vitest';
import { node, type RawRepository } from '../../restorer/testing/raw-repository.ts';
import { RestoreBench } from '../../restorer/testing/restore-bench.ts';
import { folderTree } from '../folder-tree.ts';
import { sizesByFolder, growthByFolder } from './by-folder.ts';
import { sizesBySnapshot } from './by-snapshot.ts';
import { sizesByType } from './by-type.ts';
import { count } from './counting-modes.ts';
import { overview } from './overview.ts';

let bench: RestoreBench;
let raw: RawRepository;
const strict = { onUnreadable: (failure: Error): never => expect.fail(failure.message) };

beforeEach(async () => {
  bench = new RestoreBench();
  ({ raw } = await bench.memoryRepository());
});
afterEach(() => bench.cleanUp());

it('the overview counts files with several names once and each blob once', async () => {
  const linked = { inode: 3n, links: 2n };
  const snapshot = await raw.save([raw.file('a', ['12345'], linked), raw.file('b', ['12345'], linked), raw.file('c', ['12345', 'x']), raw.dir('d', [])]);
  await raw.repository.loadIndex();
  expect(await overview(raw.repository, [snapshot], strict)).toMatchObject({ snapshots_count: 1, total_size: 11, total_file_count: 3, total_directory_count: 1, total_blob_count: 4, data_blob_count: 2, tree_blob_count: 2 });
  const both = await overview(raw.repository, [snapshot, snapshot], strict);
  expect(both).toMatchObject({ total_size: 22, total_blob_count: 4 });
  expect(both.compression_ratio).toBeCloseTo(both.total_uncompressed_size / both.total_raw_size);
});

it('a snapshot holds alone what no other one uses', async () => {
  const old = await raw.save([raw.dir('kept', [raw.file('a', ['same'])]), raw.file('gone', ['only before'])]);
  const now = await raw.save([raw.dir('kept', [raw.file('a', ['same'])]), raw.file('new', ['only', 'now', 'same'])]);
  await raw.repository.loadIndex();
  const sizes = await sizesBySnapshot(raw.repository, [old, now], [old, now], strict);
  // Its root, and the content of "gone"; its root, and two pieces of "new".
  expect(sizes.map(({ files, size, aloneBlobs }) => [files, size, aloneBlobs])).toEqual([[2, 15, 2], [2, 15, 3]]);
  // With nothing beside it everything is its own: two trees, two blobs.
  expect((await sizesBySnapshot(raw.repository, [old], [old], strict)).map(({ aloneBlobs }) => aloneBlobs)).toEqual([4]);
});

it('folders and types are sized, largest first, and grow', async () => {
  const old = await raw.save([raw.dir('photos', [raw.file('a.jpg', ['1234567'])]), raw.file('note.txt', ['12'])]);
  const now = await raw.save([raw.dir('photos', [raw.file('a.jpg', ['1234567']), raw.file('b.PNG', ['1234'])]), raw.file('note.txt', ['12'])]);
  await raw.repository.loadIndex();
  const folders = await sizesByFolder(raw.repository, now, undefined, strict);
  expect(folders.map(({ name, isFolder, files, size }) => [name.toString(), isFolder, files, size])).toEqual([['photos', true, 2, 11], ['note.txt', false, 1, 2]]);
  expect((await sizesByFolder(raw.repository, now, Buffer.from('/photos'), strict)).map(({ size }) => size)).toEqual([7, 4]);
  await expect(sizesByFolder(raw.repository, now, Buffer.from('/nothing'), strict)).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
  const types = await sizesByType(raw.repository, [old, now], strict);
  expect(types.map(({ kind, files, size }) => [kind, files, size])).toEqual([['image', 2, 11], ['text', 1, 2]]);
  const steps = [];
  for await (const step of growthByFolder(raw.repository, [old, now], (snapshot) => folderTree(raw.repository, snapshot, Buffer.from('/photos')), strict)) steps.push(step);
  expect(steps.map(({ files, size }) => [files, size])).toEqual([[1, 7], [2, 11]]);
  expect(steps[1]?.addedStored).toBeGreaterThan(0);
});

it('what cannot be read is told, and the rest is counted', async () => {
  const gone = Buffer.alloc(32, 7);
  const snapshot = await raw.save([node('lost', 'dir', { subtree: gone }), raw.file('a', ['123']), node('b', 'file', { content: gone, size: 9n })]);
  await raw.repository.loadIndex();
  for (const mode of ['restore-size', 'files-by-contents', 'raw-data', 'blobs-per-file'] as const) {
    const told: string[] = [];
    const found = await count(raw.repository, [snapshot], mode, { onUnreadable: (failure) => told.push(failure.code) });
    expect([mode, told.length > 0, new Set(told)]).toEqual([mode, mode !== 'blobs-per-file' || told.length > 0, new Set(['DAMAGED'])]);
    expect(found.total_size).toBeGreaterThan(0);
  }
});
