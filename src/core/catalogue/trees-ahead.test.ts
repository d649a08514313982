import { describe, expect, it } from 'vitest';
import { damaged } from '../repository/damage.ts';
import { mostBytes, TreesAhead } from './trees-ahead.ts';

const blobs = (ids: readonly string[], size: number): Map<string, Buffer> => new Map(ids.map((id) => [id, Buffer.alloc(size)]));

describe('trees that are read ahead', () => {
  it('hold no more than their bytes, and keep what is asked for first', () => {
    const ahead = new TreesAhead();
    const early = ['a', 'b', 'c', 'd'];
    ahead.add(early, blobs(early, mostBytes / 4));
    expect(ahead.bytes).toBe(mostBytes);
    ahead.add(['x', 'y'], blobs(['x', 'y'], mostBytes / 4));
    expect(ahead.bytes).toBe(mostBytes);
    expect(['x', 'y', ...early].filter((id) => ahead.has(id))).toEqual(['x', 'y', 'a', 'b']);
    expect(ahead.take('x')?.toString()).toHaveLength(mostBytes / 4);
    expect([ahead.take('x'), ahead.bytes]).toEqual([undefined, (mostBytes / 4) * 3]);
  });

  it('hold no more than their number, whatever their size', () => {
    const ahead = new TreesAhead();
    const ids = Array.from({ length: 1000 }, (_, i) => String(i));
    ahead.add(ids, new Map(ids.map((id) => [id, damaged(`Tree ${id} is missing`)])));
    expect(ids.filter((id) => ahead.has(id))).toEqual(ids.slice(0, 768));
  });

  it('hold one that is larger, and it alone', () => {
    const ahead = new TreesAhead();
    ahead.add(['a', 'b'], new Map([...blobs(['a'], mostBytes + 1), ...blobs(['b'], 10)]));
    expect([ahead.has('a'), ahead.has('b'), ahead.bytes]).toEqual([true, false, mostBytes + 1]);
    ahead.add(['c'], blobs(['c'], 10));
    expect([ahead.has('a'), ahead.has('c'), ahead.bytes]).toEqual([false, true, 10]);
  });

  it('count one that is read again once', () => {
    const ahead = new TreesAhead();
    ahead.add(['a'], blobs(['a'], 10));
    ahead.add(['a'], blobs(['a'], 10));
    expect(ahead.bytes).toBe(10);
  });
});
