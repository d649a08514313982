import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../platform/fake-clock.ts';
import { systemClock } from '../platform/clock.ts';
import type { ObjectHandle, ObjectStore } from './object-store.ts';
import { RestStore } from './rest-store.ts';
import { retryCaps, retryDelay } from './retry-delay.ts';
import { withRetry } from './retry.ts';
import type { RetryEvent } from './retry.ts';
import { startFaultyServer } from './testing/faulty-server.ts';
import type { Fault, FaultyServer } from './testing/faulty-server.ts';
import { kindOf, listed, nameOf, sampleBytes } from './testing/samples.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** The clock runs on through every wait of the retries, unless `patient`. */
async function serve(patient = false): Promise<{ server: FaultyServer; store: ObjectStore; clock: FakeClock; events: RetryEvent[]; onRetry: (event: RetryEvent) => void }> {
  const server = await startFaultyServer();
  const clock = new FakeClock();
  const events: RetryEvent[] = [];
  const onRetry = (event: RetryEvent): void => {
    events.push(event);
    if (!patient) void clock.advance(event.delay);
  };
  const store = withRetry(new RestStore(server.url, { clock }), { clock, random: () => 0.5, onRetry });
  closing.push(() => server.close(), () => store.close());
  return { server, store, clock, events, onRetry };
}

/** Gives the requests of one method these faults, one after the other. */
function faults(server: FaultyServer, method: string, list: readonly Fault[]): void {
  const left = [...list];
  server.script = (request) => (request.method === method ? left.shift() : undefined);
}

const pack = sampleBytes(3_000_000, 1);
const handle: ObjectHandle = { type: 'data', name: nameOf(pack) };
const unavailable: Fault = { kind: 'status', status: 503 };

describe('R3: retryDelay', () => {
  it('doubles from half a second to half a minute', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7, 100].map((attempt) => retryDelay(attempt, 0.5))).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('doubles up to a quarter of an hour between the attempts of a job', () => {
    expect([0, 1, 10, 11, 100].map((attempt) => retryDelay(attempt, 0.5, undefined, retryCaps.job))).toEqual([500, 1000, 512_000, 900_000, 900_000]);
    expect([0, 1].map((random) => retryDelay(20, random, undefined, retryCaps.job))).toEqual([675_000, 1_125_000]);
    expect(retryDelay(0, 0.5, 3_600_000, retryCaps.job)).toBe(3_600_000);
  });

  it('stays within a quarter of that, and never below what the server asked for', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.double({ min: 0, max: 1, noNaN: true }), fc.option(fc.nat(100_000), { nil: undefined }), (attempt, random, asked) => {
        const plain = Math.min(30_000, 500 * 2 ** attempt);
        const delay = retryDelay(attempt, random, asked);
        expect(delay).toBeGreaterThanOrEqual(Math.max(plain * 0.75 - 1, asked ?? 0));
        expect(delay).toBeLessThanOrEqual(Math.max(plain * 1.25 + 1, asked ?? 0));
      }),
    );
  });
});

describe('R3: withRetry', () => {
  it('repeats every operation through passing failures', async () => {
    const { server, store, events } = await serve();
    faults(server, 'POST', [{ kind: 'drop-request', after: 1_000_000 }, unavailable, { kind: 'status', status: 429 }]);
    await store.put(handle, pack);
    faults(server, 'GET', [unavailable, { kind: 'drop-answer', after: 1_000_000 }, { kind: 'drop-answer', after: 0 }]);
    expect((await store.get(handle)).equals(pack)).toBe(true);
    faults(server, 'HEAD', [unavailable]);
    expect((await store.stat(handle)).size).toBe(pack.length);
    faults(server, 'GET', [unavailable, { kind: 'drop-answer', after: 20 }]);
    expect((await listed(store, 'data')).length).toBe(1);
    faults(server, 'DELETE', [unavailable, { kind: 'lose-answer' }]);
    await store.remove(handle);
    expect(server.objects.size).toBe(0);
    expect(events.slice(0, 3).map(({ attempt, delay, kind, operation }) => ({ attempt, delay, kind, operation }))).toEqual([
      { attempt: 1, delay: 500, kind: 'temporary', operation: `storing the data ${handle.name.slice(0, 10)}` },
      { attempt: 2, delay: 1000, kind: 'temporary', operation: `storing the data ${handle.name.slice(0, 10)}` },
      { attempt: 3, delay: 2000, kind: 'temporary', operation: `storing the data ${handle.name.slice(0, 10)}` },
    ]);
  });

  it('waits as long as the server asks', async () => {
    const { server, store, clock, events } = await serve();
    faults(server, 'HEAD', [{ kind: 'status', status: 503, headers: { 'Retry-After': '120' } }]);
    await kindOf(store.stat(handle));
    expect(events[0]?.delay).toBe(120_000);
    expect(clock.monotonic()).toBeGreaterThanOrEqual(120_000);
  });

  it('gives up after its budget, with the last error', async () => {
    const { server, store, clock, events } = await serve();
    server.script = () => unavailable;
    await expect(store.stat(handle)).rejects.toMatchObject({ kind: 'temporary', message: expect.stringContaining('503') as string });
    expect(clock.monotonic()).toBeGreaterThan(14 * 60_000);
    expect(clock.monotonic()).toBeLessThan(16 * 60_000);
    expect(events.length).toBeGreaterThan(20);
  });

  it.each([401, 403, 404, 413, 507])('does not repeat status %i', async (status) => {
    const { server, store, events } = await serve();
    faults(server, 'DELETE', [{ kind: 'status', status }]);
    faults(server, 'HEAD', [{ kind: 'status', status }]);
    await kindOf(store.stat(handle));
    expect(events).toEqual([]);
    expect(server.seen.length).toBe(1);
  });

  it('sends damaged bytes again, but not for ever', async () => {
    const { server, store, events } = await serve();
    faults(server, 'POST', [{ kind: 'status', status: 400 }]);
    await store.put(handle, pack);
    expect(events.map((event) => event.kind)).toEqual(['mismatch']);
    expect(await kindOf(store.put({ type: 'data', name: nameOf(pack.subarray(1)) }, pack))).toBe('mismatch');
    expect(events.length).toBe(4);
  });

  it('gives up soon on a server that was never reached, and waits for one that was', async () => {
    const { server, store, clock, events, onRetry } = await serve();
    await store.put(handle, pack);
    await server.close();
    expect(await kindOf(store.stat(handle))).toBe('unreachable');
    expect(events.length).toBeGreaterThan(20);

    const never = withRetry(new RestStore(server.url, { clock }), { clock, random: () => 0.5, onRetry });
    closing.push(() => never.close());
    const start = clock.monotonic();
    expect(await kindOf(never.stat(handle))).toBe('unreachable');
    expect(clock.monotonic() - start).toBeLessThan(10_000);
  });

  it('sends a stream again only while nothing of it was read', async () => {
    const { server, store, events } = await serve();
    async function* source(): AsyncGenerator<Uint8Array> {
      yield pack.subarray(0, 2_000_000);
      yield pack.subarray(2_000_000);
    }
    faults(server, 'POST', [{ kind: 'drop-request', after: 1_500_000 }]);
    expect(await kindOf(store.put(handle, { stream: source(), length: pack.length }))).toBe('temporary');
    expect(events).toEqual([]);
    await store.put(handle, { stream: source(), length: pack.length });
    expect((await store.get(handle)).equals(pack)).toBe(true);
  });

  it('goes on with a broken download where it stopped', async () => {
    const { server, store } = await serve();
    await store.put(handle, pack);
    faults(server, 'GET', [{ kind: 'drop-answer', after: 1_000_000 }, unavailable, { kind: 'drop-answer', after: 0 }, { kind: 'drop-answer', after: 500_000 }]);
    const drain = async (): Promise<Buffer> => {
      const pieces: Buffer[] = [];
      for await (const piece of (await store.stream(handle, { offset: 1000 })).body) pieces.push(piece);
      return Buffer.concat(pieces);
    };
    expect((await drain()).equals(pack.subarray(1000))).toBe(true);
  });

  it('stops waiting when it is aborted', async () => {
    const { server, store, clock, events } = await serve(true);
    server.script = () => unavailable;
    const controller = new AbortController();
    const reason = new Error('enough');
    const attempt = expect(store.get(handle, undefined, controller.signal)).rejects.toBe(reason);
    while (events.length === 0) await systemClock.sleep(1);
    controller.abort(reason);
    await attempt;
    expect(clock.sleeping).toBe(0);
  });
});
