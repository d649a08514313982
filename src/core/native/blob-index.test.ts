/** The native index against a plain map. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { locationSize, markBytes } from './blob-index.ts';
import { loadAddon } from './load-addon.ts';
import { encodeRecords, type ReferenceBlob } from './reference/pack.ts';
import { sha256 } from './reference/sealing.ts';

const addon = loadAddon();
const seed = 20260705;

interface Pack {
  readonly id: Buffer;
  readonly blobs: readonly ReferenceBlob[];
}

function indexJson(packs: readonly Pack[], extra: object = {}): Buffer {
  return Buffer.from(
    JSON.stringify({
      ...extra,
      packs: packs.map(({ id, blobs }) => ({
        id: id.toString('hex'),
        blobs: blobs.map((blob) => ({
          id: blob.id.toString('hex'),
          type: blob.type,
          offset: blob.offset,
          length: blob.length,
          ...(blob.uncompressedLength === 0 ? {} : { uncompressed_length: blob.uncompressedLength }),
        })),
      })),
    }),
  );
}

function packOf(number: number, contents: readonly { readonly name: number; readonly tree: boolean; readonly compressed: boolean }[]): Pack {
  let offset = 0;
  const blobs = contents.map(({ name, tree, compressed }): ReferenceBlob => {
    const length = 40 + (name % 1000);
    const blob: ReferenceBlob = { type: tree ? 'tree' : 'data', id: sha256(Buffer.from(`blob ${name}`)), offset, length, uncompressedLength: compressed ? 5000 + name : 0 };
    offset += length;
    return blob;
  });
  return { id: sha256(Buffer.from(`pack ${number}`)), blobs };
}

// Few names, so that the same blob comes in several packs and as both types.
const contents = fc.array(fc.record({ name: fc.integer({ min: 0, max: 60 }), tree: fc.boolean(), compressed: fc.boolean() }), { maxLength: 12 });

describe('the index', () => {
  it('finds every copy, whatever the order and however often it is told', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(contents, { maxLength: 20 }), fc.array(fc.nat({ max: 19 })), async (all, repeats) => {
        const packs = all.map((items, number) => packOf(number, items));
        const index = addon.createIndex();
        const half = Math.floor(packs.length / 2);
        expect(await index.addIndexJson(indexJson(packs.slice(0, half), { supersedes: ['x'] }))).toBe(half);
        for (const pack of packs.slice(half)) index.addPack(pack.id, encodeRecords(pack.blobs.toReversed()));
        await index.addIndexJson(indexJson(repeats.flatMap((i) => packs[i] ?? []), { unknown: { nested: [null, true, 1.5e3, 'te\\u00e9xt'] } }));

        const known = new Map<string, { pack: Pack; blob: ReferenceBlob }[]>();
        for (const pack of packs) {
          for (const blob of pack.blobs) {
            const key = `${blob.type} ${blob.id.toString('hex')}`;
            known.set(key, [...(known.get(key) ?? []), { pack, blob }]);
          }
          expect(index.packRecords(pack.id).equals(encodeRecords(pack.blobs))).toBe(true);
        }
        expect(index.blobCount).toBe(known.size);
        expect(index.packCount).toBe(packs.length);
        for (const copies of known.values()) {
          const { type, id } = copies[0]!.blob;
          const describeCopy = (packId: Buffer, offset: number, length: number, plain: number): string => `${packId.toString('hex')} ${offset} ${length} ${plain}`;
          const found = index.lookup(type, id).map((copy) => describeCopy(copy.packId, copy.offset, copy.length, copy.uncompressedLength));
          expect(found.toSorted()).toEqual(copies.map(({ pack, blob }) => describeCopy(pack.id, blob.offset, blob.length, blob.uncompressedLength)).toSorted());
          const record = Buffer.alloc(locationSize);
          expect(index.locate(type, Buffer.concat([Buffer.alloc(5), id]), 5, record)).toBe(copies.length);
          expect(describeCopy(record.subarray(0, 32), record.readUInt32LE(32), record.readUInt32LE(36), record.readUInt32LE(40))).toBe(found[0]);
          expect(index.has(type, id)).toBe(true);
          expect(index.plainLength(type, id)).toBeGreaterThan(0);
          expect(index.contentLength(type, Buffer.concat([id, id]))).toBe(2 * index.plainLength(type, id));
          expect(index.contentLength(type, Buffer.concat([id, Buffer.alloc(32)]))).toBe(-1);
        }
        expect(index.packIds().equals(Buffer.concat(packs.map(({ id }) => id).toSorted((a, b) => a.compare(b))))).toBe(true);
      }),
      { numRuns: 60, seed },
    );
  });

  it('says when there is nothing', () => {
    const index = addon.createIndex();
    const id = Buffer.alloc(32, 1);
    expect(index.has('data', id)).toBe(false);
    expect(index.lookup('tree', id)).toEqual([]);
    expect(index.locate('tree', id, 0, Buffer.alloc(locationSize))).toBe(0);
    for (const [from, record] of [[1, locationSize], [0, locationSize - 1], [-1, locationSize]] as const) expect(() => index.locate('tree', id, from, Buffer.alloc(record))).toThrow();
    expect(index.plainLength('data', id)).toBe(-1);
    expect(index.contentLength('data', Buffer.alloc(0))).toBe(0);
    expect(() => index.contentLength('data', Buffer.alloc(33))).toThrow('ids must be whole ids');
    expect(index.packRecords(id)).toHaveLength(0);
    expect(index.packIds()).toHaveLength(0);
  });

  it('joins a pack that two files describe in parts', async () => {
    const pack = packOf(1, [1, 2, 3].map((name) => ({ name, tree: false, compressed: false })));
    const index = addon.createIndex();
    await index.addIndexJson(indexJson([{ id: pack.id, blobs: pack.blobs.slice(1) }]));
    await index.addIndexJson(indexJson([{ id: pack.id, blobs: pack.blobs.slice(0, 2) }]));
    expect(index.packCount).toBe(1);
    expect(index.blobCount).toBe(3);
    expect(index.packRecords(pack.id).equals(encodeRecords(pack.blobs))).toBe(true);
  });

  it('needs less than 64 bytes a blob', async () => {
    const index = addon.createIndex();
    for (let number = 0; number < 5000; number += 1) {
      const items = Array.from({ length: 12 }, (_, i) => ({ name: number * 12 + i, tree: false, compressed: true }));
      const pack = packOf(number, items);
      index.addPack(pack.id, encodeRecords(pack.blobs));
      if (number > 0 && number % 500 === 0) expect(index.memory / index.blobCount).toBeLessThan(number < 1000 ? 80 : 64);
    }
    expect(index.memory / index.blobCount).toBeLessThan(64);
  });

  const id = 'ab'.repeat(32);
  it.each([
    '',
    '[]',
    '{"packs":[',
    '{"packs":[]} x',
    '{"packs":[{"blobs":[]}]}',
    '{"packs":[{"id":"ab","blobs":[]}]}',
    `{"packs":[{"id":"${'xy'.repeat(32)}","blobs":[]}]}`,
    `{"packs":[{"id":"${id}","blobs":[{"id":"${id}","type":"other","offset":0,"length":40}]}]}`,
    `{"packs":[{"id":"${id}","blobs":[{"id":"${id}","offset":0,"length":40}]}]}`,
    `{"packs":[{"id":"${id}","blobs":[{"id":"${id}","type":"data","offset":-1,"length":40}]}]}`,
    `{"packs":[{"id":"${id}","blobs":[{"id":"${id}","type":"data","offset":1.5,"length":40}]}]}`,
    `{"packs":[{"id":"${id}","blobs":[{"id":"${id}","type":"data","offset":4294967296,"length":40}]}]}`,
    `{"packs":[{"id":"${id}","blobs":[]},]}`,
    `{"packs":[], "x": "\u0001"}`,
    `{"x":${'['.repeat(100)}${']'.repeat(100)}}`,
  ])('refuses the file %# and adds nothing of it', async (text) => {
    const index = addon.createIndex();
    await expect(index.addIndexJson(Buffer.from(text))).rejects.toMatchObject({ code: 'E_FORMAT' });
    expect(index.packCount).toBe(0);
  });

  it.each(['{}', '{"packs":[]}\n', '{"packs":null}', `{"p\\u0061cks":[{"id":"${id}","blobs":null}]}`])('accepts %s', async (text) => {
    const index = addon.createIndex();
    expect(await index.addIndexJson(Buffer.from(text))).toBe(text.includes(id) ? 1 : 0);
  });

  it('survives random text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        const index = addon.createIndex();
        await index.addIndexJson(Buffer.from(text)).catch((error: unknown) => expect(error).toMatchObject({ code: 'E_FORMAT' }));
        expect(index.blobCount).toBe(0);
      }),
      { numRuns: 300, seed },
    );
  });

  it('takes files and questions at the same time', async () => {
    const index = addon.createIndex();
    const packs = Array.from({ length: 200 }, (_, number) => packOf(number, [{ name: number, tree: false, compressed: false }]));
    const loads = Array.from({ length: 40 }, (_, i) => index.addIndexJson(indexJson(packs.slice(i * 5, i * 5 + 5))));
    for (const pack of packs) index.lookup('data', pack.blobs[0]?.id ?? Buffer.alloc(32));
    await Promise.all(loads);
    expect(index.packCount).toBe(200);
  });

  it('reads stored files however their text is laid out, and of folders alone where that is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(contents, { maxLength: 6 }), async (lists) => {
        const packs = lists.map((list, number) => packOf(number, list));
        const compact = indexJson(packs);
        const spacious = Buffer.from(JSON.stringify(JSON.parse(compact.toString()), null, 1));
        const [first, second, third, folders] = [addon.createIndex(), addon.createIndex(), addon.createIndex(), addon.createIndex()];
        const keys = addon.generateKeySet();
        await first.addIndexJson(compact);
        await second.addIndexFile(keys, keys.seal(spacious), 2, 'all');
        await third.addIndexFile(keys, keys.seal(Buffer.concat([Buffer.of(2), addon.compress(compact, 1)])), 2, 'all');
        await folders.addIndexFile(keys, keys.seal(compact), 2, 'trees');
        for (const { id } of packs) {
          const records = first.packRecords(id);
          expect(second.packRecords(id)).toEqual(records);
          expect(third.packRecords(id)).toEqual(records);
        }
        for (const { type, id } of packs.flatMap(({ blobs }) => blobs)) expect(folders.lookup(type, id)).toEqual(type === 'tree' ? first.lookup('tree', id) : []);
      }),
      { numRuns: 60, seed },
    );
  });

  it('knows how long the blobs of files are where their places are left out', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(contents, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 5 }), async (lists, perFile) => {
        const packs = lists.map((list, number) => packOf(number, list));
        const keys = addon.generateKeySet();
        const [whole, short] = [addon.createIndex(), addon.createIndex()];
        for (let at = 0; at < packs.length; at += perFile) {
          const file = keys.seal(indexJson(packs.slice(at, at + perFile)));
          await whole.addIndexFile(keys, file, 2, 'all');
          await short.addIndexFile(keys, file, 2, 'lengths');
        }
        const blobs = packs.flatMap((pack) => pack.blobs);
        for (const { type, id } of blobs) {
          expect(short.has(type, id)).toBe(true);
          expect(short.plainLength(type, id)).toBe(whole.plainLength(type, id));
          expect(short.lookup(type, id)).toEqual(type === 'tree' ? whole.lookup('tree', id) : []);
          expect(short.entryOf(type, id)).toBeLessThan(short.entryCount);
        }
        expect(short.blobCount).toBe(whole.blobCount);
        const unknown = sha256(Buffer.from('unknown'));
        expect([short.has('data', unknown), short.plainLength('data', unknown), short.entryOf('data', unknown)]).toEqual([false, -1, -1]);
        const sums = [whole, short].map((index) => {
          const marks = new Uint8Array(markBytes(index));
          for (const { type, id } of blobs.filter((_, i) => i % 3 !== 0)) expect(index.markIn(marks, type, Buffer.concat([id, unknown]))).toEqual(unknown);
          const { dataBlobs, treeBlobs, plain } = index.sumMarked(marks);
          return { dataBlobs, treeBlobs, plain };
        });
        expect(sums[1]).toEqual(sums[0]);
        expect(short.packIds().length).toBeLessThanOrEqual(whole.packIds().length);
      }),
      { numRuns: 100, seed },
    );
  });

  it('keeps lengths in half of the memory of entries', async () => {
    const packs = Array.from({ length: 200 }, (_, number) => packOf(number, Array.from({ length: 100 }, (__, i) => ({ name: number * 100 + i, tree: false, compressed: false }))));
    const keys = addon.generateKeySet();
    const file = keys.seal(indexJson(packs));
    const [whole, short] = [addon.createIndex(), addon.createIndex()];
    await whole.addIndexFile(keys, file, 2, 'all');
    await short.addIndexFile(keys, file, 2, 'lengths');
    expect(short.blobCount).toBe(20_000);
    expect(short.memory).toBeLessThan(whole.memory / 2);
  });

  it('takes nothing from a stored file that is damaged, or has what its version cannot have', async () => {
    const index = addon.createIndex();
    const keys = addon.generateKeySet();
    const compressed = keys.seal(indexJson([packOf(1, [{ name: 1, tree: false, compressed: true }])]));
    await expect(index.addIndexFile(keys, compressed, 1, 'all')).rejects.toMatchObject({ code: 'E_FORMAT', message: expect.stringContaining('version 1') as string });
    await expect(index.addIndexFile(keys, keys.seal(Buffer.from('\u0005')), 2, 'all')).rejects.toMatchObject({ code: 'E_FORMAT' });
    compressed[30] = (compressed[30] as number) ^ 1;
    await expect(index.addIndexFile(keys, compressed, 2, 'all')).rejects.toMatchObject({ code: 'E_MAC' });
    expect([index.blobCount, index.packCount]).toEqual([0, 0]);
    expect(() => index.addIndexFile(keys, compressed, 2, 'some' as 'all')).toThrow(TypeError);
  });
});
