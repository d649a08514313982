import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { AdminToken } from './admin-token.ts';

let folder: string;
beforeEach(async () => {
  folder = temporaryFolder('token');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('is made once, for its owner only, and is the same at the next start', async () => {
  const path = join(folder, 'token');
  const made = await AdminToken.open(path);
  const token = (await readFile(path, 'utf8')).trim();
  expect(token).toMatch(/^[\w-]{43}$/);
  if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
  for (const opened of [made, await AdminToken.open(path)]) {
    expect(opened.matches(`Bearer ${token}`)).toBe(true);
    for (const wrong of [undefined, '', token, `Bearer ${token}x`, 'Bearer ', `Basic ${token}`, `Bearer ${token} ${token}`]) expect(opened.matches(wrong)).toBe(false);
  }
});

it('is nobody’s without a file', async () => {
  const none = await AdminToken.open(undefined);
  expect([none.exists, none.matches('Bearer undefined'), none.matches('Bearer x')]).toEqual([false, false, false]);
});

it.each(['', 'short', 'two words of enough length'])('refuses %j', async (content) => {
  await writeFile(join(folder, 'token'), content);
  await expect(AdminToken.open(join(folder, 'token'))).rejects.toMatchObject({ code: 'CONFIGURATION' });
});

it('says when the file cannot be used, without showing it', async () => {
  await expect(AdminToken.open(join(folder, 'absent', 'token'))).rejects.toMatchObject({ code: 'CONFIGURATION', message: expect.stringContaining('ENOENT') as string });
});
