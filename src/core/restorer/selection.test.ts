import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Selection } from './selection.ts';

const of = (selection: Selection, path: string, isFolder = false): string => {
  const { chosen, childrenMay } = selection.of(Buffer.from(path), isFolder);
  return chosen ? 'chosen' : childrenMay ? 'passage' : 'no';
};

describe('Selection', () => {
  it('takes everything without patterns', () => {
    const selection = new Selection([], []);
    expect([of(selection, '/a', true), of(selection, '/a/b')]).toEqual(['chosen', 'chosen']);
    expect(selection.isEverything).toBe(true);
  });

  it('leads to an anchored include and takes what is below it', () => {
    const selection = new Selection(['/a/b*/c'], [], 'posix');
    expect(['/a', '/x', '/a/bird', '/a/x', '/a/bird/c', '/a/bird/d'].map((path) => of(selection, path, true))).toEqual(['passage', 'no', 'passage', 'no', 'chosen', 'no']);
    expect(of(selection, '/a/bird/c/deep/file')).toBe('chosen');
  });

  it.each([['*.txt'], ['b/c.txt'], ['**/c.txt']])('looks everywhere for %s', (pattern) => {
    const selection = new Selection([pattern], [], 'posix');
    expect([of(selection, '/a', true), of(selection, '/a/b', true), of(selection, '/a/b/c.txt'), of(selection, '/a/b/d')]).toEqual(['passage', 'passage', 'chosen', 'no']);
  });

  it('looks everywhere below the part before **', () => {
    const selection = new Selection(['/a/**/c'], [], 'posix');
    expect(['/a', '/b', '/a/x', '/a/x/y', '/a/x/c'].map((path) => of(selection, path, true))).toEqual(['passage', 'no', 'passage', 'passage', 'chosen']);
  });

  it('takes excludes away, with what is below, also from includes', () => {
    const selection = new Selection(['/a'], ['*.o', '/a/tmp'], 'posix');
    expect(['/a', '/a/x.o', '/a/tmp', '/a/tmp/x', '/a/x.c', '/b'].map((path) => of(selection, path, true))).toEqual(['chosen', 'no', 'no', 'no', 'chosen', 'no']);
  });

  it('matches bytes that are not UTF-8', () => {
    const selection = new Selection(['/a*'], [], 'posix');
    expect(selection.of(Buffer.from([0x2f, 0x61, 0xff]), false).chosen).toBe(true);
  });

  it('refuses a pattern that can never match', () => {
    expect(() => new Selection(['[a'], [])).toThrow(/pattern/);
  });

  it('leads to everything that it chooses', () => {
    const component = fc.constantFrom('a', 'b', 'ab', '*', 'a*', '**', '?');
    const name = fc.constantFrom('a', 'b', 'ab', 'c');
    fc.assert(
      fc.property(fc.array(component, { minLength: 1, maxLength: 4 }), fc.boolean(), fc.array(name, { minLength: 1, maxLength: 5 }), (parts, anchored, names) => {
        const selection = new Selection([(anchored ? '/' : '') + parts.join('/')], [], 'posix');
        const path = `/${names.join('/')}`;
        if (of(selection, path) !== 'chosen') return;
        for (let depth = 1; depth < names.length; depth += 1) expect(of(selection, `/${names.slice(0, depth).join('/')}`, true)).not.toBe('no');
      }),
      { seed: 11, numRuns: 500 },
    );
  });
});
