import { expect, it } from 'vitest';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import type { ConnectionHealth } from '../../shared/contract/schemas/connection-health.ts';
import { Failure } from '../../shared/errors.ts';
import { MetricsRegistry } from '../../telemetry/metrics-registry.ts';
import { agentClientId } from './companion-client.ts';
import { ConnectionWatch } from './connection-watch.ts';

const connection = (more: Partial<ConnectionHealth>): ConnectionHealth => ({
  connection_id: 'c1',
  fd: 20,
  remote_address: '127.0.0.1',
  client_id: 'job-1',
  user_agent: null,
  connected_at: '2024-01-02T03:04:05.000Z',
  uptime_ms: 1,
  last_read_at: null,
  last_write_at: null,
  idle_read_ms: 1,
  idle_write_ms: 1,
  bytes_in: 0,
  bytes_out: 0,
  requests: 1,
  read_errors: 0,
  write_errors: 0,
  last_error: null,
  keep_alive: true,
  partial_clears: 0,
  state: 'active',
  ...more,
});

/** A watch over a server whose answers the test sets. */
function watching(): { clock: FakeClock; watch: ConnectionWatch; server: { map: Record<string, ConnectionHealth>; clears: number; looks: number; gone: boolean }; events: unknown[] } {
  const clock = new FakeClock();
  const server = { map: {} as Record<string, ConnectionHealth>, clears: 0, looks: 0, gone: false };
  const events: unknown[] = [];
  const call = (_: string, path: string): Promise<{ status: number; body: unknown }> => {
    if (server.gone) return Promise.reject(new Failure('SERVER_NOT_RUNNING', { what: 'gone' }));
    if (path === '/api/connections') server.looks++;
    return Promise.resolve({ status: 200, body: path === '/api/connections' ? server.map : { partial_clears: server.clears } });
  };
  const watch = new ConnectionWatch({ clock, logger: silentLogger, client: { call }, isRunning: () => true, emit: (_, payload) => void events.push(payload), metrics: new MetricsRegistry({ clock }) });
  return { clock, watch, server, events };
}

it('looks once a second while there are connections or somebody looks, else every five seconds', async () => {
  const { clock, watch, server } = watching();
  const stop = new AbortController();
  const running = watch.run(stop.signal);
  await clock.advance(10_500);
  expect(server.looks).toBe(3);
  const over = watch.look();
  await clock.advance(3500);
  expect(server.looks).toBe(7);
  over();
  over();
  await clock.advance(1000);
  server.map = { 20: connection({}) };
  await clock.advance(5000);
  const before = server.looks;
  await clock.advance(3000);
  expect(server.looks).toBe(before + 3);
  stop.abort();
  await running;
});

it('tells of what moved, not of time that passes, and leaves the agent out', async () => {
  const { watch, server, events } = watching();
  server.map = { 9: connection({ connection_id: 'c0', client_id: agentClientId }) };
  await watch.poll();
  expect(events).toEqual([]);
  server.map = { 9: connection({ connection_id: 'c0', client_id: agentClientId, bytes_in: 9 }), 20: connection({}) };
  await watch.poll();
  server.map = { 20: connection({ uptime_ms: 1001, idle_read_ms: 1001, idle_write_ms: 1001 }) };
  await watch.poll();
  expect(events).toHaveLength(1);
  expect(events[0]).toEqual({ 20: connection({}) });
  server.map = { 20: connection({ state: 'stalled' }) };
  await watch.poll();
  server.gone = true;
  await watch.poll();
  expect(events).toHaveLength(3);
  expect(events.at(-1)).toEqual({});
});

it('counts partial clears over restarts of the server', async () => {
  const { watch, server } = watching();
  for (const clears of [0, 2, 2, 3, 1, 1]) {
    server.clears = clears;
    await watch.poll();
  }
  expect(watch.partialClears).toBe(4);
});
