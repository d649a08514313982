/**
 * Our command line and server from the source tree, as child processes.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustRun, run, type RunOptions, type RunResult } from './run-program.ts';

/** The launcher. */
export const program = fileURLToPath(new URL('../../bin/cyberbackup', import.meta.url));

export const testPassword = 'correct horse battery staple';

/** The environment of every test program: nothing of the person's own settings leaks in. */
export function testEnvironment(home: string, extra: Record<string, string> = {}): Record<string, string> {
  const kept = Object.fromEntries(Object.entries(process.env).filter(([name, value]) => value !== undefined && !/^(RESTIC|CYBERBACKUP)_/.test(name))) as Record<string, string>;
  return { ...kept, CYBERBACKUP_HOME: path.join(home, 'cyberbackup'), RESTIC_CACHE_DIR: path.join(home, 'restic-cache'), CYBERBACKUP_PASSWORD: testPassword, RESTIC_PASSWORD: testPassword, RESTIC_PROGRESS_FPS: '0.1', TZ: 'UTC', NO_COLOR: '1', ...extra };
}

export const cyberbackup = (args: readonly string[], options: RunOptions = {}): Promise<RunResult> => run(program, args, options);

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
