import { afterEach, expect, it } from 'vitest';
import { FakeClock } from '../platform/fake-clock.ts';
import { ConnectionMeter, withMetering } from './metering.ts';
import type { ObjectHandle } from './object-store.ts';
import { RestStore } from './rest-store.ts';
import { startFaultyServer } from './testing/faulty-server.ts';
import { kindOf, listed, nameOf, sampleBytes } from './testing/samples.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it('tells what a connection did', async () => {
  const server = await startFaultyServer();
  const clock = new FakeClock();
  const heard: string[] = [];
  const meter = new ConnectionMeter(clock, (operation, milliseconds) => heard.push(`${operation} ${milliseconds}`));
  const store = withMetering(new RestStore(server.url, { clock }), meter);
  closing.push(() => server.close(), () => store.close());
  const bytes = sampleBytes(100_000, 1);
  const handle: ObjectHandle = { type: 'data', name: nameOf(bytes) };

  await store.put(handle, bytes);
  expect(meter.health().latency).toBeUndefined();
  await store.get(handle, { offset: 0, length: 1000 });
  expect(meter.health().latency).toBe(0);
  for await (const piece of (await store.stream(handle)).body) expect(piece.length).toBeGreaterThan(0);
  await listed(store, 'data');
  await clock.advance(1000);
  expect(meter.health()).toMatchObject({
    location: store.location,
    operations: 4,
    active: 0,
    failures: 0,
    bytesIn: 101_000,
    bytesOut: 100_000,
    throughput: 20_100,
    latency: 0,
    lastError: undefined,
  });

  await store.stat(handle);
  expect(await kindOf(store.stat({ type: 'config', name: '' }))).toBe('not-found');
  server.script = () => ({ kind: 'status', status: 503 });
  expect(await kindOf(listed(store, 'key'))).toBe('temporary');
  await clock.advance(60_000);
  const later = meter.health();
  expect(later).toMatchObject({ operations: 7, failures: 1, throughput: 0, latency: 0, lastError: { kind: 'temporary', at: clock.now() - 60_000 } });
  expect(heard).toEqual(['put 0', 'get 0', 'stream 0', 'stat 0']);
});
