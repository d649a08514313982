import { rm } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { loadAddon } from '../native/load-addon.ts';
import { systemClock } from '../platform/clock.ts';
import { FakeClock } from '../platform/fake-clock.ts';
import { Bandwidth, TokenBucket, withBandwidth, withBandwidthLimit } from './bandwidth-limit.ts';
import { LocalStore } from './local-store.ts';
import type { ObjectHandle } from './object-store.ts';
import { nameOf, sampleBytes } from './testing/samples.ts';

const addon = loadAddon();
const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function localStore(): Promise<LocalStore> {
  const folder = temporaryFolder('bandwidth');
  folders.push(folder);
  const store = new LocalStore(folder, { addon });
  await store.create();
  return store;
}

async function hurried<T>(clock: FakeClock, attempt: Promise<T>): Promise<T> {
  const state = { ended: false };
  const done = attempt.finally(() => {
    state.ended = true;
  });
  done.catch(() => undefined);
  while (!state.ended) {
    // Only a waiting limiter lets the time pass: how long the disk takes must not count.
    if (clock.sleeping > 0) await clock.advance(100);
    await systemClock.sleep(0);
  }
  return done;
}

describe('TokenBucket', () => {
  it('lets bytes pass at its rate, evenly', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket(clock, 100_000);
    const passed: number[] = [];
    const all = (async () => {
      for (let i = 0; i < 100; i++) {
        await bucket.take(10_000);
        passed.push(clock.monotonic());
      }
    })();
    await clock.advance(20_000);
    await all;
    expect(passed.at(-1)).toBeGreaterThanOrEqual(9_700);
    expect(passed.at(-1)).toBeLessThanOrEqual(10_000);
    const gaps = passed.slice(3).map((time, i) => time - (passed[i + 2] ?? 0));
    expect(Math.max(...gaps)).toBe(100);
  });

  it('shares its rate between takers', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket(clock, 1000);
    const taker = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) await bucket.take(100);
    };
    await hurried(clock, Promise.all([taker(), taker(), taker(), taker()]));
    expect(clock.monotonic()).toBeGreaterThanOrEqual(3700);
    expect(clock.monotonic()).toBeLessThanOrEqual(4200);
  });

  it('keeps nothing of an idle time beyond a tenth of a second', async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket(clock, 1000);
    await bucket.take(1);
    await clock.advance(100_000);
    const start = clock.monotonic();
    await bucket.take(100);
    await bucket.take(100);
    await hurried(clock, bucket.take(100));
    expect(clock.monotonic() - start).toBeGreaterThanOrEqual(100);
  });
});

describe('withBandwidthLimit', () => {
  const bytes = sampleBytes(1_000_000, 1);
  const handle: ObjectHandle = { type: 'data', name: nameOf(bytes) };

  it('limits each direction for itself', async () => {
    const clock = new FakeClock();
    const store = withBandwidthLimit(await localStore(), { clock, upload: 100_000, download: 200_000 });
    await hurried(clock, store.put(handle, bytes));
    const uploaded = clock.monotonic();
    expect(uploaded).toBeGreaterThanOrEqual(9_500);
    expect(uploaded).toBeLessThanOrEqual(11_000);
    expect((await hurried(clock, store.get(handle))).equals(bytes)).toBe(true);
    expect(clock.monotonic() - uploaded).toBeGreaterThanOrEqual(4_500);
    expect(clock.monotonic() - uploaded).toBeLessThanOrEqual(6_000);
  });

  it('follows a rate that changes while a body is on its way', async () => {
    const clock = new FakeClock();
    const bandwidth = new Bandwidth(clock, { upload: 10_000, download: 0 });
    const store = withBandwidth(await localStore(), bandwidth);
    const put = store.put(handle, bytes);
    while (clock.monotonic() < 10_000) {
      if (clock.sleeping > 0) await clock.advance(100);
      await systemClock.sleep(0);
    }
    bandwidth.set({ upload: 1_000_000, download: 0 });
    await hurried(clock, put);
    // A tenth has passed in ten seconds, the rest in one.
    expect(clock.monotonic()).toBeLessThan(12_500);
    bandwidth.set({ upload: 0, download: 0 });
    const before = clock.monotonic();
    await hurried(clock, store.get(handle));
    expect(clock.monotonic()).toBe(before);
  });

  it('stops waiting when it is aborted, and leaves nothing', async () => {
    const clock = new FakeClock();
    const inner = await localStore();
    const store = withBandwidthLimit(inner, { clock, upload: 1000 });
    const controller = new AbortController();
    const reason = new Error('enough');
    const attempt = expect(store.put(handle, bytes, controller.signal)).rejects.toBe(reason);
    while (clock.sleeping === 0) await systemClock.sleep(1);
    controller.abort(reason);
    await attempt;
    await expect(inner.stat(handle)).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('objects that are to be had together', () => {
  it('come one by one while downloads are limited', async () => {
    const clock = new FakeClock();
    const bandwidth = new Bandwidth(clock, { upload: 0, download: 0 });
    const store = withBandwidth(await localStore(), bandwidth);
    const bytes = sampleBytes(100, 1);
    await store.put({ type: 'snapshot', name: nameOf(bytes) }, bytes);
    const range = { name: nameOf(bytes), offset: 1, length: 2 };
    expect(await store.batches?.get('snapshot', [range.name])).toEqual([bytes]);
    expect(await store.batches?.getRanges('snapshot', [range], Buffer.alloc(2))).toEqual([true]);
    bandwidth.set({ upload: 0, download: 1000 });
    expect(await store.batches?.get('snapshot', [range.name])).toEqual([undefined]);
    expect(await store.batches?.getRanges('snapshot', [range], Buffer.alloc(2))).toEqual([false]);
  });
});
