import { describe, expect, it } from 'vitest';
import { BadPattern, checkGlob, matchGlob } from './glob.ts';

describe('globs on bytes that are not UTF-8', () => {
  const name = '\xe9\xff.txt';
  it.each([
    ['\xe9\xff.txt', true],
    ['??.txt', true],
    ['?.txt', false],
    ['*.txt', true],
    ['[^a][^b].txt', true],
    ['[a-z]*', false],
  ])('%j: %s', (pattern, expected) => {
    expect(matchGlob(pattern, name)).toBe(expected);
  });

  it('takes time in proportion to the name for many stars', () => {
    expect(matchGlob('a*'.repeat(40) + 'b', 'a'.repeat(5000))).toBe(false);
  });

  it('accepts what can match', () => {
    for (const pattern of ['[a-z]', '[\\]]', ']', 'a]', '[a^]']) expect(() => checkGlob(pattern), pattern).not.toThrow();
    expect(() => checkGlob('[-a]')).toThrow(BadPattern);
  });
});
