/** Opening many stored files in one call, and the blobs of a stretch of a pack. */
import { describe, expect, it } from 'vitest';
import { loadAddon } from './load-addon.ts';
import { recordSize } from './addon.ts';
import { indexedPackSize } from './blob-marks.ts';
import { piecesOf } from './many-bytes.ts';

const addon = loadAddon();
const keys = addon.generateKeySet();
const text = Buffer.from('{"time":"2026-01-01T00:00:00Z"}');

function stored(payload: Uint8Array): { readonly file: Buffer; readonly name: Buffer } {
  const file = keys.seal(payload);
  return { file, name: addon.sha256(file) };
}

describe('openUnpackedFiles', () => {
  it('gives each text that can be opened', async () => {
    const plain = stored(text);
    const compressed = stored(Buffer.concat([Buffer.of(2), addon.compress(text, 3)]));
    const strange = stored(Buffer.from('\u0007strange'));
    const foreign = Buffer.from(plain.file);
    foreign[20] = (foreign[20] as number) ^ 1;
    const files = [plain.file, compressed.file, strange.file, plain.file, foreign];
    const names = Buffer.concat([plain.name, compressed.name, strange.name, compressed.name, addon.sha256(foreign)]);
    const opened = await addon.openUnpackedFiles(keys, files, names, 2);
    expect(piecesOf(opened)).toEqual([text, text, undefined, undefined, undefined]);
    expect(piecesOf(await addon.openUnpackedFiles(keys, [strange.file], strange.name, 1))).toEqual([Buffer.from('\u0007strange')]);
    expect(piecesOf(await addon.openUnpackedFiles(keys, [], Buffer.alloc(0), 2))).toEqual([]);
  });

  it('refuses what is not a name for each file', () => {
    expect(() => addon.openUnpackedFiles(keys, [text], Buffer.alloc(31), 2)).toThrow(TypeError);
    expect(() => addon.openUnpackedFiles(keys, [7 as unknown as Buffer], Buffer.alloc(32), 2)).toThrow(TypeError);
    expect(() => addon.openUnpackedFiles(keys, [text], Buffer.alloc(32), 3 as 2)).toThrow(TypeError);
  });
});

describe('an index file', () => {
  const packs = [1, 2, 3].map((number) => ({ id: addon.sha256(Buffer.from(`pack ${number}`)), records: records(number) }));
  const index = addon.createIndex();
  for (const { id, records: list } of packs) index.addPack(id, list);
  const ids = Buffer.concat(packs.map(({ id }) => id));

  function records(count: number): Buffer {
    const list = Buffer.alloc(count * recordSize);
    for (let i = 0; i < count; i += 1) {
      list.writeUInt8(i % 2, i * recordSize);
      list.writeUInt32LE(i * 2_000_000_000, i * recordSize + 4);
      list.writeUInt32LE(100 + i, i * recordSize + 8);
      list.writeUInt32LE(i === 1 ? 0 : 4_294_967_295, i * recordSize + 12);
      addon.sha256(Buffer.from(`blob ${count} ${i}`)).copy(list, i * recordSize + 16);
    }
    return list;
  }

  it.each([1, 2] as const)('of version %i is sealed as it is opened', async (version) => {
    const source = addon.createIndex();
    for (const { id, records: list } of packs) {
      const own = Buffer.from(list);
      // Nothing is compressed in version 1.
      if (version === 1) for (let at = 12; at < own.length; at += recordSize) own.writeUInt32LE(0, at);
      source.addPack(id, own);
    }
    const file = await source.sealIndex(keys, ids.subarray(0, 64), version);
    const again = addon.createIndex();
    expect(await again.addIndexFile(keys, file, version, 'all')).toBe(2);
    for (const { id } of packs.slice(0, 2)) expect(again.packRecords(id)).toEqual(source.packRecords(id));
    expect(again.packCount).toBe(2);
    expect(keys.open(file)[0]).toBe(version === 1 ? '{'.charCodeAt(0) : 2);
  });

  it('says which packs it lists, and how many blobs of each', async () => {
    const file = await index.sealIndex(keys, ids, 2);
    const rows = await addon.indexedPacks(keys, file, 2);
    expect(Array.from(packs, (_, i) => rows.readUInt32LE(i * indexedPackSize + 32))).toEqual([1, 2, 3]);
    expect(Array.from(packs, (_, i) => rows.subarray(i * indexedPackSize, i * indexedPackSize + 32))).toEqual(packs.map(({ id }) => id));
    file[40] = (file[40] as number) ^ 1;
    await expect(addon.indexedPacks(keys, file, 2)).rejects.toMatchObject({ code: 'E_MAC' });
    await expect(addon.indexedPacks(keys, stored(Buffer.from('\u0007strange')).file, 2)).rejects.toMatchObject({ code: 'E_FORMAT' });
    await expect(addon.indexedPacks(keys, stored(Buffer.from('{"packs":[{}]}')).file, 2)).rejects.toMatchObject({ code: 'E_FORMAT' });
  });
});

describe('openBlobs', () => {
  const blobs = ['one', 'two, which is compressed '.repeat(20), ''].map((content) => Buffer.from(content));
  const sealed = blobs.map((blob) => keys.seal(blob.length > 100 ? addon.compress(blob, 3) : blob));

  function records(): Buffer {
    const list = Buffer.alloc(blobs.length * recordSize);
    let offset = 0;
    for (const [i, blob] of blobs.entries()) {
      list.writeUInt32LE(offset, i * recordSize + 4);
      list.writeUInt32LE(sealed[i]?.length ?? 0, i * recordSize + 8);
      list.writeUInt32LE(blob.length > 100 ? blob.length : 0, i * recordSize + 12);
      addon.sha256(blob).copy(list, i * recordSize + 16);
      offset += sealed[i]?.length ?? 0;
    }
    return list;
  }

  const all = Buffer.concat(blobs);

  it('opens each blob', async () => {
    const target = Buffer.alloc(all.length);
    expect(await addon.openBlobs(keys, Buffer.concat(sealed), records(), target)).toEqual(Buffer.from([1, 1, 1]));
    expect(target).toEqual(all);
  });

  it('gives nothing for what is damaged, has another id, or lies elsewhere', async () => {
    const bytes = Buffer.concat(sealed);
    bytes[5] = (bytes[5] as number) ^ 1;
    const list = records();
    list[recordSize + 16] = (list[recordSize + 16] as number) ^ 1;
    list.writeUInt32LE(bytes.length, 2 * recordSize + 4);
    expect(await addon.openBlobs(keys, bytes, list, Buffer.alloc(all.length))).toEqual(Buffer.alloc(3));
  });

  it('never leaves its target, whatever a record says of a size', async () => {
    const list = records();
    list.writeUInt32LE(100, recordSize + 12);
    const sum = all.length - (blobs[1]?.length ?? 0) + 100;
    expect(await addon.openBlobs(keys, Buffer.concat(sealed), list, Buffer.alloc(sum))).toEqual(Buffer.from([1, 0, 1]));
    expect(() => addon.openBlobs(keys, Buffer.concat(sealed), records(), Buffer.alloc(all.length - 1))).toThrow(TypeError);
  });
});
