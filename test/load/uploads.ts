/**
 * Uploads and downloads of objects as a client sends them, and the ledger of what the server acknowledged.
 *
 * Vocabulary: an upload is *acknowledged* when its answer was 200; the *ledger* holds the name (SHA-256) and size of each.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import { noise } from '../support/noise.ts';

export type Ledger = Map<string, number>;

export interface Client {
  readonly port: number;
  readonly agent: Agent;
  readonly ledger: Ledger;
}

/** A client with its own kept-alive connections. */
export function newClient(port: number, connections: number, ledger: Ledger): Client {
  return { port, agent: new Agent({ keepAlive: true, maxSockets: connections }), ledger };
}

const repository = 'load';

export async function createRepository(client: Client): Promise<void> {
  await exchange(client, 'POST', `/${repository}/?create=true`, []);
}

/** Uploads `size` bytes that no other seed makes; milliseconds until the answer. `hold` is awaited in the middle of the body. */
export async function upload(client: Client, size: number, seed: string, hold?: () => Promise<void>): Promise<number> {
  const body = noise(size, seed);
  const name = createHash('sha256').update(body).digest('hex');
  const half = size >> 1;
  const start = performance.now();
  await exchange(client, 'POST', `/${repository}/data/${name}`, hold === undefined ? [body] : [body.subarray(0, half), hold, body.subarray(half)]);
  client.ledger.set(name, size);
  return performance.now() - start;
}

/** Downloads an object and compares it with its name; milliseconds. */
export async function download(client: Client, name: string): Promise<number> {
  const start = performance.now();
  const bytes = await exchange(client, 'GET', `/${repository}/data/${name}`, []);
  const milliseconds = performance.now() - start;
  if (createHash('sha256').update(bytes).digest('hex') !== name) throw new Error(`${name} came back other than it was sent`);
  return milliseconds;
}

type Piece = Buffer | (() => Promise<void>);

async function exchange({ port, agent }: Client, method: string, path: string, pieces: readonly Piece[]): Promise<Buffer> {
  const length = pieces.reduce((sum, piece) => sum + (typeof piece === 'function' ? 0 : piece.length), 0);
  const sent = request({ host: '127.0.0.1', port, method, path, agent, headers: { 'Content-Length': length, 'Content-Type': 'application/octet-stream' } });
  const answered = once(sent, 'response');
  // Awaited below; a connection that breaks in the middle of the body must not count as unheard until then.
  answered.catch(() => undefined);
  for (const piece of pieces) {
    if (typeof piece === 'function') await piece();
    else if (!sent.write(piece) && !sent.destroyed) await Promise.race([once(sent, 'drain'), answered]);
  }
  sent.end();
  const [answer] = (await answered) as [IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${answer.statusCode}`);
  return Buffer.concat(parts);
}
