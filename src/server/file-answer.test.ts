/** Objects that the system sends to the socket itself; on platforms without that, the same through buffers. */
import { once } from 'node:events';
import { chmod, truncate } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadAddon } from '../core/native/load-addon.ts';
import type { SendableFile } from '../core/native/sendable-file.ts';
import { call, randomObject, startTestServer, until } from './testing/test-server.ts';
import type { TestServer } from './testing/test-server.ts';

const addon = loadAddon();
const { openSendableFile } = addon;
// More than the system keeps for a reader that does not read.
const large = randomObject(12 * 1024 * 1024);
const small = randomObject(100_000);

let server: TestServer;
/** Files that were opened to be sent. */
let opened: SendableFile[];

beforeEach(async () => {
  opened = [];
  const open = async (path: string): Promise<SendableFile> => {
    const file = await (openSendableFile as NonNullable<typeof openSendableFile>)(path);
    opened.push(file);
    return file;
  };
  server = await startTestServer({ limits: { graceMs: 100 } }, { addon: openSendableFile === undefined ? addon : { ...addon, openSendableFile: open } });
  await server.call('POST', '/?create=true');
  for (const { bytes, name } of [large, small]) expect((await server.call('POST', `/data/${name}`, { body: bytes })).status).toBe(200);
});
afterEach(() => server.stop());

const request = (name: string, headers = ''): string => `GET /data/${name} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;

/** A connection that reads only when it is asked to. */
interface Reader {
  readonly socket: Socket;
  /** The next answer; `bodyless`: to a HEAD. */
  answer(bodyless?: boolean): Promise<{ readonly head: string; readonly body: Buffer }>;
}

async function reader(): Promise<Reader> {
  const socket = connect({ host: '127.0.0.1', port: server.port });
  await once(socket, 'connect');
  const pieces = (socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  /** Reads on until the bytes hold an end. */
  const upTo = async (endIn: (bytes: Buffer) => number): Promise<Buffer> => {
    while (endIn(rest) < 0) {
      const next = await pieces.next();
      if (next.done === true) throw new Error('the answer is short');
      rest = Buffer.concat([rest, next.value]);
    }
    const taken = rest.subarray(0, endIn(rest));
    rest = rest.subarray(taken.length);
    return taken;
  };
  const exactly = async (length: number): Promise<Buffer> => {
    const taken = [rest];
    let missing = length - rest.length;
    while (missing > 0) {
      const next = await pieces.next();
      if (next.done === true) throw new Error('the answer is short');
      taken.push(next.value);
      missing -= next.value.length;
    }
    const bytes = Buffer.concat(taken);
    rest = bytes.subarray(length);
    return bytes.subarray(0, length);
  };
  return {
    socket,
    async answer(bodyless = false) {
      const head = (await upTo((bytes) => (bytes.includes('\r\n\r\n') ? bytes.indexOf('\r\n\r\n') + 4 : -1))).toString('latin1');
      return { head, body: await exactly(bodyless ? 0 : Number(/^content-length: (\d+)/im.exec(head)?.[1])) };
    },
  };
}

/** Whether so many connections have got a good part of what they asked for. */
function underWay(connections: number): boolean {
  return Object.values(server.server.monitor.health()).filter(({ bytes_out: sent }) => sent > 100_000).length === connections;
}

describe('on one connection', () => {
  it('whole objects, parts, errors and other answers follow each other, also when all are asked for at once', async () => {
    const connection = await reader();
    const asked = [
      request(small.name),
      request(large.name, 'Range: bytes=1000000-\r\n'),
      `HEAD /data/${small.name} HTTP/1.1\r\nHost: x\r\n\r\n`,
      request(small.name, 'Range: bytes=100000-\r\n'),
      request(small.name, 'Range: bytes=5-5\r\n'),
      'GET /keys/ HTTP/1.1\r\nHost: x\r\n\r\n',
      request(large.name),
    ];
    const answers = async (): Promise<void> => {
      expect((await connection.answer()).body.equals(small.bytes)).toBe(true);
      const part = await connection.answer();
      expect(part.head).toMatch(/^HTTP\/1\.1 206 [^]*content-range: bytes 1000000-12582911\/12582912\r\n/i);
      expect(part.body.equals(large.bytes.subarray(1_000_000))).toBe(true);
      expect((await connection.answer(true)).head).toMatch(/^HTTP\/1\.1 200 [^]*content-length: 100000\r\n/i);
      expect((await connection.answer()).head).toMatch(/^HTTP\/1\.1 416 /);
      expect((await connection.answer()).body).toEqual(small.bytes.subarray(5, 6));
      expect((await connection.answer()).body.toString()).toBe('[]');
      expect((await connection.answer()).body.equals(large.bytes)).toBe(true);
    };
    for (let turn = 0; turn < 2; turn++) {
      connection.socket.write(asked.join(''));
      await answers();
    }
    connection.socket.destroy();
    await once(connection.socket, 'close');
    if (openSendableFile !== undefined) expect(opened.map((file) => file.sent()).reduce((sum, sent) => sum + sent)).toBe(2 * (small.bytes.length + large.bytes.length - 1_000_000 + 1 + large.bytes.length));
    expect(server.server.monitor.recentlyClosed().at(-1)?.bytes_out ?? 0).toBeGreaterThan(0);
  });
});

it('fifty downloads at once bring the same bytes', async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, number) => {
      const first = number * 180_001;
      const { body } = await call('GET', `${server.url}/data/${large.name}`, { headers: { Range: `bytes=${first}-${first + 3_000_000}` } });
      return body.equals(large.bytes.subarray(first, first + 3_000_001));
    }),
  );
  expect(answers).toEqual(Array.from({ length: 50 }, () => true));
});

describe('a reader that is slow', () => {
  it('keeps nobody else waiting, shows in the monitor, and gets everything in the end', async () => {
    const slow = await Promise.all(Array.from({ length: 10 }, () => reader()));
    for (const { socket } of slow) socket.write(request(large.name));
    const monitor = server.server.monitor;
    await until(() => underWay(slow.length));
    for (const connection of Object.values(monitor.health())) expect(connection.bytes_out).toBeLessThan(large.bytes.length);
    expect((await server.call('GET', `/data/${small.name}`)).body.equals(small.bytes)).toBe(true);
    if (openSendableFile !== undefined) await until(() => opened.filter((file) => file.waitsForReader()).length === slow.length);
    for (const each of slow) {
      expect((await each.answer()).body.equals(large.bytes)).toBe(true);
      each.socket.destroy();
    }
    await until(() => monitor.size === 0);
    expect(monitor.recentlyClosed().filter(({ bytes_out: bytes }) => bytes > large.bytes.length)).toHaveLength(slow.length);
    expect(monitor.failures).toBe(0);
  });

  it('is cut off when it makes no progress', async () => {
    const impatient = await startTestServer({ dataFolder: join(server.outside, 'other'), limits: { progressMs: 300 } });
    try {
      await impatient.call('POST', '/?create=true');
      await impatient.call('POST', `/data/${large.name}`, { body: large.bytes });
      const socket = connect({ host: '127.0.0.1', port: impatient.port });
      socket.write(request(large.name));
      await until(() => impatient.server.monitor.recentlyClosed().some(({ last_error: reason, bytes_out: sent }) => reason === 'ETIMEDOUT' && sent > 100_000));
      let received = 0;
      socket.on('data', (piece) => (received += piece.length));
      await once(socket, 'close');
      expect(received).toBeLessThan(large.bytes.length);
    } finally {
      await impatient.stop();
    }
  });
});

describe('a download that does not come to its end', () => {
  it.each(['destroy', 'resetAndDestroy', 'end'] as const)('since the client leaves (%s): the server is through with it, and others go on', async (leave) => {
    const leaving = await Promise.all(Array.from({ length: 10 }, () => reader()));
    const staying = await reader();
    for (const { socket } of [...leaving, staying]) socket.write(request(large.name) + request(large.name));
    await until(() => underWay(11));
    for (const { socket } of leaving) {
      socket[leave]();
      if (leave === 'end') socket.resume();
    }
    await until(() => server.server.monitor.size === 1);
    for (let turn = 0; turn < 2; turn++) expect((await staying.answer()).body.equals(large.bytes)).toBe(true);
    staying.socket.destroy();
    // It waits for every request: none of those that were never answered is forgotten.
    await server.server.close();
  });

  it('since the server stops: it ends at once after the grace', async () => {
    const connection = await reader();
    connection.socket.write(request(large.name));
    await until(() => underWay(1));
    await server.server.close();
    connection.socket.resume();
    await once(connection.socket, 'close');
    expect(server.server.monitor.recentlyClosed().at(-1)?.bytes_out).toBeLessThan(large.bytes.length);
  });

  it('since the file became shorter: the connection ends, so that it never looks complete', async () => {
    const connection = await reader();
    connection.socket.write(request(large.name));
    await until(() => underWay(1));
    const path = join(server.data, 'data', large.name.slice(0, 2), large.name);
    await chmod(path, 0o600);
    await truncate(path, large.bytes.length - 1_000_000);
    let received = 0;
    connection.socket.on('data', (piece) => (received += piece.length));
    await once(connection.socket, 'close');
    expect(received).toBeGreaterThan(large.bytes.length / 2);
    expect(received).toBeLessThan(large.bytes.length);
  });
});
