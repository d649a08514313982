/** Socket.IO on the API's port: who is let in, what a client gets, and what a slow one costs. */
import { request } from 'node:http';
import { io } from 'socket.io-client';
import type { ManagerOptions, Socket, SocketOptions } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EventName } from '../../shared/contract/events.ts';
import { eventNames, events, gatheredEvents } from '../../shared/contract/events.ts';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { startTestAgent } from '../testing/test-agent.ts';
import type { TestAgent } from '../testing/test-agent.ts';
import { EventOutbox } from './event-outbox.ts';

const sockets: Socket[] = [];
let agent: TestAgent;

beforeAll(async () => {
  agent = await startTestAgent();
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  while (agent.agent.eventClients() > 0) await new Promise((resolve) => setImmediate(resolve));
});

afterAll(() => agent.stop());

function connect(options: Partial<ManagerOptions & SocketOptions>): Promise<Socket> {
  const socket = io(agent.agent.url, { reconnection: false, forceNew: true, ...options });
  sockets.push(socket);
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('connect_error', reject);
  });
}

const own = (transports: string[], extraHeaders: Record<string, string> = {}) => ({ auth: { token: agent.token }, transports, extraHeaders });

describe('R16: a client of events', () => {
  it.each([['websocket'], ['polling']])('with the token over %s gets every event of the contract', async (transport) => {
    const socket = await connect(own([transport]));
    const got: [string, unknown][] = [];
    const last = new Promise<void>((resolve) => socket.on('alert', () => resolve()));
    socket.onAny((name: string, payload: unknown) => void got.push([name, payload]));
    const { parts } = agent;
    const job = parts.runner.enqueue({ payload: { kind: 'check', read_data_percent: 0 }, repositoryId: 'drive', planId: null, priority: 0, maxAttempts: 1, traceId: 'd'.repeat(32) });
    parts.runner.advance(job.job_id, { progress: 10 });
    parts.runner.advance(job.job_id, { state: 'done', phase: 'COMPLETED' });
    parts.runner.advance(job.job_id, { state: 'done', phase: 'FAILED' });
    agent.emit('job_cancelled', { job_id: job.job_id, phase: 'CANCELLED', reason: null });
    agent.emit('jobs_cancelled', { results: {}, reason: null, reasons: {} });
    agent.emit('connection_health', {});
    agent.emit('health_changed', parts.health.current());
    agent.emit('retention_frozen', { repository_id: 'drive', freezes: [] });
    agent.emit('plans_changed', {});
    agent.emit('repositories_changed', {});
    agent.emit('catalogue_changed', { repository_id: 'drive', indexing: true, snapshots_done: 1, snapshots_total: 2 });
    agent.emit('alert', { alert_id: 'a', kind: 'disk_nearly_full', code: 'disk_low', values: { bytes: 1 }, severity: 'warning', message: 'm', at: '2026-11-27T08:00:00Z', resolved_at: null, subject: null });
    await last;
    expect(new Set(got.map(([name]) => name))).toEqual(new Set(eventNames));
    for (const [name, payload] of got) expect(payload).toEqual(events[name as EventName].payload.parse(payload));
  });

  it.each([undefined, '', 'wrong', 7, { $gt: '' }])('with the token %j is refused, and gets nothing', async (token) => {
    for (const transport of ['websocket', 'polling']) {
      await expect(connect({ auth: { token }, transports: [transport] })).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } });
    }
    expect(agent.agent.eventClients()).toBe(0);
  });

  it.each([
    ['a foreign Origin', { Origin: 'http://evil.example' }],
    ['the Origin null', { Origin: 'null' }],
    ['a foreign Host', { Host: 'evil.example' }],
    ['a page of another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a link that opens a window', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }],
  ])('from %s is refused even with the token', async (_, headers) => {
    // The polling client cannot send every header.
    expect(await agent.send({ target: '/socket.io/?EIO=4&transport=polling', headers: headers as unknown as Record<string, string> })).toMatchObject({ status: 403 });
    await expect(connect(own(['websocket'], headers as unknown as Record<string, string>))).rejects.toThrow(/error/);
  });

  it('may not send anything', async () => {
    const socket = await connect(own(['websocket']));
    const gone = new Promise<string>((resolve) => socket.once('disconnect', resolve));
    socket.emit('cancel_all', {});
    expect(await gone).toBe('io server disconnect');
  });

  it('may not send much', async () => {
    const socket = await connect(own(['websocket']));
    const gone = new Promise<string>((resolve) => socket.once('disconnect', resolve));
    socket.emit('x', 'y'.repeat(100_000));
    expect(await gone).toMatch(/transport|server disconnect/);
  });

  it('gets headers like everyone, and no permission for other origins', async () => {
    const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
      request({ host: '127.0.0.1', port: agent.port, path: '/socket.io/?EIO=4&transport=polling', agent: false }, (response) => {
        response.resume().once('end', () => resolve(response.headers));
      })
        .once('error', reject)
        .end();
    });
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('the outbox of a client', () => {
  const job = (id: string, progress: number) => ({ ...agent.parts.runner.get('job-1'), job_id: id, progress });

  function outbox({ limit = Infinity, paceMs = 0 } = {}) {
    const lists: string[][] = [];
    const state = { idle: true, dropped: false };
    const clock = new FakeClock();
    const box = new EventOutbox(
      {
        isIdle: () => state.idle,
        send: (list) => void lists.push(list.map(([name, payload]) => (typeof payload === 'object' && payload !== null && 'progress' in payload ? `${name} ${JSON.stringify(payload.progress)}` : name))),
        waiting: () => (lists.length > limit ? 1e6 : 0),
        drop: () => (state.dropped = true),
      },
      clock,
      paceMs,
    );
    return { box, lists, sent: () => lists.flat(), state, clock };
  }

  it('sends at once what a fast client can take', () => {
    const { box, sent } = outbox();
    for (const progress of [1, 2, 3]) box.push('job_updated', job('a', progress));
    expect(sent()).toEqual(['job_updated 1', 'job_updated 2', 'job_updated 3']);
  });

  it('keeps of each job the newest update for a slow client, the last one always', () => {
    const { box, sent, state } = outbox();
    state.idle = false;
    for (const progress of [1, 2, 3]) {
      box.push('job_updated', job('a', progress));
      box.push('job_updated', job('b', progress * 10));
      box.push('connection_health', {});
    }
    expect(sent()).toEqual([]);
    state.idle = true;
    box.drained();
    expect(sent()).toEqual(['job_updated 3', 'job_updated 30', 'connection_health']);
  });

  it('lets nothing overtake: an end comes after the update before it', () => {
    const { box, sent, state } = outbox();
    state.idle = false;
    box.push('job_updated', job('a', 50));
    box.push('job_completed', job('a', 100));
    expect(sent()).toEqual(['job_updated 50', 'job_completed 100']);
  });

  it('gathers states for a client with a pace, and nothing else waits', async () => {
    const { box, lists, clock } = outbox({ paceMs: 250 });
    box.push('job_updated', job('a', 1));
    expect(lists).toEqual([['job_updated 1']]);
    for (const progress of [2, 3]) {
      box.push('job_updated', job('a', progress));
      box.push('job_updated', job('b', progress * 10));
    }
    await clock.advance(249);
    expect(lists).toHaveLength(1);
    await clock.advance(1);
    expect(lists.slice(1)).toEqual([['job_updated 3', 'job_updated 30']]);
    box.push('job_updated', job('a', 4));
    box.push('job_completed', job('a', 100));
    expect(lists.slice(2)).toEqual([['job_updated 4', 'job_completed 100']]);
    box.push('job_updated', job('b', 50));
    box.close();
    await clock.advance(1000);
    expect(lists).toHaveLength(3);
  });

  it('lets go a client that leaves too much unread', () => {
    const { box, state } = outbox({ limit: 2 });
    for (const progress of [1, 2, 3]) box.push('job_created', job('a', progress));
    expect(state.dropped).toBe(true);
  });
});

describe('a real client that reads', () => {
  it('gets lists of events where it asks for them, and no message besides', async () => {
    const socket = await connect({ auth: { token: agent.token, gather: true }, transports: ['websocket'] });
    const names: string[] = [];
    const lists: unknown[][] = [];
    const last = new Promise<void>((resolve) => {
      socket.onAny((name: string, list: unknown[][]) => {
        names.push(name);
        lists.push(list.map(([event]) => event));
        if (lists.flat().includes('jobs_cancelled')) resolve();
      });
    });
    for (const progress of [1, 2, 3]) agent.emit('job_updated', { ...agent.parts.runner.get('job-1'), progress });
    agent.emit('jobs_cancelled', { results: {}, reason: null, reasons: {} });
    await last;
    expect(new Set(names)).toEqual(new Set([gatheredEvents]));
    expect(lists).toEqual([['job_updated'], ['job_updated', 'jobs_cancelled']]);
  });

  it('hears of everything when a queue of 10,000 is cancelled in one turn', async () => {
    const socket = await connect(own(['websocket']));
    let cancelled = 0;
    socket.on('job_cancelled', () => (cancelled += 1));
    const last = new Promise<void>((resolve) => socket.once('jobs_cancelled', () => resolve()));
    for (let at = 0; at < 10_000; at += 1) {
      agent.emit('job_updated', { ...agent.parts.runner.get('job-1'), job_id: `job-${at}` });
      agent.emit('job_cancelled', { job_id: `job-${at}`, phase: 'CANCELLED', reason: null });
    }
    agent.emit('jobs_cancelled', { results: {}, reason: null, reasons: {} });
    await last;
    expect(cancelled).toBe(10_000);
  });
});

describe('a real client that stops reading', () => {
  it('costs a bounded number of messages, and gets the newest update when it reads again', async () => {
    const socket = await connect(own(['websocket']));
    const { engine } = socket.io;
    const raw = (engine.transport as unknown as { ws: { _socket: { pause(): void; resume(): void } } }).ws._socket;
    const got: number[] = [];
    const newest = new Promise<void>((resolve) => {
      socket.on('job_updated', ({ progress }: { progress: number }) => {
        got.push(progress);
        if (progress === 100) resolve();
      });
    });
    raw.pause();
    const long = 'x'.repeat(50_000);
    const total = 4000;
    for (let at = 1; at <= total; at += 1) {
      agent.emit('job_updated', { ...agent.parts.runner.get('job-1'), message: long, progress: (at / total) * 100 });
      if (at % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    raw.resume();
    await newest;
    expect(got.length).toBeLessThan(total / 2);
    expect(got).toEqual(got.toSorted((a, b) => a - b));
  });
});
