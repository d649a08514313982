/**
 * The companion server's own interface, asked over one kept-alive connection.
 *
 * Invariant: the administrator's token is sent only on a connection whose other end has proved that it knows the token and
 * has our data folder. Whoever took the port instead, at whatever moment, is told nothing.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import { serverProof, tokenDigest } from '../../core/platform/server-proof.ts';
import { Failure } from '../../shared/errors.ts';

/** The agent's own connection is known by it, and not shown among the server's clients. */
export const agentClientId = 'cyberbackup-agent';

/** `silent`: something listens and does not answer. */
export type Listener = 'ours' | 'stranger' | 'silent' | 'nobody';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly dataFolder: string;
}

const answerMs = 3000;
const longestAnswer = 16 * 1024 * 1024;
const attempts = 2;

class NotProven extends Error {}

export class CompanionClient {
  readonly #options: ClientOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #proven = new WeakSet<Socket>();

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Who listens at the address. */
  async identify(): Promise<Listener> {
    const { token, dataFolder } = this.#options;
    const challenge = randomBytes(32).toString('base64url');
    let socket: Socket | undefined;
    try {
      const { body } = await this.#send('GET', `/health?challenge=${challenge}`, (used) => {
        socket = used;
      });
      const proof = typeof body === 'object' && body !== null && 'proof' in body && typeof body.proof === 'string' ? body.proof : '';
      if (!equal(proof, serverProof(tokenDigest(token), challenge, dataFolder))) {
        this.#agent.destroy();
        return 'stranger';
      }
      if (socket !== undefined) this.#proven.add(socket);
      return 'ours';
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ECONNREFUSED') return 'nobody';
      return code === 'ETIMEDOUT' ? 'silent' : 'stranger';
    }
  }

  /** One request with the administrator's token. Throws `SERVER_NOT_RUNNING` where our server does not answer. */
  async call(method: 'GET' | 'DELETE', path: string): Promise<Answer> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      try {
        return await this.#send(method, path, (socket) => {
          if (!this.#proven.has(socket)) throw new NotProven();
        }, { Authorization: `Bearer ${this.#options.token}` });
      } catch (error) {
        // An old connection that was closed is no reason to give up either.
        if ((await this.identify()) !== 'ours') throw notRunning(error);
      }
    }
    throw notRunning(undefined);
  }

  close(): void {
    this.#agent.destroy();
  }

  /** `onSocket` sees the connection before anything is sent; what it throws keeps the request from being sent. */
  #send(method: string, path: string, onSocket: (socket: Socket) => void, headers: Record<string, string> = {}): Promise<Answer> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest({ agent: this.#agent, host, port, method, path, headers: { ...headers, 'X-Client-Id': agentClientId, 'User-Agent': agentClientId }, timeout: answerMs }, (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (piece: string) => {
          text += piece;
          if (text.length > longestAnswer) incoming.destroy(new Error('the answer is too long'));
        });
        incoming.on('error', reject);
        incoming.on('end', () => {
          try {
            resolve({ status: incoming.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) });
          } catch (error) {
            reject(error as Error);
          }
        });
      });
      outgoing.once('socket', (socket) => {
        try {
          onSocket(socket);
        } catch (error) {
          outgoing.destroy(error as Error);
        }
      });
      outgoing.on('timeout', () => outgoing.destroy(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })));
      outgoing.on('error', reject);
      outgoing.end();
    });
  }
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function notRunning(cause: unknown): Failure {
  return new Failure(
    'SERVER_NOT_RUNNING',
    { what: 'The companion server does not answer', safe: 'What it stored is safe', next: 'It is started again by itself; see the health of the agent for the reason' },
    { cause },
  );
}
