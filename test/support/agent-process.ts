/**
 * A running agent as another program sees it: `bin/cyberbackup agent` as a process, its API over HTTP with the token from its
 * home folder, its events over Socket.IO. Nothing here uses the program's own client.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import type { Job } from '../../src/shared/contract/schemas/job.ts';
import { testEnvironment } from './cli.ts';
import { freePort } from './free-port.ts';

const program = fileURLToPath(new URL('../../bin/cyberbackup', import.meta.url));

export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

export interface AgentOptions {
  readonly port?: number;
  readonly env?: Record<string, string>;
  readonly extra?: readonly string[];
}

export class AgentProcess {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  readonly #stderr: () => string;

  private constructor(url: string, token: string, pid: number, ended: Promise<number | null>, stderr: () => string) {
    this.url = url;
    this.token = token;
    this.pid = pid;
    this.ended = ended;
    this.#stderr = stderr;
  }

  /** `home`: as `testEnvironment` takes it. Resolves when the agent answers. */
  static async start(home: string, options: AgentOptions = {}): Promise<AgentProcess> {
    const port = options.port ?? (await freePort());
    const env = testEnvironment(home, options.env);
    const child = spawn(program, ['agent', '--listen', `127.0.0.1:${port}`, '--json', ...(options.extra ?? [])], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr = (stderr + piece).slice(-1_000_000)));
    const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
    const url = `http://127.0.0.1:${port}`;
    while (!(await answers(`${url}/health`))) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the agent ended: ${stderr}`);
      await sleep(25);
    }
    const token = readFileSync(path.join(home, 'cyberbackup', 'api-token'), 'utf8').trim();
    return new AgentProcess(url, token, child.pid ?? 0, ended, () => stderr);
  }

  get stderr(): string {
    return this.#stderr();
  }

  async call<Body = Record<string, unknown>>(method: string, route: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<Body>> {
    const answer = await fetch(`${this.url}${route}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, connection: 'close', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: (text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : { text }) as Body };
  }

  /** Throws unless the answer is 2xx. */
  async must<Body = Record<string, unknown>>(method: string, route: string, body?: unknown): Promise<Body> {
    const answer = await this.call<Body>(method, route, body);
    if (answer.status >= 300) throw new Error(`${method} ${route}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async startBackup(paths: readonly string[], more: Record<string, unknown> = {}): Promise<string> {
    return (await this.must<{ job_id: string }>('POST', '/api/start_backup', { paths, ...more })).job_id;
  }

  job(id: string): Promise<Job> {
    return this.must<Job>('GET', `/api/jobs/${id}`);
  }

  /** Asks until the job is as wanted. */
  async until(id: string, wanted: (job: Job) => boolean): Promise<Job> {
    for (;;) {
      const job = await this.job(id);
      if (wanted(job)) return job;
      if (job.state === 'done') throw new Error(`the job ended: ${JSON.stringify(job)}`);
      await sleep(20);
    }
  }

  /** Waits until the job is over. */
  async over(id: string): Promise<Job> {
    return this.until(id, ({ state }) => state === 'done');
  }

  /** A Socket.IO connection that keeps every event with its name. The caller disconnects it. */
  async listen(): Promise<{ readonly socket: Socket; readonly events: { readonly name: string; readonly payload: Record<string, unknown> }[] }> {
    const socket = io(this.url, { auth: { token: this.token }, transports: ['websocket'], reconnection: false });
    const events: { name: string; payload: Record<string, unknown> }[] = [];
    socket.onAny((name: string, payload: Record<string, unknown>) => void events.push({ name, payload }));
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('connect_error', reject);
    });
    return { socket, events };
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    try {
      process.kill(this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it is gone already
    }
    return this.ended;
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { headers: { connection: 'close' } });
    await answer.arrayBuffer();
    return answer.ok;
  } catch (error) {
    if (error instanceof TypeError) return false; // so fetch reports a refused connection
    throw error;
  }
}
