/** Index files that are sealed and opened by the addon. */
import { describe, expect, it } from 'vitest';
import type { BlobIndex } from '../native/blob-index.ts';
import { indexedPackSize } from '../native/blob-marks.ts';
import { readIndexedPacks, writeIndexFile } from './index-files.ts';
import { memoryRepository, storeBlobs } from './testing/fast-repository.ts';

describe.each([1, 2] as const)('an index file of version %i', (version) => {
  it('is stored under its hash, and read back', async () => {
    const { repository, store } = await memoryRepository({ version });
    const { packId, records } = await storeBlobs(repository, 'data', [Buffer.from('one'), Buffer.from('two')]);
    const name = await writeIndexFile(repository, repository.index, packId);
    expect(store.names('index')).toEqual([name]);
    const rows = await readIndexedPacks(repository, name);
    expect([rows.length, rows.subarray(0, 32), rows.readUInt32LE(32)]).toEqual([indexedPackSize, packId, 2]);
    await repository.loadIndex();
    expect(repository.index.packRecords(packId)).toEqual(records);
  });

  it('is named where it is damaged', async () => {
    const { repository, store } = await memoryRepository({ version });
    const sealed = repository.keys.seal(Buffer.from('no index'));
    const name = repository.addon.sha256(sealed).toString('hex');
    store.plant('index', name, sealed);
    await expect(readIndexedPacks(repository, name)).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining(name) as string });
    store.plant('index', name, Buffer.alloc(50));
    await expect(readIndexedPacks(repository, name)).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining(name) as string });
  });
});

it('an index file that does not open to what was sealed is not stored', async () => {
  const { repository, store } = await memoryRepository();
  const { packId } = await storeBlobs(repository, 'data', [Buffer.from('one')]);
  const index: Partial<BlobIndex> = { sealIndex: () => Promise.reject(Object.assign(new Error('a sealed file does not open to the text'), { code: 'E_VERIFY' })) };
  await expect(writeIndexFile(repository, index as BlobIndex, packId)).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(store.names('index')).toEqual([]);
});
