/** A backup server of ours as a process of its own on loopback: it can be killed, stopped for a while, and started again on its port. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashSync } from 'bcryptjs';
import { freePort } from '../../test/support/free-port.ts';
import { eventually } from './world.ts';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

export interface ServerOptions {
  readonly folder: string;
  /** Name and password; without one everybody may do everything. */
  readonly user?: readonly [name: string, password: string];
  readonly tls?: boolean;
}

export class BackupServer {
  readonly port: number;
  readonly #args: readonly string[];
  #process: ChildProcess;
  #gone: Promise<void>;

  private constructor(port: number, args: readonly string[]) {
    this.port = port;
    this.#args = args;
    [this.#process, this.#gone] = started(args);
  }

  static async start({ folder, user, tls = false }: ServerOptions): Promise<BackupServer> {
    const port = await freePort();
    mkdirSync(folder, { recursive: true });
    const users = join(folder, '..', `htpasswd-${port}`);
    if (user !== undefined) writeFileSync(users, `${user[0]}:${hashSync(user[1], 4)}\n`, { mode: 0o600 });
    const server = new BackupServer(port, ['server', '--listen', `127.0.0.1:${port}`, '--data', folder, ...(user === undefined ? ['--no-auth'] : ['--htpasswd-file', users]), ...(tls ? ['--tls'] : [])]);
    await server.#answers();
    return server;
  }

  get address(): string {
    return `${this.#args.includes('--tls') ? 'https' : 'http'}://127.0.0.1:${this.port}/`;
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#gone;
  }

  async startAgain(): Promise<void> {
    [this.#process, this.#gone] = started(this.#args);
    await this.#answers();
  }

  /** Connections are taken and nothing is answered, as by a machine that hangs. Not on Windows. */
  hang(): void {
    this.#process.kill('SIGSTOP');
  }

  wake(): void {
    this.#process.kill('SIGCONT');
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    await this.kill();
  }

  async #answers(): Promise<void> {
    if (this.#args.includes('--tls')) {
      // Its certificate is its own: that it listens is enough.
      const { connect } = await import('node:net');
      await eventually(() => new Promise<boolean>((resolve) => {
        const socket = connect(this.port, '127.0.0.1', () => (socket.destroy(), resolve(true)));
        socket.on('error', () => resolve(false));
      }));
      return;
    }
    await eventually(async () => (await fetch(`${this.address}health`)).ok);
  }
}

function started(args: readonly string[]): [ChildProcess, Promise<void>] {
  const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
  return [child, new Promise((resolve) => void child.once('close', () => resolve()))];
}
