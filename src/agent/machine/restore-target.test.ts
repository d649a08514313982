import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { lookAtTarget } from './restore-target.ts';

const folder = temporaryFolder('restore-target');

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('tells what a restore would meet', async () => {
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'file'), '');
  const states = await Promise.all(['.', 'empty', 'file', 'file/below', 'new/deep'].map(async (name) => (await lookAtTarget(join(folder, name))).state));
  expect(states).toEqual(['holds_files', 'empty', 'not_a_folder', 'not_a_folder', 'missing']);
  expect(await lookAtTarget(join(folder, 'new', 'deep'))).toMatchObject({ writable: true, free_bytes: expect.any(Number) as number });
});
