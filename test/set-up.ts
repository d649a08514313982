/** Before any test: a folder for what test files share; the addon and the program that tests start as processes are those of these sources. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './support/temporary-folder.ts';

/** Returns what runs after the last test. */
export function setup(): () => void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('../scripts/setup.mjs', import.meta.url)), '--program'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the set-up failed:\n${stdout}${stderr}`);
  // What several test files need and is dear to make; they are processes of their own, and inherit the variable.
  const cache = temporaryFolder('tests');
  process.env['CYBERBACKUP_TEST_CACHE'] = cache;
  return () => rmSync(cache, { recursive: true, force: true });
}
