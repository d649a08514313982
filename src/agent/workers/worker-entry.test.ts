import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { workerEntry } from './worker-entry.ts';

it('finds the worker in the source tree and in the bundle, and nowhere else', () => {
  expect(workerEntry()).toBe(fileURLToPath(new URL('../../worker/main.ts', import.meta.url)));
  const root = temporaryFolder('entry');
  const dist = path.join(root, 'program', 'dist');
  mkdirSync(path.join(dist, 'chunks'), { recursive: true });
  mkdirSync(path.join(root, 'worker'));
  writeFileSync(path.join(root, 'worker', 'main.ts'), '');
  expect(() => workerEntry(path.join(dist, 'cli.js'))).toThrow(/npm run build/);
  writeFileSync(path.join(dist, 'worker.js'), '');
  for (const file of ['cli.js', 'chunks/agent-1.js']) expect(workerEntry(path.join(dist, file))).toBe(path.join(dist, 'worker.js'));
  rmSync(root, { recursive: true });
});
