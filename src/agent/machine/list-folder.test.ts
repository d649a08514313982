import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { listFolder } from './list-folder.ts';

const folder = temporaryFolder('list-folder');
const whole = { path: folder, hidden: false, offset: 0, limit: 100 };

beforeAll(() => {
  for (const name of ['b10', 'b9', '.hidden']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'a.txt'), 'four');
  symlinkSync('b9', join(folder, 'to-folder'));
  symlinkSync('..', join(folder, 'b9', 'up'));
  symlinkSync('nowhere', join(folder, 'b9', 'broken'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('lists folders first, by name with numbers as numbers, hidden ones on request', async () => {
  const { entries, total, parent } = await listFolder(whole);
  expect(entries.map(({ name, type }) => [name, type])).toEqual([['b9', 'folder'], ['b10', 'folder'], ['a.txt', 'file'], ['to-folder', 'link']]);
  expect(entries[2]).toMatchObject({ path: join(folder, 'a.txt'), size: 4, opens: false });
  expect(total).toBe(4);
  expect(parent).toBe(join(folder, '..'));
  expect((await listFolder({ ...whole, hidden: true })).entries.map(({ name }) => name)).toContain('.hidden');
});

it('gives a page, and the number of all', async () => {
  const { entries, total } = await listFolder({ ...whole, offset: 1, limit: 1 });
  expect([entries.map(({ name }) => name), total]).toEqual([['b10'], 4]);
});

it('opens links to folders, but none that lead back or nowhere', async () => {
  expect((await listFolder(whole)).entries.at(-1)).toMatchObject({ name: 'to-folder', opens: true });
  expect((await listFolder({ ...whole, path: join(folder, 'b9') })).entries.map(({ name, opens }) => [name, opens])).toEqual([['broken', false], ['up', false]]);
});

it.skipIf(process.platform !== 'linux')('shows names that are no UTF-8, which cannot be chosen', async () => {
  const odd = join(folder, 'odd');
  mkdirSync(odd);
  mkdirSync(Buffer.concat([Buffer.from(`${odd}/x`), Buffer.from([0xff])]));
  expect((await listFolder({ ...whole, path: odd })).entries).toMatchObject([{ name: 'x\uFFFD', path: null, type: 'folder', opens: false }]);
});

it('refuses what is missing and what is no folder', async () => {
  await expect(listFolder({ ...whole, path: join(folder, 'missing') })).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
  await expect(listFolder({ ...whole, path: join(folder, 'a.txt') })).rejects.toMatchObject({ code: 'INVALID_INPUT', path: 'path' });
});

it('gives the root no parent', async () => {
  expect((await listFolder({ ...whole, path: '/', limit: 1 })).parent).toBeNull();
});
