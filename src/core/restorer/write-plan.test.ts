import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeSize } from '../native/addon.ts';
import type { BlobIndex, BlobLocation } from '../native/blob-index.ts';
import { WritePlan, maxGap, maxRange, maxUses } from './write-plan.ts';

interface Stored {
  readonly pack: number;
  readonly offset: number;
  readonly length: number;
  readonly plain: number;
}

const packId = (pack: number): Buffer => Buffer.alloc(32, pack + 1);
const blobId = (number: number): Buffer => {
  const id = Buffer.alloc(32);
  id.writeUInt32LE(number);
  return id;
};

function fakeIndex(blobs: readonly (readonly Stored[])[]): BlobIndex {
  const locations = (id: Uint8Array): BlobLocation[] =>
    (blobs[Buffer.from(id).readUInt32LE(0)] ?? []).map((copy) => ({ packId: packId(copy.pack), offset: copy.offset, length: copy.length, uncompressedLength: copy.plain }));
  const locate: BlobIndex['locate'] = (_type, ids, from, record) => {
    const copies = locations(ids.subarray(from, from + 32));
    const [first] = copies;
    if (first === undefined) return 0;
    const out = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
    first.packId.copy(out);
    for (const [i, value] of [first.offset, first.length, first.uncompressedLength].entries()) out.writeUInt32LE(value, 32 + 4 * i);
    return copies.length;
  };
  return { lookup: (_type, id) => locations(id), locate } as Partial<BlobIndex> as BlobIndex;
}

const contentOf = (numbers: readonly number[]): Buffer => Buffer.concat(numbers.map(blobId));

/** Packs with blobs one behind the other. */
const layout = fc
  .array(fc.array(fc.record({ length: fc.oneof(fc.integer({ min: 33, max: 4000 }), fc.integer({ min: 33, max: 6_000_000 })), plain: fc.nat(100_000) }), { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 4 })
  .map((packs) =>
    packs.flatMap((blobs, pack) => {
      let offset = 0;
      return blobs.map((blob) => {
        const stored: Stored = { pack, offset, ...blob };
        offset += blob.length;
        return stored;
      });
    }),
  );

describe('WritePlan', () => {
  it('covers every use exactly once, in order, within the limits', () => {
    fc.assert(
      fc.property(layout, fc.array(fc.array(fc.nat(200), { maxLength: 20 }), { maxLength: 12 }), (blobs, rawFiles) => {
        const files = rawFiles.map((file) => file.map((number) => number % blobs.length));
        const plan = new WritePlan(fakeIndex(blobs.map((blob) => [blob])));
        const expected: string[] = [];
        for (const [token, file] of files.entries()) {
          expect(plan.addFile(token, contentOf(file))).toBe(file.length);
          let at = 0;
          for (const number of file) {
            const blob = blobs[number] as Stored;
            expected.push(`${token}@${at}=${number}`);
            at += blob.plain === 0 ? blob.length - 32 : blob.plain;
          }
        }
        plan.seal();
        const seen: string[] = [];
        const write = Buffer.alloc(writeSize);
        let next = 0;
        for (const range of plan.ranges()) {
          expect(range.from).toBe(next);
          next = range.to;
          const sizes = new Set<number>();
          let end = range.start;
          for (let position = range.from; position < range.to; position += 1) {
            plan.copyWrite(position, range.start, write, 0);
            const number = write.readUInt32LE(16);
            const blob = blobs[number] as Stored;
            expect(packId(blob.pack)).toEqual(range.packId);
            expect(write.readUInt32LE(4) + range.start).toBe(blob.offset);
            expect([write.readUInt32LE(8), write.readUInt32LE(12), write.readUInt32LE(52)]).toEqual([blob.length, blob.plain, 0]);
            expect(blob.offset - end).toBeLessThanOrEqual(maxGap);
            expect(blob.offset).toBeGreaterThanOrEqual(range.start);
            end = Math.max(end, blob.offset + blob.length);
            sizes.add(number);
            seen.push(`${write.readUInt32LE(48)}@${write.readBigUInt64LE(56)}=${number}`);
          }
          expect(range.end).toBe(end);
          if (sizes.size > 1) expect(range.end - range.start).toBeLessThanOrEqual(maxRange);
          const singles = [...plan.singleBlobs(range)];
          expect(singles.length).toBe(sizes.size);
          expect([singles[0]?.from, singles.at(-1)?.to]).toEqual([range.from, range.to]);
        }
        expect(next).toBe(plan.count);
        expect(seen.sort()).toEqual(expected.sort());
      }),
      { seed: 7, numRuns: 150 },
    );
  });

  it('ends a range after many uses, but never within the uses of one blob', () => {
    const blobs = Array.from({ length: maxUses + 10 }, (_, i) => [{ pack: 0, offset: i * 100, length: 100, plain: 0 }]);
    const plan = new WritePlan(fakeIndex(blobs));
    plan.addFile(0, contentOf(blobs.map((_, i) => i)));
    plan.addFile(1, contentOf(Array.from({ length: maxUses * 2 }, () => maxUses)));
    plan.seal();
    expect([...plan.ranges()].map(({ start, end, from, to }) => [start, end, to - from])).toEqual([
      [0, maxUses * 100, maxUses],
      [maxUses * 100, (maxUses + 1) * 100, maxUses * 2 + 1],
      [(maxUses + 1) * 100, (maxUses + 10) * 100, 9],
    ]);
  });

  it('adds nothing of a file with a blob that is in no index', () => {
    const plan = new WritePlan(fakeIndex([[{ pack: 0, offset: 0, length: 100, plain: 0 }]]));
    expect(plan.addFile(1, contentOf([0, 5]))).toBe(-1);
    expect(plan.addFile(2, contentOf([0]))).toBe(1);
    plan.seal();
    expect([...plan.ranges()].map((range) => plan.token(range.from))).toEqual([2]);
    expect(plan.count).toBe(1);
  });

  it('prefers the copy in a pack that is read anyway', () => {
    const copies = [
      [{ pack: 0, offset: 0, length: 100, plain: 0 }],
      [
        { pack: 1, offset: 0, length: 100, plain: 0 },
        { pack: 0, offset: 100, length: 100, plain: 0 },
      ],
    ];
    const plan = new WritePlan(fakeIndex(copies));
    plan.addFile(0, contentOf([0, 1]));
    plan.seal();
    expect([...plan.ranges()]).toMatchObject([{ start: 0, end: 200, from: 0, to: 2 }]);
  });

  it('keeps file offsets beyond 4 GiB exact', () => {
    const blobs = [[{ pack: 0, offset: 0, length: 100, plain: 0xffff_ffff }]];
    const plan = new WritePlan(fakeIndex(blobs));
    plan.addFile(0, contentOf([0, 0, 0, 0]), (_id, length) => length === 1);
    plan.seal();
    const write = Buffer.alloc(writeSize);
    plan.copyWrite(3, 0, write, 0);
    expect(write.readBigUInt64LE(56)).toBe(3n * 0xffff_ffffn);
  });

  it('leaves out the writes that are not needed, keeping the offsets', () => {
    const blobs = [[{ pack: 0, offset: 0, length: 132, plain: 0 }], [{ pack: 0, offset: 132, length: 40, plain: 7 }]];
    const plan = new WritePlan(fakeIndex(blobs));
    expect(plan.addFile(0, contentOf([0, 1, 0]), (_id, length) => length === 100)).toBe(1);
    plan.seal();
    const write = Buffer.alloc(writeSize);
    plan.copyWrite(0, 132, write, 0);
    expect([write.readUInt32LE(4), write.readBigUInt64LE(56)]).toEqual([0, 100n]);
  });
});
