/** Uploads that do not come to their end, and everything that must stay unharmed meanwhile. */
import { mkdir, rm } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Partial } from './upload-registry.ts';
import { call, filesBelow, nameOf, randomObject, rawConnection, startTestServer, temporaryFiles, until } from './testing/test-server.ts';
import type { RawConnection, TestServer } from './testing/test-server.ts';

const size = 3 * 1024 * 1024;

/** Begins an upload and sends only its first part. */
async function beginUpload(server: TestServer, path: string, bytes: Buffer, part: number, headers = ''): Promise<RawConnection> {
  const before = server.server.uploads.size;
  const connection = await rawConnection(server.port);
  connection.socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes.length}\r\n${headers}\r\n`);
  connection.socket.write(bytes.subarray(0, part));
  await until(() => server.server.uploads.size > before && server.server.uploads.list().some((upload) => upload.bytes >= part));
  return connection;
}

describe('R8: an upload that is cut off', () => {
  let server: TestServer;

  beforeEach(async () => {
    server = await startTestServer();
    await server.call('POST', '/?create=true');
  });
  afterEach(() => server.stop());

  it('leaves nothing, counts, and does not disturb a good upload of the same object', async () => {
    const { bytes, name } = randomObject(size);
    for (const part of [0, 1, 65_536, 1_000_000, size - 1]) {
      const bad = await beginUpload(server, `/data/${name}`, bytes, part);
      expect(await temporaryFiles(server.data)).toHaveLength(1);
      const clears = server.server.metrics.partialClears;
      bad.socket.resetAndDestroy();
      await until(() => server.server.metrics.partialClears === clears + 1);
      await until(async () => (await temporaryFiles(server.data)).length === 0);
      expect((await server.call('GET', `/data/${name}`)).status).toBe(404);
      expect((await server.call('GET', '/data/')).body.toString()).toBe('[]');
    }
    const slow = await beginUpload(server, `/data/${name}`, bytes, 500_000);
    expect((await server.call('POST', `/data/${name}`, { body: bytes })).status).toBe(200);
    slow.socket.resetAndDestroy();
    await until(() => server.server.metrics.partialClears === 6);
    expect((await server.call('GET', `/data/${name}`)).body.equals(bytes)).toBe(true);
    expect(server.server.uploads.size).toBe(0);
    expect(server.server.monitor.recentlyClosed().filter((closed) => closed.partial_clears === 1)).toHaveLength(6);
    const metrics = await server.call('GET', '/metrics');
    expect(metrics.body.toString()).toContain('cyberbackup_server_partial_clears_total 6\n');
  });

  it('by a half-closed connection is over too', async () => {
    const { bytes, name } = randomObject(size);
    const half = await beginUpload(server, `/data/${name}`, bytes, 100_000);
    half.socket.end();
    await half.closed;
    await until(async () => (await temporaryFiles(server.data)).length === 0);
    expect(server.server.metrics.partialClears).toBe(1);
  });

  it('while others of the same object succeed: the object is whole, once', async () => {
    const { bytes, name } = randomObject(size);
    const attempts = Array.from({ length: 12 }, async (_, number) => {
      if (number % 3 !== 0) return server.call('POST', `/data/${name}`, { body: bytes });
      const cut = await rawConnection(server.port);
      cut.socket.write(`POST /data/${name} HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
      cut.socket.write(bytes.subarray(0, 200_000 * (number + 1)));
      await pause(10);
      cut.socket.resetAndDestroy();
      await cut.closed;
      return undefined;
    });
    for (const answer of await Promise.all(attempts)) if (answer !== undefined) expect(answer.status).toBe(200);
    await until(() => server.server.uploads.size === 0);
    expect((await server.call('GET', `/data/${name}`)).body.equals(bytes)).toBe(true);
    expect(await filesBelow(join(server.data, 'data'))).toHaveLength(1);
  });

  it('R9: by the administrator: the temporary file is gone when the answer comes', async () => {
    const { bytes, name } = randomObject(size);
    const upload = await beginUpload(server, `/data/${name}`, bytes, 1_500_000, 'X-Client-Id: laptop\r\n');
    const authorization = `Bearer ${server.adminToken}`;
    const [partial] = JSON.parse((await server.call('GET', '/api/partials', { headers: { authorization } })).body.toString()) as Partial[];
    expect(partial).toMatchObject({ repository: '', name: `data/${name}`, client_id: 'laptop', bytes: 1_500_000, started_at: expect.stringMatching(/^\d{4}-.*Z$/) as string });
    const answer = await server.call('DELETE', `/api/partials/${partial?.id ?? ''}`, { headers: { authorization } });
    expect([answer.status, answer.body.toString()]).toEqual([200, '{"success":true}\n']);
    expect(await temporaryFiles(server.data)).toEqual([]);
    expect((await server.call('DELETE', `/api/partials/${partial?.id ?? ''}`, { headers: { authorization } })).status).toBe(404);
    await until(() => upload.received().includes('403'));
    expect(upload.received().toLowerCase()).toContain('\r\nx-upload-ended-by: administrator\r\n');
    upload.socket.destroy();
    await upload.closed;
  });
});

describe('an upload whose client falls silent', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ limits: { progressMs: 1000, progressBytes: 1000 } });
    await server.call('POST', '/?create=true');
  });
  afterAll(() => server.stop());

  it('is answered 408 and closed; one that drips bytes as well', async () => {
    const { bytes, name } = randomObject(size);
    const silent = await beginUpload(server, `/data/${name}`, bytes, 100_000);
    const dripping = await beginUpload(server, `/data/${name}`, bytes, 100_000);
    const drip = setInterval(() => dripping.socket.write('x'), 20);
    expect(await silent.closed).toMatch(/^HTTP\/1\.1 408 /);
    expect(await dripping.closed).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(drip);
    await until(async () => (await temporaryFiles(server.data)).length === 0);
    expect(server.server.metrics.partialClears).toBe(2);
  });

  it('but not one that is slow and steady, however long it takes', async () => {
    const { bytes, name } = randomObject(60_000);
    const steady = await rawConnection(server.port);
    steady.socket.write(`POST /data/${name} HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`);
    for (let sent = 0; sent < bytes.length; sent += 1500) {
      steady.socket.write(bytes.subarray(sent, sent + 1500));
      await pause(50);
    }
    expect(await steady.closed).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('nor an idle connection between requests', async () => {
    const idle = await rawConnection(server.port);
    idle.socket.write('HEAD /config HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => idle.received().includes('404'));
    await pause(1500);
    idle.socket.write('HEAD /config HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect((await idle.closed).match(/HTTP\/1\.1 404/g)).toHaveLength(2);
  });

  it('a reader who takes nothing is cut off, and others are served', async () => {
    const { bytes, name } = randomObject(24 * 1024 * 1024);
    await server.call('POST', `/data/${name}`, { body: bytes });
    const reader = await rawConnection(server.port);
    reader.socket.pause();
    reader.socket.write(`GET /data/${name} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect((await server.call('GET', `/data/${name}`)).body.equals(bytes)).toBe(true);
    await until(() => server.server.monitor.recentlyClosed().some(({ last_error: error, bytes_out: sent }) => error === 'ETIMEDOUT' && sent > 10_000));
    reader.socket.destroy();
    await reader.closed;
  });
});

describe('bodies that are not what they say', () => {
  let server: TestServer;
  const { bytes, name } = randomObject(5000);

  beforeAll(async () => {
    server = await startTestServer();
    await server.call('POST', '/?create=true');
  });
  afterAll(() => server.stop());

  it('other than the name: 400', async () => {
    for (const body of [bytes.subarray(1), Buffer.concat([bytes, Buffer.from('x')]), Buffer.alloc(0), Buffer.alloc(5000)]) {
      expect((await server.call('POST', `/data/${name}`, { body })).status).toBe(400);
      const chunked = await server.call('POST', `/data/${name}`, { body, headers: { 'content-length': [] as never, 'transfer-encoding': 'chunked' } });
      expect(chunked.status).toBe(400);
    }
  });

  it('shorter than announced: nothing visible', async () => {
    const short = await rawConnection(server.port);
    short.socket.end(`POST /data/${name} HTTP/1.1\r\nHost: x\r\nContent-Length: 5001\r\n\r\n${bytes.toString('latin1')}`, 'latin1');
    await short.closed;
  });

  it('longer than announced: what is announced counts, the rest is no request', async () => {
    const { bytes: whole, name: wholeName } = randomObject(100);
    const long = await rawConnection(server.port);
    long.socket.write(`POST /keys/${wholeName} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n${whole.toString('latin1')}surplus\r\n\r\n`, 'latin1');
    expect(await long.closed).toMatch(/^HTTP\/1\.1 (200 [^]*HTTP\/1\.1 )?400 /);
    expect((await server.call('DELETE', `/keys/${wholeName}`)).status).toBe(200);
  });

  it.each([
    ['two different lengths', 'Content-Length: 5\r\nContent-Length: 6'],
    ['a length and chunks', 'Content-Length: 5000\r\nTransfer-Encoding: chunked'],
    ['a negative length', 'Content-Length: -5'],
    ['a length that is no number', 'Content-Length: 5k'],
    ['an endless length', `Content-Length: ${'9'.repeat(40)}`],
    ['chunks of a wrong size', 'Transfer-Encoding: chunked'],
  ])('%s: 400', async (_, headers) => {
    const connection = await rawConnection(server.port);
    connection.socket.write(`POST /data/${name} HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\nzzzz\r\nhello\r\n`);
    expect(await connection.closed).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('that are refused unread: the client sees the answer, and may go on with the connection', async () => {
    const closed = await startTestServer({ htpasswd: `anna:{SHA}${createHash('sha1').update('x').digest('base64')}\n` });
    try {
      const connection = await rawConnection(closed.port);
      connection.socket.write(`POST /data/${name} HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n`);
      for (let sent = 0; sent < 8; sent++) connection.socket.write(Buffer.alloc(1_000_000));
      connection.socket.write('HEAD /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      expect(await connection.closed).toMatch(/^HTTP\/1\.1 401 [^]*HTTP\/1\.1 200 /);

      const endless = await rawConnection(closed.port);
      endless.socket.write(`POST /data/${name} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
      const more = setInterval(() => endless.socket.write('3e8\r\n' + 'x'.repeat(1000) + '\r\n'), 20);
      expect(await endless.closed).toMatch(/^HTTP\/1\.1 401 /);
      clearInterval(more);
    } finally {
      await closed.stop();
    }
  });

  it('leave nothing at all behind', async () => {
    await until(async () => (await temporaryFiles(server.data)).length === 0);
    expect((await filesBelow(server.data)).filter((path) => !path.endsWith('.server.lock'))).toEqual([]);
    expect((await server.call('GET', `/data/${name}`)).status).toBe(404);
  });
});

describe('no room', () => {
  it('507 by quota, announced or not, and reservations of uploads at once do not exceed it', async () => {
    const server = await startTestServer({ quota: 1_000_000 });
    try {
      await server.call('POST', '/?create=true');
      const chunked = { 'content-length': [] as never, 'transfer-encoding': 'chunked' };
      const first = randomObject(600_000);
      const second = randomObject(600_000);
      const held = await beginUpload(server, `/data/${first.name}`, first.bytes, 1000);
      expect((await server.call('POST', `/data/${second.name}`, { body: second.bytes })).status).toBe(507);
      expect((await server.call('POST', `/data/${second.name}`, { body: second.bytes, headers: chunked })).status).toBe(507);
      held.socket.write(first.bytes.subarray(1000));
      await until(() => held.received().includes('200 OK'));
      held.socket.destroy();
      await held.closed;
      expect((await server.call('POST', `/data/${first.name}`, { body: first.bytes })).status).toBe(200);
      expect((await server.call('POST', `/data/${second.name}`, { body: second.bytes })).status).toBe(507);
      expect((await server.call('POST', '/config', { body: Buffer.from('c') })).status).toBe(200);
      expect(await temporaryFiles(server.data)).toEqual([]);
      expect((await server.call('DELETE', `/data/${first.name}`)).status).toBe(200);
      expect((await server.call('POST', `/data/${second.name}`, { body: second.bytes })).status).toBe(200);
      const small = randomObject(400_000);
      expect((await server.call('POST', `/data/${small.name}`, { body: small.bytes, headers: chunked })).status).toBe(200);
      const health = await server.call('GET', '/health');
      expect([health.status, JSON.parse(health.body.toString())]).toMatchObject([503, { status: 'degraded', problems: ['quota-used-up'] }]);
    } finally {
      await server.stop();
    }
  });

  it('what was stored before the start counts', async () => {
    const first = await startTestServer();
    await first.call('POST', '/a/b/?create=true');
    const { bytes, name } = randomObject(5000);
    await first.call('POST', `/a/b/data/${name}`, { body: bytes });
    await first.server.close();
    const second = await startTestServer({ dataFolder: first.data, quota: 5100 });
    const next = randomObject(101);
    expect((await second.call('POST', `/a/b/index/${next.name}`, { body: next.bytes })).status).toBe(507);
    await second.stop();
    await rm(first.outside, { recursive: true });
  });
});

describe('R20: load', () => {
  it('300 uploads of 1 MiB at once arrive whole, with bounded buffers', async () => {
    const server = await startTestServer({ limits: { transferMemory: 64 * 1024 * 1024 } });
    try {
      await server.call('POST', '/?create=true');
      const block = randomObject(1024 * 1024).bytes;
      const objects = Array.from({ length: 300 }, (_, number) => {
        const bytes = Buffer.from(block);
        bytes.writeUInt32LE(number);
        return { bytes, name: nameOf(bytes) };
      });
      const answers = await Promise.all(objects.map(({ bytes, name }) => call('POST', `${server.url}/data/${name}`, { body: bytes })));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      const listed = JSON.parse((await server.call('GET', '/data/')).body.toString()) as string[];
      expect(listed.sort()).toEqual(objects.map(({ name }) => name).sort());
      for (const { name } of objects.slice(0, 20)) {
        expect(createHash('sha256').update((await server.call('GET', `/data/${name}`)).body).digest('hex')).toBe(name);
      }
      expect(await temporaryFiles(server.data)).toEqual([]);
    } finally {
      await server.stop();
    }
  });

  it('a missing folder of a type is made again', async () => {
    const server = await startTestServer();
    try {
      await server.call('POST', '/?create=true');
      await rm(join(server.data, 'data'), { recursive: true });
      await rm(join(server.data, 'keys'), { recursive: true });
      await mkdir(join(server.data, 'keys'));
      const { bytes, name } = randomObject(10);
      for (const type of ['data', 'keys']) expect((await server.call('POST', `/${type}/${name}`, { body: bytes })).status).toBe(200);
    } finally {
      await server.stop();
    }
  });
});
