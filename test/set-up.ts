/** Before any test: the addon and the program that tests start as processes are those of these sources. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export function setup(): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('../scripts/setup.mjs', import.meta.url)), '--program'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the set-up failed:\n${stdout}${stderr}`);
}
