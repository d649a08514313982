import { describe, expect, it } from 'vitest';
import { mostBytes, TreesAhead, type TreeAhead } from './trees-ahead.ts';

const trees = (keys: readonly string[], bytes: number): TreeAhead<string>[] => keys.map((key) => ({ key, bytes, content: `of ${key}` }));
const held = (ahead: TreesAhead<string>, keys: readonly string[]): string[] => keys.filter((key) => ahead.get(key) !== undefined);

describe('trees that are read ahead', () => {
  it('hold no more than their bytes, and keep what is asked for first', () => {
    const ahead = new TreesAhead<string>();
    const early = ['a', 'b', 'c', 'd'];
    ahead.add(trees(early, mostBytes / 4));
    expect(ahead.bytes).toBe(mostBytes);
    ahead.add(trees(['x', 'y'], mostBytes / 4));
    expect(ahead.bytes).toBe(mostBytes);
    expect(held(ahead, ['x', 'y', ...early])).toEqual(['x', 'y', 'a', 'b']);
    expect(ahead.take('x')).toBe('of x');
    expect([ahead.take('x'), ahead.bytes, ahead.size]).toEqual([undefined, (mostBytes / 4) * 3, 3]);
  });

  it('hold no more than their number, whatever their size', () => {
    const ahead = new TreesAhead<string>();
    const keys = Array.from({ length: 1000 }, (_, i) => String(i));
    ahead.add(trees(keys, 0));
    expect(held(ahead, keys)).toEqual(keys.slice(0, 768));
  });

  it('hold one that is larger, and it alone', () => {
    const ahead = new TreesAhead<string>();
    ahead.add([...trees(['a'], mostBytes + 1), ...trees(['b'], 10)]);
    expect([held(ahead, ['a', 'b']), ahead.bytes]).toEqual([['a'], mostBytes + 1]);
    ahead.add(trees(['c'], 10));
    expect([held(ahead, ['a', 'c']), ahead.bytes]).toEqual([['c'], 10]);
  });

  it('count one that is read again once', () => {
    const ahead = new TreesAhead<string>();
    ahead.add(trees(['a'], 10));
    ahead.add(trees(['a'], 10));
    expect(ahead.bytes).toBe(10);
  });
});
