import { describe, expect, it } from 'vitest';
import { parseSize } from './parse-size.ts';

describe('sizes on the command line', () => {
  it.each([
    ['0', 0],
    ['100', 100],
    ['1k', 1024],
    ['1.5M', 1_572_864],
    ['2GiB', 2_147_483_648],
    ['3 TB', 3_298_534_883_328],
    ['7b', 7],
  ])('%s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '-1', 'M', '1X', '1e3', '9999999T'])('refuses %j', (text) => {
    expect(() => parseSize(text)).toThrow(/A size such as/);
  });
});
