import { expect, it } from 'vitest';
import { newMarks } from '../repository/mark-below.ts';
import { memoryRepository } from '../repository/testing/fast-repository.ts';
import { node, RawRepository, sha256 } from '../restorer/testing/raw-repository.ts';
import { markBlobs } from './blob-marks.ts';

it.each([
  [3, 3, undefined],
  [100, 100, undefined],
  [150, 101, '50 more blobs are missing: no index lists them'],
])('of %i missing blobs, each needed by two files, it tells each once, and beyond a hundred how many there are', async (count, told, last) => {
  const { repository } = await memoryRepository();
  const raw = new RawRepository(repository);
  const content = Buffer.concat(Array.from({ length: count }, (_, at) => sha256(Buffer.from(`missing ${at}`))));
  const tree = raw.tree([node('a', 'file', { content }), node('b', 'file', { content })]);
  await raw.pack();
  await raw.index();
  await repository.loadIndex();
  const messages: string[] = [];
  await markBlobs(repository, newMarks(repository), [tree], { onUnreadable: (failure) => messages.push(failure.text.what) });
  expect(messages).toHaveLength(told);
  expect(new Set(messages).size).toBe(told);
  expect(messages[0]).toMatch(/^Data blob [0-9a-f]{64} is missing: no index lists it$/);
  if (last !== undefined) expect(messages.at(-1)).toBe(last);
});
