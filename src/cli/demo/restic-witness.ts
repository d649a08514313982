/** Asks the stock restic program, where it is installed, what it thinks of our repository. */
import { spawn } from 'node:child_process';

export interface Verdict {
  /** `restic 0.18.1` */
  readonly program: string;
  readonly clean: boolean;
}

/** `restic check --read-data`; undefined where restic is not installed. The password travels in the environment. */
export async function askRestic(repository: string, password: string, cacheFolder: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Verdict | undefined> {
  const surroundings = { ...env, RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: password, RESTIC_CACHE_DIR: cacheFolder };
  const version = await run(['version'], surroundings, signal);
  if (version === undefined || version.code !== 0) return undefined;
  const checked = await run(['check', '--read-data', '--no-cache'], surroundings, signal);
  if (checked === undefined) return undefined;
  return { program: version.output.split(' ').slice(0, 2).join(' '), clean: checked.code === 0 };
}

/** Undefined where there is no such program. */
function run(args: readonly string[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<{ readonly code: number; readonly output: string } | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn('restic', args, { env, stdio: ['ignore', 'pipe', 'ignore'], signal, windowsHide: true });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(signal.reason instanceof Error ? signal.reason : error);
      else if (error.code === 'ENOENT' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    child.once('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
