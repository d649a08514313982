/**
 * The restic programs that judge: the newest one in the folder `CYBERBACKUP_PEERS` and the one on PATH.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

export const resticPassword = 'judge';

/** At least one, or an error that says where to get it. */
export function resticPrograms(): string[] {
  const found: string[] = [];
  const peers = process.env['CYBERBACKUP_PEERS'];
  if (peers !== undefined && existsSync(path.join(peers, 'restic'))) found.push(path.join(peers, 'restic'));
  if (spawnSync('restic', ['version'], { stdio: 'ignore' }).status === 0) found.push('restic');
  if (found.length === 0) throw new Error('these tests need restic: install the package restic, or set CYBERBACKUP_PEERS');
  return found;
}

function environment(repository: string, password: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: path.dirname(repository), TZ: 'UTC', RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: password, RESTIC_CACHE_DIR: `${repository}-cache` };
}

/** Standard output; throws with standard error where restic fails. */
export function restic(program: string, repository: string, args: readonly string[], options: { readonly cwd?: string; readonly password?: string } = {}): string {
  return execFileSync(program, ['--no-cache', ...args], { env: environment(repository, options.password ?? resticPassword), cwd: options.cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 });
}

/** True for exit status 0. */
export function resticApproves(program: string, repository: string, password: string): boolean {
  return spawnSync(program, ['--no-cache', '--no-lock', 'check', '--read-data'], { env: environment(repository, password), stdio: 'ignore' }).status === 0;
}
