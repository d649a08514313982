/** Packs that are made again and again in the same memory. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { recordOf } from '../repository/index-writer.ts';
import { memoryRepository } from '../repository/testing/fast-repository.ts';
import type { Repository } from '../repository/repository.ts';
import { PackWriter } from './pack-writer.ts';

interface Wanted {
  readonly tree: boolean;
  readonly size: number;
}

const blobs = fc.array(fc.record({ tree: fc.boolean(), size: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 600 }), fc.integer({ min: 3000, max: 6000 })) }), { minLength: 1, maxLength: 120 });
const packSize = 4096;

/** Blobs of which only the empty ones are alike, some of them compressed; `padding`: bytes before each in the memory that it is copied from. */
function* sealedBlobs({ addon, keys }: Repository, wanted: readonly Wanted[], padding: number): Generator<{ readonly plain: Buffer; readonly id: Buffer; readonly records: Buffer; readonly at: number; readonly bytes: Buffer }> {
  for (const [i, { tree, size }] of wanted.entries()) {
    const plain = Buffer.alloc(size, `blob ${i} ${tree}`);
    const isCompressed = size > 200 && i % 3 === 0;
    const sealed = keys.seal(isCompressed ? addon.compress(plain, 3) : plain);
    const id = addon.sha256(plain);
    const record = recordOf({ type: tree ? 'tree' : 'data', id, offset: 99, length: sealed.length, uncompressedLength: isCompressed ? size : 0 });
    yield { plain, id, records: Buffer.concat([Buffer.alloc(48, 7), record]), at: 48, bytes: Buffer.concat([Buffer.alloc(padding, 5), sealed]) };
  }
}

// A store with batches is taken for a disk, where fewer packs are held at once.
it.each(['network', 'disk'] as const)('keeps every blob, whatever its size, and lists it where it is: %s', async (kind) => {
  await fc.assert(
    fc.asyncProperty(blobs, fc.nat({ max: 40 }), async (wanted, padding) => {
      const { repository, store } = await memoryRepository();
      if (kind === 'disk') Object.assign(store, { batches: {} });
      const writer = new PackWriter(repository, { packSize });
      const given = [...sealedBlobs(repository, wanted, padding)];
      for (const { records, at, bytes } of given) await writer.add(records, at, bytes, padding);
      const indexes = await writer.finish();
      expect([...store.names('index')].sort()).toEqual([...indexes].sort());
      expect(store.names('data')).toHaveLength(writer.packs);
      expect(writer.blobs).toBe(given.length);
      await repository.loadIndex();
      for (const [i, { plain, id }] of given.entries()) expect(await repository.readBlob(wanted[i]?.tree === true ? 'tree' : 'data', id)).toEqual(plain);
      for (const name of store.names('data')) {
        const id = Buffer.from(name, 'hex');
        expect(await repository.addon.checkPack(repository.keys, id, await store.get({ type: 'data', name }), repository.index.packRecords(id))).toEqual([]);
      }
    }),
    { numRuns: 60, seed: 5 },
  );
});

it('ends with the first pack that cannot be stored', async () => {
  const { repository, store } = await memoryRepository();
  const full = new Error('the disk is full');
  store.fault = (operation, { type }) => {
    if (operation === 'put' && type === 'data') throw full;
  };
  const writer = new PackWriter(repository, { packSize });
  const add = async (): Promise<void> => {
    for (const { records, at, bytes } of sealedBlobs(repository, Array.from({ length: 200 }, () => ({ tree: false, size: 500 })), 0)) await writer.add(records, at, bytes, 0);
    await writer.finish();
  };
  await expect(add()).rejects.toBe(full);
  await writer.settled();
  expect(store.names('data')).toEqual([]);
  expect(store.names('index')).toEqual([]);
});
