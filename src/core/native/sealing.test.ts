/** Sealing and packs: the native engine against the slow reference, both ways. */
import { zstdCompressSync } from 'node:zlib';

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { loadAddon } from './load-addon.ts';
import { encodeEntries, encodeRecords, type ReferenceBlob } from './reference/pack.ts';
import { referenceOpen, referenceSeal, sha256 } from './reference/sealing.ts';

const addon = loadAddon();
const keyBytes = sha256(Buffer.from('one'), Buffer.from('key'));
const reference = Buffer.concat([keyBytes, sha256(keyBytes)]);
const keys = addon.keySetFromBytes(reference);
const seed = 20260705;

const plainBytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 70_000 }).map((size) => Buffer.alloc(size, `${size},`)));
const iv = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes));

describe('sealing', () => {
  it('is opened by the reference, and opens what the reference sealed', () => {
    fc.assert(
      fc.property(plainBytes, iv, (plain, chosen) => {
        expect(referenceOpen(reference, keys.seal(plain)).equals(Buffer.from(plain))).toBe(true);
        expect(keys.open(referenceSeal(reference, chosen, plain)).equals(Buffer.from(plain))).toBe(true);
      }),
      { numRuns: 200, seed },
    );
  });

  it('uses a fresh IV every time', () => {
    const ivs = new Set(Array.from({ length: 200 }, () => keys.seal(Buffer.alloc(1)).subarray(0, 16).toString('hex')));
    expect(ivs.size).toBe(200);
  });

  it('notices every flipped bit', () => {
    fc.assert(
      fc.property(plainBytes, fc.nat(), (plain, where) => {
        const sealed = keys.seal(plain);
        const bit = where % (sealed.length * 8);
        sealed.writeUInt8(sealed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(() => keys.open(sealed)).toThrow(expect.objectContaining({ code: 'E_MAC' }));
      }),
      { numRuns: 200, seed },
    );
  });
});

interface BuiltPack {
  readonly pack: Buffer;
  readonly id: Buffer;
  readonly blobs: ReferenceBlob[];
  readonly plains: Buffer[];
}

function buildPack(inputs: readonly { readonly tree: boolean; readonly compressed: boolean; readonly plain: Uint8Array }[], chosen: Buffer): BuiltPack {
  const blobs: ReferenceBlob[] = [];
  const pieces: Buffer[] = [];
  let offset = 0;
  for (const { tree, compressed, plain } of inputs) {
    const packed = compressed && plain.length > 0;
    const sealed = referenceSeal(reference, chosen, packed ? zstdCompressSync(plain) : plain);
    blobs.push({ type: tree ? 'tree' : 'data', id: sha256(plain), offset, length: sealed.length, uncompressedLength: packed ? plain.length : 0 });
    pieces.push(sealed);
    offset += sealed.length;
  }
  const header = referenceSeal(reference, chosen, encodeEntries(blobs));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const pack = Buffer.concat([...pieces, header, length]);
  return { pack, id: sha256(pack), blobs, plains: inputs.map(({ plain }) => Buffer.from(plain)) };
}

const builtPack = fc
  .tuple(fc.array(fc.record({ tree: fc.boolean(), compressed: fc.boolean(), plain: plainBytes }), { minLength: 1, maxLength: 8 }), iv)
  .map(([inputs, chosen]) => buildPack(inputs, chosen));

describe('packs that the reference wrote', () => {
  it('have their header read, from the whole or from the tail', () => {
    fc.assert(
      fc.property(builtPack, ({ pack, blobs }) => {
        expect(addon.readPackHeader(keys, pack, pack.length).equals(encodeRecords(blobs))).toBe(true);
        const tail = pack.subarray(pack.length - 4 - pack.readUInt32LE(pack.length - 4));
        expect(addon.readPackHeader(keys, tail, pack.length).equals(encodeRecords(blobs))).toBe(true);
        expect(() => addon.readPackHeader(keys, tail.subarray(1), pack.length)).toThrow(expect.objectContaining({ code: 'E_FORMAT' }));
        expect(() => addon.readPackHeader(keys, pack, pack.length - 1)).toThrow(expect.objectContaining({ code: 'E_FORMAT' }));
      }),
      { numRuns: 100, seed },
    );
  });

  it('are what their id and their list say, or are told from it', async () => {
    await fc.assert(
      fc.asyncProperty(builtPack, fc.nat(), async ({ pack, id, blobs }, where) => {
        const records = encodeRecords(blobs);
        expect(await addon.packIsListed(keys, id, pack, records)).toBe(true);
        expect(await addon.packIsListed(keys, id, pack, records.subarray(48))).toBe(false);
        const other = Buffer.from(records);
        other.writeUInt8(other.readUInt8(where % other.length) ^ 1, where % other.length);
        if (where % 48 >= 4 || where % 48 === 0) expect(await addon.packIsListed(keys, id, pack, other)).toBe(false);
        const damaged = Buffer.from(pack);
        damaged.writeUInt8(damaged.readUInt8(where % pack.length) ^ 1, where % pack.length);
        expect(await addon.packIsListed(keys, id, damaged, records)).toBe(false);
        const short = pack.subarray(0, pack.length - 1);
        expect(await addon.packIsListed(keys, sha256(short), short, records)).toBe(false);
      }),
      { numRuns: 60, seed },
    );
  });

  it('are clean, and every damage is found', async () => {
    await fc.assert(
      fc.asyncProperty(builtPack, fc.nat(), async ({ pack, id, blobs }, where) => {
        expect(await addon.checkPack(keys, id, pack, encodeRecords(blobs.toReversed()))).toEqual([]);
        const damaged = Buffer.from(pack);
        damaged.writeUInt8(damaged.readUInt8(where % pack.length) ^ 1, where % pack.length);
        const findings = await addon.checkPack(keys, id, damaged, encodeRecords(blobs));
        expect(findings.length).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 60, seed },
    );
  });

  it('are compared with the index', async () => {
    const { pack, id, blobs } = buildPack([{ tree: false, compressed: true, plain: Buffer.from('text') }, { tree: false, compressed: false, plain: Buffer.from('more') }], Buffer.alloc(16, 3));
    expect(await addon.checkPack(keys, id, pack, encodeRecords(blobs.slice(1)))).toEqual(['the pack header lists 2 blobs, the index 1']);
    const beyond = blobs.map((blob, i) => (i === 1 ? { ...blob, offset: pack.length } : blob));
    expect(await addon.checkPack(keys, id, pack, encodeRecords(beyond))).toHaveLength(2);
  });

  it('yield their blobs', async () => {
    await fc.assert(
      fc.asyncProperty(builtPack, async ({ pack, blobs, plains }) => {
        for (const [i, blob] of blobs.entries()) {
          const sealed = pack.subarray(blob.offset, blob.offset + blob.length);
          const plain = await addon.decodeBlob(keys, sealed, blob.uncompressedLength, blob.id);
          expect(plain.equals(plains[i] ?? Buffer.alloc(0))).toBe(true);
        }
      }),
      { numRuns: 60, seed },
    );
  });
});

describe('decodeBlob', () => {
  const plain = Buffer.alloc(5000, 'some text ');
  const sealed = keys.seal(addon.compress(plain, 3));
  const id = sha256(plain);

  it.each([
    ['a wrong key', addon.generateKeySet(), sealed, plain.length, id, 'E_MAC'],
    ['a cut end', keys, sealed.subarray(0, -1), plain.length, id, 'E_MAC'],
    ['another id', keys, sealed, plain.length, Buffer.alloc(32), 'E_HASH'],
    ['a length too small', keys, sealed, plain.length - 1, id, 'E_FORMAT'],
    ['a length too large', keys, sealed, plain.length + 1, id, 'E_FORMAT'],
    ['plain bytes said to be compressed', keys, keys.seal(plain), plain.length, id, 'E_FORMAT'],
    ['compressed bytes said to be plain', keys, sealed, 0, id, 'E_HASH'],
    ['an absurd length', keys, sealed, 0xffff_ffff, id, 'E_LIMIT'],
  ])('refuses %s', async (_name, key, bytes, length, wanted, code) => {
    await expect(addon.decodeBlob(key, bytes, length, wanted)).rejects.toMatchObject({ code });
  });

  it('serves many at once', async () => {
    const results = await Promise.all(Array.from({ length: 100 }, () => addon.decodeBlob(keys, sealed, plain.length, id)));
    for (const result of results) expect(result.equals(plain)).toBe(true);
  });
});
