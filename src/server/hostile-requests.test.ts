/** Requests that no client sends: paths that try to escape, oversized and slow headers, more connections than allowed. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, filesBelow, randomObject, rawConnection, rawExchange, startTestServer, until } from './testing/test-server.ts';
import type { TestServer } from './testing/test-server.ts';

const id = 'a'.repeat(64);
const { bytes, name } = randomObject(300);

describe('paths', () => {
  let server: TestServer;
  let before: string[];

  beforeAll(async () => {
    server = await startTestServer();
    await server.call('POST', '/?create=true');
    await server.call('POST', '/tenant/?create=true');
    await mkdir(join(server.outside, 'canary', 'data'), { recursive: true });
    await writeFile(join(server.outside, 'canary', 'data', name), 'secret');
    await writeFile(join(server.outside, 'canary', 'config'), 'secret');
    await symlink(join(server.outside, 'canary'), join(server.data, 'link'));
    await symlink('/', join(server.data, 'tenant', 'root'));
    await symlink(join(server.data, 'nowhere'), join(server.data, 'dangling'));
    before = await filesBelow(server.outside);
  });

  afterAll(async () => {
    expect(await readFile(join(server.outside, 'canary', 'data', name), 'utf8')).toBe('secret');
    expect(await filesBelow(server.outside)).toEqual(before);
    await server.stop();
  });

  const escapes = [
    '/../canary/config',
    '/..%2fcanary/config',
    '/%2e%2e/canary/config',
    '/%2e%2e%2fcanary%2fconfig',
    '/%252e%252e/canary/config',
    '/tenant/../../canary/config',
    '/tenant/%2e%2e/%2e%2e/canary/config',
    '/..\\canary\\config',
    '/%5c..%5ccanary/config',
    '/tenant%00/config',
    '/%00/config',
    '/./config',
    '//config',
    '/tenant//config',
    '/%2f/config',
    '/.htpasswd/config',
    '/.server.lock',
    '/.server.lock/config',
    '/%0a/config',
    '/%ff%fe/config',
    '/%zz/config',
    '/%/config',
    `/${'x'.repeat(256)}/config`,
    '/DATA/config',
    '/a/b/c/config',
    '/a/b/c/d/e/f/',
    '/data',
    '/tenant',
    '/config/',
    '/data/00/',
    `/data/${id}/`,
    `/data/${id.slice(1)}`,
    `/data/${id}a`,
    `/data/${id.toUpperCase()}`,
    `/data/${id.slice(1)}g`,
    `/data/${id.slice(2)}%61%61/x`,
    `/data/aa/${id}`,
    `/packs/${id}`,
    `/key/${id}`,
    `/Data/${id}`,
    `/data/../keys/${id}`,
    '/data/config',
    '/keys/..',
    '/keys/.',
    '*',
    'http://other.example/config',
    'config',
  ];

  const send = (method: string, path: string): Promise<string> =>
    rawExchange(server.port, `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 6\r\n\r\nsecret`);

  it.each(escapes)('%s: 404 for every method, nothing read, nothing made', async (path) => {
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
      const answer = await send(method, path);
      expect([method, answer]).toEqual([method, expect.stringMatching(/^HTTP\/1\.1 40[04] /)]);
      expect(answer).not.toContain('secret');
    }
    expect(await filesBelow(server.outside)).toEqual(before);
  });

  it.each(['/link/config', `/link/data/${name}`, '/link/data/', '/tenant/root/config', '/tenant/root/data/', '/dangling/config'])(
    '%s: what a link points to outside is not there',
    async (path) => {
      for (const method of ['GET', 'POST', 'HEAD', 'DELETE']) {
        const answer = await send(method, path);
        // A list knows GET only, and removing what is in no repository succeeds.
        expect([method, answer]).toEqual([method, expect.stringMatching(method === 'GET' ? /^HTTP\/1\.1 404 / : /^HTTP\/1\.1 (404|405|200) /)]);
        expect(answer).not.toContain('secret');
      }
      expect(await filesBelow(server.outside)).toEqual(before);
    },
  );

  it.each(['/link/x/', '/link/', '/tenant/root/', '/dangling/', '/dangling/x/', '/../x/', '/.x/'])('creating %s is refused', async (path) => {
    expect((await server.call('POST', `${path}?create=true`)).status).toBe(404);
    expect(await filesBelow(server.outside)).toEqual(before);
  });

  it('random paths, methods and headers never make a server error or touch the neighbour', async () => {
    const piece = fc.oneof(fc.constantFrom('..', '.', '%2e%2e', '%00', '\\', 'data', 'keys', 'config', 'tenant', id, name, 'a', '', '%2f', '%', '?create=true', '#'), fc.string({ maxLength: 8 }).map(encodeURIComponent));
    const path = fc.array(piece, { maxLength: 6 }).map((pieces) => `/${pieces.join('/')}`);
    const range = fc.oneof(fc.constant('bytes=0-'), fc.string({ maxLength: 12, unit: 'grapheme-ascii' }).filter((text) => !/[\r\n]/.test(text)));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('GET', 'HEAD', 'PUT', 'OPTIONS', 'TRACE', 'PATCH', 'POST'), path, range, async (method, target, header) => {
        const create = /create=true/.test(target);
        const answer = await rawExchange(server.port, `${create && method === 'POST' ? 'GET' : method} ${target} HTTP/1.1\r\nHost: x\r\nRange: ${header}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
        expect(answer).toMatch(/^HTTP\/1\.1 (2|4)\d\d /);
      }),
      { numRuns: 300, seed: 20_260_101 },
    );
    // Empty bodies were posted under names that are not their hash: nothing may have come of it but an empty config.
    expect((await filesBelow(server.outside)).filter((file) => !file.endsWith('config'))).toEqual(before.filter((file) => !file.endsWith('config')));
    before = await filesBelow(server.outside);
  });
});

describe('R18: headers', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ limits: { headersMs: 600, maximumHeaders: 50 } });
    await server.call('POST', '/?create=true');
  });
  afterAll(() => server.stop());

  it.each([
    ['one huge header', `X: ${'y'.repeat(100_000)}`],
    ['ten thousand headers', Array.from({ length: 10_000 }, (_, number) => `X-${number}: y`).join('\r\n')],
    ['sixty headers', Array.from({ length: 60 }, (_, number) => `X-${number}: y`).join('\r\n')],
  ])('%s: 431', async (_, headers) => {
    expect(await rawExchange(server.port, `GET /data/ HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it.each(['hello\r\n\r\n', 'GET\r\n\r\n', '\u0016\u0003\u0001\u0002\u0000', 'GET / HTTP/9.9\r\n\r\n', 'GET /data/ HTTP/1.1\r\nno colon\r\n\r\n', 'GET /data/ HTTP/1.1\r\n\r\n'])('no HTTP (%j): 400', async (text) => {
    expect(await rawExchange(server.port, text)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('slow ones, or none at all: closed after the deadline, while others are served', async () => {
    const silent = await rawConnection(server.port);
    const slow = await rawConnection(server.port);
    slow.socket.write('GET /data/ HTTP/1.1\r\nHost: x\r\n');
    const drip = setInterval(() => slow.socket.write('X: y\r\n'), 50);
    expect((await server.call('GET', '/data/')).status).toBe(200);
    expect(await slow.closed).toMatch(/^HTTP\/1\.1 408 /);
    expect(await silent.closed).toMatch(/^(HTTP\/1\.1 408 |$)/);
    clearInterval(drip);
  });

  it('two hundred slow ones do not keep a good upload from being stored', async () => {
    const slow = await Promise.all(Array.from({ length: 200 }, () => rawConnection(server.port)));
    for (const { socket } of slow) socket.write('POST /data/');
    expect((await server.call('POST', `/data/${name}`, { body: bytes })).status).toBe(200);
    await Promise.all(slow.map(({ closed }) => closed));
    await until(() => server.server.monitor.size === 0);
  });
});

describe('R18: many connections', () => {
  it('beyond the limit are answered 503, and the next is served when one leaves', async () => {
    const server = await startTestServer({ limits: { maximumConnections: 3 } });
    try {
      const held = await Promise.all([1, 2, 3].map(() => rawConnection(server.port)));
      await until(() => server.server.monitor.size === 3);
      const refused = await server.call('GET', '/data/');
      expect([refused.status, refused.headers['retry-after'], refused.headers.connection]).toEqual([503, '5', 'close']);
      held[0]?.socket.destroy();
      await until(() => server.server.monitor.size <= 2);
      expect((await server.call('GET', '/data/')).status).toBe(200);
      for (const { socket, closed } of held) {
        socket.destroy();
        await closed;
      }
    } finally {
      await server.stop();
    }
  });
});

describe('Expect: 100-continue', () => {
  it('is answered before the body, and not for a body that is refused', async () => {
    const server = await startTestServer({ quota: 1000 });
    try {
      await server.call('POST', '/?create=true');
      const good = await rawConnection(server.port);
      good.socket.write(`POST /data/${name} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 300\r\n\r\n`);
      await until(() => good.received().startsWith('HTTP/1.1 100 '));
      good.socket.write(bytes);
      expect(await good.closed).toContain('HTTP/1.1 200 ');
      const refused = await rawConnection(server.port);
      refused.socket.write(`POST /data/${id} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3000\r\n\r\n`);
      await until(() => refused.received().includes('507'));
      expect(refused.received()).not.toContain('100 Continue');
      refused.socket.destroy();
      await refused.closed;
    } finally {
      await server.stop();
    }
  });
});

describe('R18: rapid requests', () => {
  it('on one connection, sent at once, are answered in order', async () => {
    const server = await startTestServer();
    try {
      await server.call('POST', '/?create=true');
      const connection = await rawConnection(server.port);
      connection.socket.write('HEAD /config HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(200) + 'GET /data/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      const answer = await connection.closed;
      expect(answer.match(/HTTP\/1\.1 404/g)).toHaveLength(200);
      expect(answer.endsWith('[]')).toBe(true);
      await Promise.all(Array.from({ length: 500 }, async () => expect((await call('HEAD', `${server.url}/config`)).status).toBe(404)));
    } finally {
      await server.stop();
    }
  });
});
