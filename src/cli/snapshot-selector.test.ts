import { describe, expect, it } from 'vitest';
import { absoluteInSnapshot, parseSelector } from './snapshot-selector.ts';

describe('SNAPSHOT[:PATH]', () => {
  it('splits at the first colon', () => {
    expect(parseSelector('latest')).toEqual({ snapshot: 'latest' });
    expect(parseSelector('4f2a:/a/b:c/')).toEqual({ snapshot: '4f2a', path: Buffer.from('/a/b:c') });
    expect(parseSelector('latest:')).toEqual({ snapshot: 'latest', path: Buffer.from('/') });
  });

  it.each(['', 'newest', '../x', 'g1'])('refuses %j', (text) => {
    expect(() => parseSelector(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  it('makes paths absolute and refuses to climb', () => {
    expect(absoluteInSnapshot(Buffer.from('a//b/./c/')).toString()).toBe('/a/b/c');
    expect(absoluteInSnapshot(Buffer.from([0x61, 0xff]))).toEqual(Buffer.from([0x2f, 0x61, 0xff]));
    expect(() => absoluteInSnapshot(Buffer.from('/a/../b'))).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});
