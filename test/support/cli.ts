/**
 * The real programs, as child processes: our command line and server from the source tree, and restic.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const program = path.join(projectRoot, 'bin/cyberbackup');

export const testPassword = 'correct horse battery staple';

export interface RunResult {
  /** Exit status; null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Record<string, string>;
  readonly input?: string;
  readonly cwd?: string;
  /** Called with the live process, to signal it. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** The environment of every test program: nothing of the person's own settings leaks in. */
export function testEnvironment(home: string, extra: Record<string, string> = {}): Record<string, string> {
  const kept = Object.fromEntries(Object.entries(process.env).filter(([name, value]) => value !== undefined && !/^(RESTIC|CYBERBACKUP)_/.test(name))) as Record<string, string>;
  return { ...kept, CYBERBACKUP_HOME: path.join(home, 'cyberbackup'), RESTIC_CACHE_DIR: path.join(home, 'restic-cache'), CYBERBACKUP_PASSWORD: testPassword, RESTIC_PASSWORD: testPassword, RESTIC_PROGRESS_FPS: '0.1', TZ: 'UTC', NO_COLOR: '1', ...extra };
}

export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: options.env ?? process.env, cwd: options.cwd, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (stdout += piece));
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece));
    child.stdin.on('error', () => undefined); // the program may end without reading its input
    child.stdin.end(options.input ?? '');
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    options.onStart?.(child);
  });
}

export const cyberbackup = (args: readonly string[], options: RunOptions = {}): Promise<RunResult> => run(program, args, options);

/** Every restic that can judge here: the distribution's, and the newest where `CYBERBACKUP_PEERS` names its folder. */
export function resticPrograms(): { readonly name: string; readonly program: string }[] {
  const peers = process.env['CYBERBACKUP_PEERS'];
  const newest = peers === undefined ? undefined : path.resolve(projectRoot, peers, 'restic');
  return [
    { name: 'restic of the distribution', program: 'restic' },
    ...(newest !== undefined && existsSync(newest) ? [{ name: 'newest restic', program: newest }] : []),
  ];
}

/** Runs and throws with both outputs unless the exit status is 0. */
export async function mustRun(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await run(command, args, options);
  if (result.code !== 0) throw new Error(`${path.basename(command)} ${args.join(' ')} ended with ${result.code}\n${result.stdout}\n${result.stderr}`);
  return result;
}

export const mustCyberbackup = (args: readonly string[], options: RunOptions = {}): Promise<RunResult> => mustRun(program, args, options);

export interface LiveServer {
  readonly url: string;
  readonly pid: number;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Starts our server on loopback and waits for its health route. `port` 0 is not possible: the caller needs a fixed one to restart on. */
export async function startOurServer(data: string, port: number, home: string, extra: readonly string[] = ['--no-auth']): Promise<LiveServer> {
  const child = spawn(program, ['server', '--listen', `127.0.0.1:${port}`, '--data', data, ...extra], { env: testEnvironment(home), stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr += piece));
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended: ${stderr}`);
    try {
      const answer = await fetch(`${url}/health`, { headers: { connection: 'close' } });
      await answer.arrayBuffer();
      break;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // fetch reports a refused connection as a TypeError
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return {
    url,
    pid: child.pid ?? 0,
    kill: async (signal) => {
      child.kill(signal);
      await gone;
    },
  };
}
