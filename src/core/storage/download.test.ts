/** Downloads against a server that speaks raw bytes. */
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadAddon } from '../native/load-addon.ts';
import { systemClock } from '../platform/clock.ts';
import type { Receivers } from './body-receiver.ts';
import { parseDownloadHead } from './download-head.ts';
import type { ObjectHandle } from './object-store.ts';
import { RestStore } from './rest-store.ts';
import { kindOf, nameOf, sampleBytes } from './testing/samples.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const bytes = sampleBytes(300_000, 1);
const handle: ObjectHandle = { type: 'data', name: nameOf(bytes) };

let receivers: Receivers = {};

/** `answer` is called with each request on each connection; both are counted from 0. */
async function serve(answer: (socket: Socket, request: number, connection: number) => void): Promise<{ store: RestStore; connections: () => number; requests: string[] }> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  let connections = 0;
  const server: Server = createServer((socket) => {
    const connection = connections++;
    let count = 0;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (text) => {
      requests.push(text.toString());
      answer(socket, count++, connection);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const store = new RestStore(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`), { clock: systemClock, connections: 2, username: 'u', password: 'p', receivers });
  closing.push(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
    () => store.close(),
  );
  return { store, connections: () => connections, requests };
}

const whole = (body: Buffer, head = ''): Buffer => Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${head}\r\n`), body]);

/** Writes in pieces of these sizes, each a packet of its own. */
async function inPieces(socket: Socket, data: Buffer, sizes: readonly number[]): Promise<void> {
  let at = 0;
  for (const size of sizes) {
    if (at >= data.length) break;
    await new Promise((resolve) => socket.write(data.subarray(at, at + size), resolve));
    await systemClock.sleep(1);
    at += size;
  }
  socket.write(data.subarray(at));
}

describe.each<[string, Receivers]>([
  ['libuv', {}],
  ['the addon', loadAddon()],
])('downloads received by %s', (_receiver, used) => {
  beforeEach(() => {
    receivers = used;
  });

  it('send one request a time, and use the connection again', async () => {
    const { store, connections, requests } = await serve((socket) => socket.write(whole(bytes)));
    for (let turn = 0; turn < 5; turn++) expect((await store.get(handle)).equals(bytes)).toBe(true);
    expect(connections()).toBe(1);
    expect(requests[0]).toBe(
      `GET /base/data/${handle.name} HTTP/1.1\r\nHost: ${store.location.slice('rest:http://'.length, -'/base/'.length)}\r\nUser-Agent: cyberbackup\r\n` +
        `Authorization: Basic dTpw\r\nAccept: application/vnd.x.restic.rest.v2\r\n\r\n`,
    );
  });

  it('do not depend on how the answer is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 12 }), async (sizes) => {
        const { store } = await serve((socket) => void inPieces(socket, Buffer.concat([Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'), whole(bytes.subarray(0, 500))]), sizes));
        expect((await store.get(handle)).equals(bytes.subarray(0, 500))).toBe(true);
      }),
      { numRuns: 25, seed: 7 },
    );
  });

  it('open another connection where the server closed the old one, also while it answers', async () => {
    const { store, connections } = await serve((socket, request) => {
      if (request === 0) socket.write(whole(bytes));
      else socket.destroy();
    });
    for (let turn = 0; turn < 4; turn++) expect((await store.get(handle)).equals(bytes)).toBe(true);
    expect(connections()).toBe(4);
  });

  it('do not use a connection again that the server wants closed, or that holds more bytes', async () => {
    const { store, connections } = await serve((socket, _, connection) => socket.write(connection % 2 === 0 ? whole(bytes, 'Connection: close\r\n') : Buffer.concat([whole(bytes.subarray(0, 100)), Buffer.from('HTTP/1.1 200 more')])));
    expect((await store.get(handle)).length).toBe(bytes.length);
    expect(await kindOf(store.get(handle))).toBe('temporary');
    expect((await store.get(handle)).length).toBe(bytes.length);
    expect(connections()).toBe(3);
  });

  it('leave answers without a length to the general client', async () => {
    const chunked = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n');
    const { store } = await serve((socket) => socket.write(chunked));
    expect((await store.get(handle)).toString()).toBe('hello');
    expect((await store.get(handle)).toString()).toBe('hello');
  });

  it.each([
    ['garbage', Buffer.from('SSH-2.0-OpenSSH\r\n\r\n'), 'permanent'],
    ['a bad header', Buffer.from('HTTP/1.1 200 OK\r\nno colon\r\n\r\n'), 'permanent'],
    ['two lengths', Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello'), 'permanent'],
    ['a negative length', Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello'), 'permanent'],
    ['a length beyond reason', Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\nhello'), 'too-large'],
    ['an endless head', Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n'), Buffer.alloc(100_000, 'a: b\r\n')]), 'permanent'],
    ['a missing object', Buffer.from('HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno\n'), 'not-found'],
    ['an overload', Buffer.from('HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n'), 'temporary'],
  ])('refuse %s', async (_, answer, kind) => {
    const { store } = await serve((socket) => socket.write(answer));
    expect(await kindOf(store.get(handle))).toBe(kind);
  });

  it('report a connection that ends early as temporary', async () => {
    const { store } = await serve((socket) => socket.end(whole(bytes).subarray(0, 200_000)));
    expect(await kindOf(store.get(handle))).toBe('temporary');
    expect(await kindOf(store.get(handle, { offset: 5, length: 10 }))).toBe('permanent');
  });

  it('are refused after the store was closed, and closing ends running ones', async () => {
    const { store, requests } = await serve((socket) => socket.write(whole(bytes).subarray(0, 1000)));
    const running = kindOf(store.get(handle));
    while (requests.length === 0) await systemClock.sleep(1);
    await store.close();
    expect(await running).toBe('temporary');
    expect(await kindOf(store.get(handle))).toBe('permanent');
  });
});

describe('parseDownloadHead', () => {
  it('parses or refuses any text, and never fails otherwise', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: 'binary' }), (text) => {
        for (const head of [text, `HTTP/1.1 200 OK\r\n${text}`]) {
          try {
            expect(parseDownloadHead(head).status).toBeLessThan(1000);
          } catch (error) {
            expect(error).toMatchObject({ name: 'StorageError', kind: 'permanent' });
          }
        }
      }),
    );
  });

  it('knows names in any case, white space and repeated headers', () => {
    expect(parseDownloadHead('HTTP/1.1 206 Partial Content\r\nCONTENT-length:  7 \r\nX-A: 1\r\nx-a: 2\r\nEmpty:\r\nConnection: Keep-Alive')).toEqual({
      status: 206,
      headers: { 'content-length': '7', 'x-a': '1, 2', empty: '', connection: 'Keep-Alive' },
      length: 7,
      keepAlive: true,
    });
    expect(parseDownloadHead('HTTP/1.0 200 OK').keepAlive).toBe(false);
  });
});
