/**
 * A small REST server for tests: correct, in memory, and made to fail by a script.
 *
 * Vocabulary: a *fault* is what goes wrong with one request. The script is asked once for each request, in order of
 * arrival; without a fault the request is served as the protocol says (rest-protocol.md).
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listVersion2 } from '../rest-list.ts';

export type Fault =
  /** Answers at once, without looking at the request. */
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Breaks the connection after this many bytes of the request's body. */
  | { readonly kind: 'drop-request'; readonly after: number }
  /** Does what was asked, then breaks the connection instead of answering. */
  | { readonly kind: 'lose-answer' }
  /** Breaks the connection after this many bytes of the answer's body. */
  | { readonly kind: 'drop-answer'; readonly after: number }
  /** Neither reads nor answers. */
  | { readonly kind: 'stall-request' }
  /** Sends this many bytes of the answer's body, then nothing more. */
  | { readonly kind: 'stall-answer'; readonly after: number }
  /** Serves, with another body of the same status. */
  | { readonly kind: 'replace-answer'; readonly change: (body: Buffer) => Buffer; readonly headers?: Readonly<Record<string, string>> };

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

export interface FaultyServer {
  readonly url: URL;
  readonly port: number;
  readonly objects: Map<string, Buffer>;
  /** Every request that came in, in order. */
  readonly seen: SeenRequest[];
  script: (request: SeenRequest) => Fault | undefined;
  /** Version 1 lists, as old servers send them. */
  listVersion1: boolean;
  /** Breaks every open connection now. */
  breakConnections(): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer;
}

const objectPath = /^\/(keys|locks|snapshots|index|data)\/([0-9a-f]{64})$/;
const listPath = /^\/(keys|locks|snapshots|index|data)\/$/;

export async function startFaultyServer(): Promise<FaultyServer> {
  const objects = new Map<string, Buffer>();
  const seen: SeenRequest[] = [];
  const server = createServer({ requestTimeout: 0 });
  const running: Omit<FaultyServer, 'url' | 'port' | 'close' | 'breakConnections'> = { objects, seen, script: () => undefined, listVersion1: false };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const one: SeenRequest = { method: request.method ?? '', url: request.url ?? '', headers: request.headers };
    seen.push(one);
    // A connection that the test breaks is no error of the server.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    void handle(request, response, one, running);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(running, {
    url: new URL(`http://127.0.0.1:${port}/`),
    port,
    breakConnections: () => server.closeAllConnections(),
    close: () => closeServer(server),
  });
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

async function handle(request: IncomingMessage, response: ServerResponse, seen: SeenRequest, server: Pick<FaultyServer, 'objects' | 'script' | 'listVersion1'>): Promise<void> {
  const fault = server.script(seen);
  // The request forgets its socket once it is destroyed.
  const { socket } = request;
  if (fault?.kind === 'stall-request') {
    request.pause();
    return;
  }
  if (fault?.kind === 'status') {
    request.resume();
    response.writeHead(fault.status, { 'Content-Length': '0', ...fault.headers }).end();
    return;
  }
  const body = await received(request, fault?.kind === 'drop-request' ? fault.after : Infinity);
  if (body === undefined) {
    socket.destroy();
    return;
  }
  const answer = answerTo(seen, body, server);
  if (fault?.kind === 'lose-answer') {
    socket.destroy();
    return;
  }
  const full = answer.body ?? Buffer.alloc(0);
  const sent = fault?.kind === 'replace-answer' ? fault.change(full) : full;
  const length = seen.method === 'HEAD' ? {} : { 'Content-Length': String(sent.length) };
  response.writeHead(answer.status, { ...length, ...answer.headers, ...(fault?.kind === 'replace-answer' ? fault.headers : {}) });
  if (fault?.kind === 'drop-answer' || fault?.kind === 'stall-answer') {
    response.write(sent.subarray(0, fault.after), () => {
      if (fault.kind === 'drop-answer') socket.destroy();
    });
    return;
  }
  response.end(sent);
}

/** The whole body; undefined where it broke off, or reached `limit`. */
async function received(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  if (limit <= 0) return undefined;
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
      if (size >= limit) return undefined;
    }
  } catch {
    return undefined;
  }
  return request.complete ? Buffer.concat(pieces) : undefined;
}

function answerTo(request: SeenRequest, body: Buffer, { objects, listVersion1 }: Pick<FaultyServer, 'objects' | 'listVersion1'>): Answer {
  const { method, url } = request;
  if (url === '/?create=true' && method === 'POST') return { status: 200 };
  const list = listPath.exec(url);
  if (list !== null) {
    const prefix = `/${list[1]}/`;
    const entries = [...objects].filter(([path]) => path.startsWith(prefix)).map(([path, bytes]) => ({ name: path.slice(prefix.length), size: bytes.length }));
    if (listVersion1) return json('application/vnd.x.restic.rest.v1', entries.map((entry) => entry.name));
    return json(listVersion2, entries);
  }
  const object = objectPath.exec(url);
  if (object === null && url !== '/config') return { status: 404 };
  const existing = objects.get(url);
  if (method === 'DELETE') {
    objects.delete(url);
    return { status: 200 };
  }
  if (method === 'POST') {
    const right = object === null ? existing?.equals(body) === true : createHash('sha256').update(body).digest('hex') === object[2];
    if (existing !== undefined) return { status: right && object !== null ? 200 : 403 };
    if (!right && object !== null) return { status: 400 };
    objects.set(url, body);
    return { status: 200 };
  }
  if (existing === undefined) return { status: 404 };
  if (method === 'HEAD') return { status: 200, headers: { 'Content-Length': String(existing.length) } };
  return part(existing, request.headers.range);
}

function json(type: string, value: unknown): Answer {
  return { status: 200, headers: { 'Content-Type': type }, body: Buffer.from(JSON.stringify(value)) };
}

function part(bytes: Buffer, range: string | undefined): Answer {
  const match = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  if (match === null) return { status: 200, body: bytes };
  const first = Number(match[1]);
  if (first >= bytes.length) return { status: 416, headers: { 'Content-Range': `bytes */${bytes.length}` } };
  const last = match[2] === '' ? bytes.length - 1 : Math.min(Number(match[2]), bytes.length - 1);
  return { status: 206, headers: { 'Content-Range': `bytes ${first}-${last}/${bytes.length}` }, body: bytes.subarray(first, last + 1) };
}
