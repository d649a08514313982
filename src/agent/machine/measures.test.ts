import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { loadAddon } from '../../core/native/load-addon.ts';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import type { Measure } from '../../shared/contract/schemas/machine.ts';
import { Measures } from './measures.ts';

const folder = temporaryFolder('measures');
const none = { presets: [], patterns: [], ignore_case_patterns: [], one_file_system: false };
const inFolder = (...names: string[]): string => join(folder, ...names);
const clock = new FakeClock();
let measures: Measures;

beforeAll(() => {
  mkdirSync(inFolder('docs', 'deep'), { recursive: true });
  mkdirSync(inFolder('docs', 'node_modules'));
  writeFileSync(inFolder('docs', 'a'), 'abc');
  writeFileSync(inFolder('docs', 'deep', 'b'), 'defgh');
  writeFileSync(inFolder('docs', 'node_modules', 'c'), 'x'.repeat(100));
  symlinkSync('.', inFolder('docs', 'deep', 'round'));
});
beforeEach(() => {
  measures = new Measures({ clock, env: {}, addon: loadAddon() });
});
afterEach(() => measures.close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function counted(paths: readonly string[], more: { readonly excludes?: typeof none | { presets: 'build-output'[] }; readonly destination?: string } = {}): Promise<Measure> {
  const { measure_id: id } = measures.start({ paths, destination: more.destination, excludes: { ...none, ...more.excludes } });
  for (;;) {
    const measure = measures.get(id);
    if (measure.state !== 'running') return measure;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it('counts files and bytes without following links, less what is left out', async () => {
  expect(await counted([inFolder('docs')])).toMatchObject({ state: 'done', files: 3, bytes: 108, paths: [{ state: 'counted', type: 'folder', problems: [] }] });
  expect(await counted([inFolder('docs')], { excludes: { presets: ['build-output'] } })).toMatchObject({ files: 2, bytes: 8 });
});

it('counts a path that lies in another one once', async () => {
  const measure = await counted([inFolder('docs', 'deep'), inFolder('docs'), inFolder('docs', 'a')]);
  expect(measure).toMatchObject({ files: 3, bytes: 108 });
  expect(measure.paths.map(({ problems }) => problems.map(({ kind }) => kind))).toEqual([['repeated'], [], ['repeated']]);
});

it('tells what is missing, and goes on', async () => {
  const measure = await counted([inFolder('gone'), inFolder('docs', 'a')]);
  expect(measure.paths).toMatchObject([{ state: 'refused', type: 'missing', problems: [{ kind: 'missing' }] }, { state: 'counted', type: 'file', bytes: 3 }]);
});

it.skipIf(process.platform === 'win32')('tells that a pipe has no content', async () => {
  execFileSync('mkfifo', [inFolder('pipe')]);
  expect((await counted([inFolder('pipe')])).paths).toMatchObject([{ type: 'special', files: 0, problems: [{ kind: 'special' }] }]);
});

it('tells that the destination lies in a path or around it', async () => {
  const kinds = async (path: string, destination: string): Promise<string[]> => (await counted([path], { destination })).paths.flatMap(({ problems }) => problems.map(({ kind }) => kind));
  expect(await kinds(inFolder('docs'), inFolder('docs', 'deep'))).toEqual(['holds_destination']);
  expect(await kinds(inFolder('docs', 'deep'), inFolder('docs'))).toEqual(['inside_destination']);
  expect(await kinds(inFolder('docs'), inFolder('docs-2'))).toEqual([]);
});

it('forgets a count that is cancelled, and one that nobody asks about', async () => {
  const { measure_id: id } = measures.start({ paths: [folder], excludes: none, destination: undefined });
  await measures.cancel(id);
  expect(() => measures.get(id)).toThrow(expect.objectContaining({ code: 'MEASURE_NOT_FOUND' }) as Error);
  const { measure_id: left } = measures.start({ paths: [folder, folder], excludes: none, destination: undefined });
  await clock.advance(61_000);
  await measures.close();
  expect(() => measures.get(left)).toThrow(expect.objectContaining({ code: 'MEASURE_NOT_FOUND' }) as Error);
});
