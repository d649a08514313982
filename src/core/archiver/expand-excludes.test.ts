import { describe, expect, it } from 'vitest';
import { excludes as excludesSchema } from '../../shared/contract/schemas/plan.ts';
import { checkExcludePatterns, expandExcludes } from './expand-excludes.ts';
import { loadExcludes } from './excludes.ts';

async function leavesOut(excludes: object, path: string): Promise<boolean> {
  const loaded = await loadExcludes(expandExcludes(excludesSchema.parse(excludes)).excludes, {}, 'posix');
  return loaded.excludesName(['/', ...path.split('/').slice(1)]);
}

describe('presets of excludes', () => {
  it.each([
    ['caches', '/home/anna/.cache/x'],
    ['caches', '/Users/anna/Library/Caches/x'],
    ['caches', '/home/anna/.mozilla/firefox/abc.default/cache2/entries'],
    ['caches', '/c/Users/anna/appdata/local/temp/x'],
    ['build-output', '/home/anna/work/node_modules/left-pad'],
    ['build-output', '/home/anna/work/target/release/tool'],
    ['build-output', '/home/anna/work/a.o'],
    ['build-output', '/home/anna/work/Bin/debug/a.dll'],
    ['trash', '/home/anna/.local/share/Trash/files/x'],
    ['trash', '/media/drive/.Trash-1000/files/x'],
    ['trash', '/c/$RECYCLE.BIN/x'],
  ])('%s leave out %s, and nothing is left out without them', async (preset, path) => {
    expect(await leavesOut({ presets: [preset] }, path)).toBe(true);
    expect(await leavesOut({}, path)).toBe(false);
  });

  it.each(['/home/anna/build/house.dwg', '/home/anna/out/letter.txt', '/home/anna/dist/x', '/home/anna/bin/tool', '/home/anna/target/goal.txt', '/home/anna/cache/x', '/home/anna/Trash metal/song.mp3'])('keep %s', async (path) => {
    expect(await leavesOut({ presets: ['caches', 'build-output', 'trash'] }, path)).toBe(false);
  });

  it("give way to a person's own pattern", async () => {
    expect(await leavesOut({ presets: ['build-output'], patterns: ['!node_modules'] }, '/w/node_modules')).toBe(false);
  });

  it('carry the rest along', () => {
    const all = { presets: ['caches', 'caches'], patterns: ['a'], ignore_case_patterns: ['b'], larger_than: 7, one_file_system: true };
    const { excludes, oneFileSystem } = expandExcludes(excludesSchema.parse(all));
    expect(oneFileSystem).toBe(true);
    expect(excludes).toMatchObject({ caches: true, largerThan: 7 });
    expect(excludes.patterns?.filter((pattern) => pattern === '.cache')).toHaveLength(1);
    expect(excludes.patterns?.at(-1)).toBe('a');
    expect(excludes.insensitivePatterns?.at(-1)).toBe('b');
    expect(expandExcludes(excludesSchema.parse({ presets: ['trash'] })).excludes.caches).toBe(false);
  });
});

describe('patterns of a request', () => {
  it('are refused with their place where they can never be used', () => {
    expect(() => checkExcludePatterns(excludesSchema.parse({ patterns: ['*.tmp', 'a/[b'] }))).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', path: 'excludes.patterns.1' }) as Error);
    expect(() => checkExcludePatterns(excludesSchema.parse({ ignore_case_patterns: ['x\\'] }))).toThrow(expect.objectContaining({ path: 'excludes.ignore_case_patterns.0' }) as Error);
    checkExcludePatterns(excludesSchema.parse({ patterns: ['!keep', '**/[a-z]?', '/ü/*'] }));
  });
});
