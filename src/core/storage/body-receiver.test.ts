/** Large downloads through the addon, from a server that speaks raw bytes. */
import { readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { makeSelfSignedCertificate } from '../../server/self-signed-certificate.ts';
import { loadAddon } from '../native/load-addon.ts';
import type { SocketReceiver } from '../native/socket-receiver.ts';
import { systemClock } from '../platform/clock.ts';
import type { Clock } from '../platform/clock.ts';
import { FakeClock } from '../platform/fake-clock.ts';
import type { Receivers } from './body-receiver.ts';
import { stallLimit } from './http-limits.ts';
import type { ObjectHandle } from './object-store.ts';
import { RestStore } from './rest-store.ts';
import { kindOf, nameOf, sampleBytes } from './testing/samples.ts';

const mebibyte = 1024 * 1024;
const object = sampleBytes(9 * mebibyte, 3);
const handle: ObjectHandle = { type: 'data', name: nameOf(object) };
const { createSocketReceiver } = loadAddon();
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Request {
  readonly socket: Socket;
  readonly connection: number;
  readonly start: number;
  /** Head and body of the right answer. */
  readonly answer: Buffer;
}

interface Served {
  readonly store: RestStore;
  readonly counts: { connections: number; open: number };
  /** In the order they were made. */
  readonly receivers: SocketReceiver[];
}

type Answer = (request: Request) => void;

/** The addon's, remembering each. */
function watched(made: SocketReceiver[]): Receivers {
  if (createSocketReceiver === undefined) return {};
  return {
    createSocketReceiver: (descriptor) => {
      const receiver = createSocketReceiver(descriptor);
      made.push(receiver);
      return receiver;
    },
  };
}

async function serve(answer: Answer, options: { readonly clock?: Clock; readonly secure?: boolean; readonly used?: Receivers } = {}): Promise<Served> {
  const sockets = new Set<Socket>();
  const counts: Served['counts'] = { connections: 0, open: 0 };
  const receivers: SocketReceiver[] = [];
  const connected = (socket: Socket): void => {
    const connection = counts.connections++;
    counts.open += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => (counts.open -= 1));
    socket.on('data', (text) => {
      const range = /\r\nRange: bytes=(\d+)-(\d+)\r\n/i.exec(text.toString());
      const start = Number(range?.[1] ?? 0);
      const body = object.subarray(start, Number(range?.[2] ?? object.length - 1) + 1);
      const head = `HTTP/1.1 206 Partial Content\r\nContent-Length: ${body.length}\r\nContent-Range: bytes ${start}-${start + body.length - 1}/${object.length}\r\n\r\n`;
      answer({ socket, connection, start, answer: Buffer.concat([Buffer.from(head), body]) });
    });
  };
  const pair = options.secure === true ? makeSelfSignedCertificate(['127.0.0.1'], Date.now()) : undefined;
  const server: Server = pair === undefined ? createServer(connected) : createTlsServer({ cert: pair.certificate, key: pair.key }, connected);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`${pair === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const tls = pair === undefined ? {} : { ca: pair.certificate };
  const store = new RestStore(url, { clock: options.clock ?? systemClock, connections: 3, tls, receivers: options.used ?? watched(receivers) });
  closing.push(
    () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
    () => store.close(),
  );
  return { store, counts, receivers };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(1);
}

function openSockets(): number {
  let count = 0;
  for (const descriptor of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${descriptor}`).startsWith('socket:')) count += 1;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // the descriptor of this very listing
    }
  }
  return count;
}

const right: Answer = ({ socket, answer }) => socket.write(answer);
const whole = (): Buffer => Buffer.alloc(object.length);

describe.skipIf(createSocketReceiver === undefined)('large downloads through the addon', () => {
  it('bring the bytes of ranges of any size, over one connection', async () => {
    const { store, counts, receivers } = await serve(right);
    const sizes = [1, 1000, 65_536, 131_071, 131_072, 196_607, 196_608, 200_000, mebibyte - 1, mebibyte, mebibyte + 1, 3 * mebibyte + 17, 8 * mebibyte + 65_536];
    for (const [i, size] of sizes.entries()) {
      const offset = i * 1000;
      const target = Buffer.alloc(size + 2, 0xaa);
      await store.getInto(handle, offset, target.subarray(1, -1));
      expect(target.subarray(1, -1).equals(object.subarray(offset, offset + size)), `${size} bytes`).toBe(true);
      expect([target[0], target.at(-1)]).toEqual([0xaa, 0xaa]);
    }
    expect([counts.connections, receivers.length]).toEqual([1, 1]);
  });

  it('run beside each other', async () => {
    const { store, counts, receivers } = await serve(right);
    const downloads = Array.from({ length: 6 }, async (_, i) => {
      const target = Buffer.alloc(mebibyte + i);
      await store.getInto(handle, i * mebibyte, target);
      return target.equals(object.subarray(i * mebibyte, i * mebibyte + target.length));
    });
    expect(await Promise.all(downloads)).toEqual(Array.from({ length: 6 }, () => true));
    expect([counts.connections, receivers.length]).toEqual([3, 3]);
  });

  it('wait for a server that sends little at a time', async () => {
    const { store } = await serve(({ socket, answer }) => {
      void (async () => {
        const tail = 200;
        socket.write(answer.subarray(0, -tail));
        for (let at = answer.length - tail; at < answer.length; at += 50) {
          await systemClock.sleep(5);
          socket.write(answer.subarray(at, at + 50));
        }
      })();
    });
    const target = whole();
    await store.getInto(handle, 0, target);
    expect(target.equals(object)).toBe(true);
  });

  it('go on over a new connection where the server closed the kept one', async () => {
    const { store, counts } = await serve(({ socket, answer }) => socket.end(answer));
    for (let turn = 1; turn <= 3; turn++) {
      const target = whole();
      await store.getInto(handle, 0, target);
      expect(target.equals(object)).toBe(true);
      await until(() => counts.open === 0);
    }
    expect(counts.connections).toBe(3);
  });

  it('report a connection that ends or breaks in the middle as temporary', async () => {
    const { store, counts } = await serve(({ socket, connection, answer }) => {
      if (connection === 0) socket.end(answer.subarray(0, 5 * mebibyte));
      else if (connection === 1) socket.write(answer.subarray(0, 5 * mebibyte), () => socket.resetAndDestroy());
      else socket.write(answer);
    });
    expect(await kindOf(store.getInto(handle, 0, whole()))).toBe('temporary');
    expect(await kindOf(store.getInto(handle, 0, whole()))).toBe('temporary');
    expect(await kindOf(store.getInto(handle, 0, whole()))).toBe('succeeded');
    expect(counts.connections).toBe(3);
  });

  it('take no byte beyond the body, and leave a connection that holds more', async () => {
    const { store, counts } = await serve(({ socket, answer }) => socket.write(Buffer.concat([answer, Buffer.from('HTTP/1.1 200 more')])));
    const target = Buffer.alloc(4 * mebibyte + 100, 0xaa);
    await store.getInto(handle, 0, target.subarray(0, 4 * mebibyte));
    expect(target.subarray(0, 4 * mebibyte).equals(object.subarray(0, 4 * mebibyte))).toBe(true);
    await until(() => counts.open === 0);
    expect(target.subarray(4 * mebibyte).equals(Buffer.alloc(100, 0xaa))).toBe(true);
    await store.getInto(handle, 0, target.subarray(0, 4 * mebibyte));
    expect(counts.connections).toBe(2);
  });

  it('give up where nothing moves for the limit, and not before', async () => {
    const clock = new FakeClock();
    const held: Request[] = [];
    const { store, receivers } = await serve(
      (request) => {
        held.push(request);
        request.socket.write(request.answer.subarray(0, 4 * mebibyte));
      },
      { clock },
    );
    const outcome = { kind: 'none yet' };
    const download = kindOf(store.getInto(handle, 0, whole())).then((kind) => (outcome.kind = kind));
    // All but what came to libuv with the head.
    await until(() => (receivers[0]?.received() ?? 0) >= 4 * mebibyte - 65_536);
    const { socket, answer } = held[0] as Request;
    // A byte now and then is progress, however large the piece is that the receiver waits for.
    for (let sent = 0; sent < 8; sent += 1) {
      const before = receivers[0]?.received() ?? 0;
      socket.write(answer.subarray(4 * mebibyte + sent, 4 * mebibyte + sent + 1));
      await until(() => (receivers[0]?.received() ?? 0) > before);
      await clock.advance(stallLimit / 2);
      expect(outcome.kind).toBe('none yet');
    }
    await clock.advance(stallLimit * 2);
    expect(await download).toBe('temporary');
  });

  it.skipIf(process.platform !== 'linux')('stop at once when aborted, write nothing afterwards and leave nothing open', async () => {
    const before = openSockets();
    const held: Request[] = [];
    const { store, counts } = await serve((request) => {
      held.push(request);
      request.socket.write(request.answer.subarray(0, 4 * mebibyte));
    });
    const reason = new Error('enough');
    const controller = new AbortController();
    const target = whole();
    const download = store.getInto(handle, 0, target, controller.signal);
    await until(() => held.length === 1 && target[3 * mebibyte] === object[3 * mebibyte] && target.subarray(mebibyte, 2 * mebibyte).equals(object.subarray(mebibyte, 2 * mebibyte)));
    controller.abort(reason);
    await expect(download).rejects.toBe(reason);
    target.fill(0);
    const { socket, answer } = held[0] as Request;
    socket.write(answer.subarray(4 * mebibyte));
    await until(() => counts.open === 0);
    expect(target.equals(whole())).toBe(true);
    // What is left is the listening socket, which closes with the test.
    await until(() => openSockets() <= before + 1);
  });

  it('stop when the store is closed', async () => {
    const held: Request[] = [];
    const { store, counts, receivers } = await serve((request) => {
      held.push(request);
      request.socket.write(request.answer.subarray(0, mebibyte));
    });
    const download = kindOf(store.getInto(handle, 0, whole()));
    await until(() => receivers.length === 1);
    await store.close();
    expect(await download).toBe('temporary');
    await until(() => counts.open === 0);
  });

  it.each([
    ['over TLS', { secure: true }],
    ['where there is no descriptor left', { used: { createSocketReceiver: () => { throw new Error('EMFILE'); } } }],
  ])('leave it to libuv %s', async (_, options) => {
    const { store, receivers } = await serve(right, options);
    const target = whole();
    await store.getInto(handle, 0, target);
    expect(target.equals(object)).toBe(true);
    expect(receivers).toEqual([]);
  });

  it('refuse what is no socket, a second receive at a time, and any after close', async () => {
    const create = createSocketReceiver as NonNullable<typeof createSocketReceiver>;
    expect(() => create(-1)).toThrow(TypeError);
    expect(() => create(1_000_000)).toThrow(expect.objectContaining({ code: 'EBADF' }) as Error);
    const held: Request[] = [];
    const { store } = await serve((request) => held.push(request));
    const pending = kindOf(store.getInto(handle, 0, whole()));
    await until(() => held.length === 1);
    const { socket } = held[0] as Request;
    const receiver = create((socket as unknown as { readonly _handle: { readonly fd: number } })._handle.fd);
    expect(() => receiver.receive('text' as unknown as Buffer)).toThrow(TypeError);
    const target = Buffer.alloc(100);
    const first = receiver.receive(target);
    expect(() => receiver.receive(target)).toThrow(expect.objectContaining({ code: 'E_STATE' }) as Error);
    receiver.close();
    receiver.close();
    await expect(first).rejects.toMatchObject({ code: 'E_CANCELLED' });
    expect(() => receiver.receive(target)).toThrow(expect.objectContaining({ code: 'E_CANCELLED' }) as Error);
    socket.destroy();
    expect(await pending).toBe('temporary');
  });
});
