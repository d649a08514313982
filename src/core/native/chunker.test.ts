/** The native chunker against the vectors of section 15.2 and against the definition, byte by byte. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { loadAddon } from './load-addon.ts';
import { referenceCut } from './reference/chunker.ts';
import { sha256 } from './reference/sealing.ts';

const addon = loadAddon();
const first = 0x3da3358b4dc173n;
const second = 0x234f31c8f2b1f3n;
const MiB = 1024 * 1024;

function streamA(size: number): Buffer {
  const stream = Buffer.alloc(size);
  const block = Buffer.alloc(20);
  block.write('cdc-vector-1');
  for (let i = 0; i < size / 32; i += 1) {
    block.writeBigUInt64BE(BigInt(i), 12);
    addon.sha256(block).copy(stream, i * 32);
  }
  return stream;
}

const A = streamA(32 * MiB);
const cut = (data: Uint8Array, polynomial = first): number[] => Array.from(addon.cut(data, polynomial));

const lengthsOfA = [
  1412366, 1174255, 868364, 1478962, 1373863, 2206382, 884072, 751957, 4329525, 1266690, 641497, 528474, 1295822, 1244121, 875257, 875663, 1971036,
  2390020, 769567, 594102, 580448, 665871, 2987731, 555932, 1147236, 685219,
];

describe('vectors of section 15.2', () => {
  it('makes stream A as specified', () => {
    expect(sha256(A).toString('hex')).toBe('498dc6d782b2709846347a1fd1cbe43b4729e15295d4a01d43a898e90c7f007a');
  });

  it('cuts stream A with both polynomials', () => {
    expect(cut(A)).toEqual(lengthsOfA);
    expect(cut(A, second)).toEqual([
      683232, 1804221, 1316176, 681442, 713499, 3317631, 749853, 1276433, 2776336, 1831448, 711747, 3053840, 977926, 888740, 2177788, 945878, 1671781,
      1140882, 2828043, 4007536,
    ]);
  });

  it('resynchronises after an insertion', () => {
    expect(cut(Buffer.concat([Buffer.alloc(1000), A.subarray(0, 8_388_608)]))).toEqual([1413366, 1174255, 868364, 1478962, 1373863, 2080798]);
  });

  it('cuts zeros at the minimum and ones at the maximum', () => {
    expect(cut(Buffer.alloc(10_485_760))).toEqual(Array.from({ length: 20 }, () => 524288));
    expect(cut(Buffer.alloc(20_971_520, 1))).toEqual([8388608, 8388608, 4194304]);
  });

  it.each([1, 63, 64, 65, 524_224, 524_288, 524_289])('makes one chunk of %d bytes', (size) => {
    expect(cut(A.subarray(0, size))).toEqual([size]);
  });

  it('makes no chunk of nothing', () => {
    expect(cut(Buffer.alloc(0))).toEqual([]);
  });

  it('refuses a polynomial of another degree', () => {
    expect(() => cut(A.subarray(0, 10), 7n)).toThrow(expect.objectContaining({ code: 'E_FORMAT' }));
  });
});

describe('against the definition', () => {
  it('the reference reproduces digests of the vectors', () => {
    const chunks = referenceCut(A.subarray(0, 3 * MiB), first);
    expect(chunks.slice(0, 2).map(({ length, digest }) => [length, digest.toString(16)])).toEqual([
      [1412366, '15dfe4af900000'],
      [1174255, '1876e0f7400000'],
    ]);
  });

  it('cuts structured data at the same places', () => {
    // Pieces with few distinct bytes, repetitions and noise bring hits in every lane, at ends of blocks, and none.
    const piece = fc.record({
      kind: fc.constantFrom('noise', 'zero', 'text', 'period'),
      size: fc.integer({ min: 1, max: 700_000 }),
      seed: fc.integer({ min: 0, max: 31 * MiB }),
    });
    const property = fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), fc.constantFrom(first, second, 0x20000000000047n), (pieces, polynomial) => {
      const data = Buffer.concat(
        pieces.map(({ kind, size, seed }) => {
          if (kind === 'noise') return A.subarray(seed, seed + size);
          if (kind === 'zero') return Buffer.alloc(size);
          if (kind === 'text') return Buffer.alloc(size, `line ${seed} of a log\n`);
          return Buffer.alloc(size, A.subarray(seed, seed + 1 + (seed % 300)));
        }),
      );
      expect(cut(data, polynomial)).toEqual(referenceCut(data, polynomial).map(({ length }) => length));
    });
    fc.assert(property, { numRuns: 40, seed: 20260705 });
  });
});
