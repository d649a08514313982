/** The restic programs that judge: that of the distribution, and the newest where `CYBERBACKUP_PEERS` names its folder. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const resticPassword = 'judge';

export interface ResticProgram {
  readonly name: string;
  readonly program: string;
}

/** A program in the folder of peers; undefined where there is no such folder or program. */
export function peerProgram(...names: readonly string[]): string | undefined {
  const peers = process.env['CYBERBACKUP_PEERS'];
  if (peers === undefined) return undefined;
  const projectRoot = fileURLToPath(new URL('../..', import.meta.url));
  return names.map((name) => path.resolve(projectRoot, peers, name)).find((file) => existsSync(file));
}

/** The older one first. That of the distribution is always named: `npm test` sees to it that it is there. */
export function resticPrograms(): readonly ResticProgram[] {
  const newest = peerProgram('restic');
  return [{ name: 'restic of the distribution', program: 'restic' }, ...(newest === undefined ? [] : [{ name: 'newest restic', program: newest }])];
}

export function newestRestic(): string {
  return peerProgram('restic') ?? 'restic';
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

/** Whether there is a restic whose answers ours are held against; the distribution's is years older and says other words. */
export const hasNewestRestic = newestRestic() !== 'restic';
