import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../core/platform/fake-clock.ts';
import { silentLogger } from '../core/platform/logger.ts';
import { ConnectionMonitor, defaultMonitorOptions } from './connection-monitor.ts';
import type { OpenRequest } from './connection-record.ts';
import { call, rawConnection, startTestServer, until } from './testing/test-server.ts';

/** The part of a socket that the monitor looks at, with counters that tests set. */
class FakeSocket extends EventEmitter {
  remoteAddress = '192.0.2.7';
  bytesRead = 0;
  bytesWritten = 0;
  writableLength = 0;
  keepAlive: unknown[] = [];
  _handle: { fd: number } | null = { fd: 20 };

  setKeepAlive(...given: unknown[]): void {
    this.keepAlive = given;
  }
}

const asSocket = (socket: FakeSocket): Socket => socket as unknown as Socket;

class FakeRequest implements OpenRequest {
  waiting = true;
  expired = 0;

  waitsForClient(): boolean {
    return this.waiting;
  }

  expire(): void {
    this.expired += 1;
  }
}

let clock: FakeClock;
let monitor: ConnectionMonitor;
let socket: FakeSocket;

beforeEach(() => {
  clock = new FakeClock(Date.UTC(2026, 0, 1));
  monitor = new ConnectionMonitor(clock, silentLogger, { ...defaultMonitorOptions, closedRingLength: 3 });
  socket = new FakeSocket();
  monitor.watch(asSocket(socket));
});

/** Time passes as it does for the server: with a look every second. */
async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await clock.advance(1000);
    monitor.sweep();
  }
}

describe('R1: the health of a connection', () => {
  it('begins with keep-alive, under its descriptor', () => {
    expect(socket.keepAlive).toEqual([true, 30_000]);
    expect(monitor.health()).toEqual({
      20: {
        connection_id: 'c1',
        fd: 20,
        remote_address: '192.0.2.7',
        client_id: null,
        user_agent: null,
        connected_at: '2026-01-01T00:00:00.000Z',
        uptime_ms: 0,
        last_read_at: null,
        last_write_at: null,
        idle_read_ms: 0,
        idle_write_ms: 0,
        bytes_in: 0,
        bytes_out: 0,
        requests: 0,
        read_errors: 0,
        write_errors: 0,
        last_error: null,
        keep_alive: true,
        partial_clears: 0,
        state: 'idle',
      },
    });
  });

  it('counts bytes and times, states and errors', async () => {
    await clock.advance(2000);
    socket.bytesRead = 100;
    const request = new FakeRequest();
    const end = monitor.beginRequest(asSocket(socket), null, 'restic', request);
    monitor.identify(asSocket(socket), 'anna');
    await clock.advance(1000);
    socket.bytesWritten = 50;
    expect(monitor.health()['20']).toMatchObject({
      client_id: 'anna',
      user_agent: 'restic',
      bytes_in: 100,
      bytes_out: 50,
      requests: 1,
      last_read_at: '2026-01-01T00:00:02.000Z',
      last_write_at: '2026-01-01T00:00:03.000Z',
      idle_read_ms: 1000,
      idle_write_ms: 0,
      state: 'active',
    });
    await pass(14);
    expect(monitor.health()['20']?.state).toBe('active');
    await pass(1);
    expect(monitor.health()['20']).toMatchObject({ state: 'stalled', idle_read_ms: 16_000, uptime_ms: 18_000 });
    socket.bytesRead = 101;
    expect(monitor.health()['20']?.state).toBe('active');
    end();
    await pass(60);
    expect(monitor.health()['20']?.state).toBe('idle');
    monitor.noteError(asSocket(socket), Object.assign(new Error('x'), { code: 'ECONNRESET', syscall: 'read' }));
    monitor.noteError(asSocket(socket), Object.assign(new Error('x'), { code: 'EPIPE', syscall: 'write' }));
    monitor.notePartialClear(asSocket(socket));
    expect(monitor.health()['20']).toMatchObject({ read_errors: 1, write_errors: 1, last_error: 'EPIPE', partial_clears: 1 });
  });

  it('does not count as sent what still waits in this process', () => {
    socket.bytesWritten = 1000;
    socket.writableLength = 400;
    expect(monitor.health()['20']?.bytes_out).toBe(600);
  });

  it('counts what goes past the socket object while it goes, and keeps it', async () => {
    socket.bytesWritten = 100;
    let sent = 0;
    const end = monitor.beginSending(asSocket(socket), () => sent);
    await clock.advance(5000);
    sent = 4000;
    expect(monitor.health()['20']).toMatchObject({ bytes_out: 4100, idle_write_ms: 0 });
    await clock.advance(1000);
    expect(monitor.health()['20']).toMatchObject({ bytes_out: 4100, idle_write_ms: 1000 });
    sent = 5000;
    end();
    expect(monitor.health()['20']).toMatchObject({ bytes_out: 5100, idle_write_ms: 0 });
    monitor.beginSending(asSocket(socket), () => 7);
    socket.emit('close');
    expect(monitor.recentlyClosed()).toMatchObject([{ bytes_out: 5107 }]);
  });

  it('keeps the last of those that ended, with what was learned afterwards', () => {
    socket.emit('close');
    monitor.notePartialClear(asSocket(socket));
    expect(monitor.health()).toEqual({});
    expect(monitor.recentlyClosed()).toMatchObject([{ connection_id: 'c1', partial_clears: 1 }]);
    for (let number = 0; number < 4; number++) {
      const next = new FakeSocket();
      monitor.watch(asSocket(next));
      next.emit('close');
    }
    expect(monitor.recentlyClosed().map(({ connection_id: id }) => id)).toEqual(['c3', 'c4', 'c5']);
    expect(monitor.accepted).toBe(5);
  });

  it('uses ids as keys where descriptors are unknown or given out twice', () => {
    const [twin, nameless] = [new FakeSocket(), new FakeSocket()];
    nameless._handle = null;
    monitor.watch(asSocket(twin));
    monitor.watch(asSocket(nameless));
    expect(Object.keys(monitor.health()).sort()).toEqual(['20', 'c2', 'c3']);
    expect(monitor.health()['c3']?.fd).toBe(-1);
  });
});

describe('the deadline', () => {
  it('ends a request that moves too little, again and again, but not while the server is the one that works', async () => {
    const request = new FakeRequest();
    monitor.beginRequest(asSocket(socket), null, null, request);
    request.waiting = false;
    await pass(200);
    expect(request.expired).toBe(0);
    request.waiting = true;
    await pass(59);
    expect(request.expired).toBe(0);
    await pass(1);
    expect(request.expired).toBe(1);
  });

  it('is pushed on by progress: 64 kbit/s for an hour is fine, a byte a second is not', async () => {
    const request = new FakeRequest();
    const end = monitor.beginRequest(asSocket(socket), null, null, request);
    for (let second = 0; second < 3600; second++) {
      socket.bytesRead += 8000;
      await pass(1);
    }
    expect(request.expired).toBe(0);
    for (let second = 0; second < 61; second++) {
      socket.bytesRead += 1;
      await pass(1);
    }
    expect(request.expired).toBe(1);
    end();
  });

  it('does not count the time in which this process was halted', async () => {
    const request = new FakeRequest();
    monitor.beginRequest(asSocket(socket), null, null, request);
    await clock.advance(600_000);
    monitor.sweep();
    expect(request.expired).toBe(0);
    await pass(60);
    expect(request.expired).toBe(1);
  });
});

it('never throws into what it watches', async () => {
  const hostile = new Proxy({} as Socket, {
    get() {
      throw new Error('no');
    },
  });
  const throwing = { ...silentLogger, error: () => { throw new Error('log'); }, debug: () => { throw new Error('log'); } };
  const watched = new ConnectionMonitor(clock, throwing);
  watched.watch(hostile);
  watched.beginRequest(hostile, null, null, new FakeRequest())();
  watched.watch(asSocket(socket));
  const request = new FakeRequest();
  request.waitsForClient = () => {
    throw new Error('no');
  };
  watched.beginRequest(asSocket(socket), 'x', null, request);
  socket._handle = null;
  Object.defineProperty(socket, 'bytesRead', { get: () => { throw new Error('no'); } });
  expect(watched.health()).toEqual({});
  watched.sweep();
  socket.emit('error', new Error('x'));
  socket.emit('close');
  expect(watched.failures).toBeGreaterThanOrEqual(4);
});

it('watches until it is told to stop', async () => {
  const stop = new AbortController();
  const running = monitor.run(stop.signal);
  const request = new FakeRequest();
  monitor.beginRequest(asSocket(socket), null, null, request);
  await clock.advance(61_000);
  expect(request.expired).toBe(1);
  stop.abort();
  await running;
});

it('tells of real connections what it should', async () => {
  const server = await startTestServer();
  try {
    await server.call('POST', '/?create=true');
    const connection = await rawConnection(server.port);
    const request = 'HEAD /config HTTP/1.1\r\nHost: x\r\nUser-Agent: probe\r\nX-Client-Id: laptop-7\r\n\r\n';
    connection.socket.write(request);
    await until(() => connection.received().includes('404'));
    const answer = await call('GET', `${server.url}/api/connections`, { headers: { authorization: `Bearer ${server.adminToken}` } });
    const map = JSON.parse(answer.body.toString()) as Record<string, Record<string, unknown>>;
    const mine = Object.entries(map).find(([, { client_id: id }]) => id === 'laptop-7');
    expect(mine?.[1]).toMatchObject({ user_agent: 'probe', remote_address: '127.0.0.1', requests: 1, state: 'idle', keep_alive: true, bytes_in: request.length, bytes_out: connection.received().length });
    if (process.platform === 'linux') expect(mine?.[0]).toBe(String(mine?.[1]['fd']));
    connection.socket.destroy();
    await connection.closed;
    expect(server.server.monitor.failures).toBe(0);
  } finally {
    await server.stop();
  }
});
