/**
 * REST servers of other programs, for the storage suites: restic's rest-server and `rclone serve restic`, where
 * `CYBERBACKUP_PEERS` names a folder that holds them.
 */
import { spawn } from 'node:child_process';
import { freePort } from './free-port.ts';
import { peerProgram } from './restic.ts';

export type ForeignServerName = 'rest-server' | 'rclone';

export interface ForeignServer {
  /** Ends with a slash. */
  readonly url: string;
  close(): Promise<void>;
}

const programs: Readonly<Record<ForeignServerName, readonly string[]>> = {
  'rest-server': ['rest-server', 'restic-rest-server'],
  rclone: ['rclone'],
};

/** Path of the program, or undefined where it is not installed. */
export function foreignServerProgram(name: ForeignServerName): string | undefined {
  return peerProgram(...programs[name]);
}

/** Serves `folder` on loopback without authentication. */
export async function startForeignServer(name: ForeignServerName, program: string, folder: string): Promise<ForeignServer> {
  const address = `127.0.0.1:${await freePort()}`;
  const args = name === 'rclone' ? ['serve', 'restic', '--addr', address, folder] : ['--no-auth', '--listen', address, '--path', folder];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, RCLONE_CONFIG: '/dev/null' } });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (output += piece));
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const url = `http://${address}/`;
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`${name} ended: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    url,
    close: async () => {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}config`, { headers: { connection: 'close' } });
    await answer.arrayBuffer();
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false; // fetch reports a refused connection as a TypeError
    throw error;
  }
}
