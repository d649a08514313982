import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadPattern } from '../archiver/glob.ts';
import { PatternList } from '../archiver/patterns.ts';
import { foldCase } from './fold-case.ts';
import { PathPatterns } from './path-patterns.ts';

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

function matches(patterns: readonly string[], path: string, ignoreCase = false): boolean {
  const compiled = new PathPatterns(patterns.map(latin1), { ignoreCase, platform: 'posix' });
  let state = compiled.root;
  for (const name of path.split('/').slice(1)) state = compiled.step(state, latin1(name));
  return state.matched;
}

describe('patterns of paths', () => {
  // Each was asked of restic's find.
  it.each<[string, string, boolean]>([
    ['foo', '/s2/foo', true],
    ['foo', '/s2/foo/bar/b.txt', true],
    ['foo', '/s2/food', false],
    ['/s2/foo', '/s2/foo/a.txt', true],
    ['/foo', '/s2/foo', false],
    ['s2/foo/', '/s2/foo', true],
    ['foo/../Baz', '/s2/Baz', true],
    ['!foo', '/s2/foo', true],
    ['!x', '/s2/!x', false],
    ['', '/s2/anything', true],
    ['/', '/s2', true],
    ['foo/**', '/s2/foo', true],
    ['**/b.txt', '/b.txt', true],
    ['a/**/b', '/a/x/y/b', true],
    ['a/**/b', '/a/b', true],
    ['/a/**/b', '/x/a/b', false],
    ['*.txt', '/foo/a.txt', true],
    [String.raw`a\[1\]*`, '/a[1]*.txt', true],
    ['ba?', '/foo/bar', true],
    ['.', '/foo', false],
  ])('%s of %s: %s', (pattern, path, expected) => {
    expect(matches([pattern], path)).toBe(expected);
  });

  it('have the meaning of exclude patterns', () => {
    const name = fc.constantFrom('a', 'b', 'ab', 'ä');
    const part = fc.constantFrom('a', 'b', '*', '?', '**', 'a*', '[ab]', 'ä', 'ab');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 4 })), { minLength: 1, maxLength: 3 }), fc.array(name, { minLength: 1, maxLength: 5 }), (patterns, names) => {
        const texts = patterns.map(([anchored, parts]) => `${anchored ? '/' : ''}${parts.join('/')}`);
        expect(matches(texts, `/${names.join('/')}`)).toBe(new PatternList(texts.map(latin1), 'posix').matches(['/', ...names.map(latin1)]));
      }),
      { seed: 11, numRuns: 1000 },
    );
  });

  it('know where nothing can match any more', () => {
    const patterns = new PathPatterns(['/a/b'], { platform: 'posix' });
    expect(patterns.step(patterns.root, 'x').dead).toBe(true);
    expect(patterns.step(patterns.root, 'a').dead).toBe(false);
    const anywhere = new PathPatterns(['a/b'], { platform: 'posix' });
    // Not begun is the same state at every depth.
    expect(anywhere.step(anywhere.root, 'x')).toBe(anywhere.root);
  });

  it('match by the end of a path alone where that is asked for', () => {
    const itself = (pattern: string, names: readonly string[]): boolean => {
      const patterns = new PathPatterns([pattern], { itself: true, platform: 'posix' });
      return names.reduce((state, name) => patterns.step(state, name), patterns.root).matched;
    };
    expect(itself('foo', ['foo', 'a'])).toBe(false);
    expect(itself('foo', ['a', 'foo'])).toBe(true);
    expect(itself('*', ['a', 'b', 'c'])).toBe(true);
    expect(itself('foo/**', ['foo', 'a', 'b'])).toBe(true);
    expect(itself('/foo', ['a', 'foo'])).toBe(false);
    expect(itself('', ['a', 'b'])).toBe(true);
  });

  it('name the one that can never be used', () => {
    expect(() => new PathPatterns(['ok', 'a/[1'], { platform: 'posix' })).toThrow(new BadPattern('a/[1'));
  });

  it('fold case as Go does', () => {
    expect(matches(['ÄÖ*'], '/äöx', true)).toBe(true);
    expect(matches(['[A-B]AZ'], '/Baz', true)).toBe(true);
    expect(matches(['ÄÖ*'], '/äöx')).toBe(false);
    expect(foldCase(latin1('İΣ'))).toBe(latin1('iσ'));
    expect(foldCase('A\xffÄ')).toBe(`a${latin1('\u{fffd}\u{fffd}')}`);
    expect(foldCase('\xe2\x82')).toBe(latin1('\u{fffd}\u{fffd}'));
    expect(foldCase(`\xff${latin1('Ä')}`)).toBe(latin1('\u{fffd}ä'));
  });
});
