/**
 * Patterns against restic itself: the same patterns on the same generated folder must leave out the same files.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { componentsOf } from '../../src/core/archiver/byte-path.ts';
import { loadExcludes } from '../../src/core/archiver/excludes.ts';
import { Place } from '../../src/core/archiver/testing/place.ts';

const files = [
  'readme.txt',
  'README.TXT',
  'a/x.tmp',
  'a/y.txt',
  'a/b/x.tmp',
  'a/b/c/deep.txt',
  'a/b/c/x.tmp',
  'cache/one',
  'cache/two/three',
  'src/cache/keep',
  'src/node_modules/m/index.js',
  'src/main.js',
  'src/main.test.js',
  'über/straße.txt',
  'ÜBER2/x',
  'z*star/q',
  'z1star/q',
  '[brackets]/f',
  'with space/f g',
  'back\\slash',
  '.hidden/f',
  'aa/aa/aa/aa',
  'foo/bar/baz/qux',
];

const cases: readonly (readonly string[])[] = [
  ['*.tmp'],
  ['x.tmp'],
  ['cache'],
  ['@/cache'],
  ['/cache'],
  ['a/b'],
  ['@/a/*/c'],
  ['@/**/x.tmp'],
  ['**/c/**'],
  ['**/*.js'],
  ['src/**/index.js'],
  ['@/src/**'],
  ['foo/**/qux'],
  ['foo/**/**/qux'],
  ['**'],
  ['*'],
  ['?eadme.txt'],
  ['[rR]*'],
  ['[^r]*.txt'],
  ['README.TXT'],
  ['main.*.js'],
  ['über'],
  ['?ber'],
  ['stra?e.txt'],
  ['[ü]ber'],
  ['z\\*star'],
  ['z*star'],
  ['\\[brackets\\]'],
  ['[[]brackets]'],
  ['with space'],
  ['f g'],
  ['back\\\\slash'],
  ['.*'],
  ['aa/aa'],
  ['@/aa/aa/aa'],
  ['*.txt', '!readme.txt'],
  ['*.txt', '!@/a/**'],
  ['!readme.txt', '*.txt'],
  ['*.tmp', '!a/b/x.tmp'],
  ['@/src/*', '!@/src/main.js'],
  ['@/src', '!@/src/main.js'],
  ['*.js', '!main.js', 'main.js'],
  ['cache/'],
  ['@//cache/./two/'],
  ['./cache'],
  ['two/three', 'y.*'],
  ['@'],
  ['/'],
];

const insensitiveCases: readonly (readonly string[])[] = [['readme.txt'], ['README.*'], ['ÜBER*'], ['STRASSE.txt', 'STRAßE.TXT'], ['*.TMP', '!A/X.TMP'], ['@/CACHE']];

let place: Place;
let source: string;

beforeAll(async () => {
  place = new Place();
  await place.open();
  source = path.join(place.root, 'Source');
  for (const file of files) {
    mkdirSync(path.join(source, path.dirname(file)), { recursive: true });
    writeFileSync(path.join(source, file), file);
  }
});

afterAll(() => place.close());

/** Everything that restic would save, below the source folder. */
async function savedByRestic(options: readonly string[]): Promise<string[]> {
  const { code, stdout } = await place.restic('restic', ['backup', '--dry-run', '-vv', '--json', '--force', ...options, source]);
  if (code !== 0) throw new Error(`restic ends with ${code}`);
  const items = stdout.split('\n').filter((line) => line.includes('verbose_status')).map((line) => (JSON.parse(line) as { action: string; item: string }).item);
  return items.map((item) => item.replace(/\/$/, '')).filter((item) => item.startsWith(`${source}/`)).map((item) => item.slice(source.length + 1)).sort();
}

async function savedByUs(patterns: readonly string[], insensitive: readonly string[]): Promise<string[]> {
  const excludes = await loadExcludes({ patterns, insensitivePatterns: insensitive }, {}, 'posix');
  const out = (file: string): boolean => excludes.excludesName(componentsOf(Buffer.from(file).toString('latin1')));
  const all = new Set(files.flatMap((file) => file.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/'))));
  if (out(source)) return [];
  const isLeftOut = (item: string): boolean => item.split('/').some((_, i, parts) => out(`${source}/${parts.slice(0, i + 1).join('/')}`));
  return [...all].filter((item) => !isLeftOut(item)).sort();
}

const inSource = (patterns: readonly string[]): string[] => patterns.map((pattern) => pattern.replace('@', source));

describe('patterns leave out what restic leaves out', () => {
  it.each(cases.map((patterns) => [patterns.join(' '), patterns] as const))('%s', async (_, patterns) => {
    const ours = await savedByUs(inSource(patterns), []);
    expect(ours).toEqual(await savedByRestic(inSource(patterns).map((pattern) => `--exclude=${pattern}`)));
  });

  it.each(insensitiveCases.map((patterns) => [patterns.join(' '), patterns] as const))('without case: %s', async (_, patterns) => {
    const ours = await savedByUs([], inSource(patterns));
    expect(ours).toEqual(await savedByRestic(inSource(patterns).map((pattern) => `--iexclude=${pattern}`)));
  });

  it('takes files of patterns with comments, blank lines and variables', async () => {
    const file = path.join(place.root, 'patterns');
    writeFileSync(file, '# all of it\n\n  *.tmp  \r\n$PLACE/cache\n${KIND}.txt\n$NOTHING\nprice$\n');
    const variables = { PLACE: source, KIND: 'read*' };
    const excludes = await loadExcludes({ patternFiles: [file] }, variables, 'posix');
    const left = files.filter((item) => !item.split('/').some((_, i, parts) => excludes.excludesName(componentsOf(`${source}/${parts.slice(0, i + 1).join('/')}`))));
    Object.assign(process.env, variables);
    const theirs = await savedByRestic(['--exclude-file', file]);
    for (const name of Object.keys(variables)) delete process.env[name];
    expect(left.toSorted()).toEqual(theirs.filter((item) => files.includes(item)));
  });

  it.each(['[', 'a[', 'a/[b', '[a-', '[]', 'x\\', '[^]', '!['])('refuses the pattern %s, as restic does', async (pattern) => {
    await expect(loadExcludes({ patterns: [pattern] }, {}, 'posix')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(savedByRestic([`--exclude=${pattern}`])).rejects.toThrow();
  });
});
