import { afterEach, describe, expect, it } from 'vitest';
import { loadAddon } from '../native/load-addon.ts';
import { systemClock } from '../platform/clock.ts';
import { FakeClock } from '../platform/fake-clock.ts';
import type { ObjectHandle } from './object-store.ts';
import { RestStore } from './rest-store.ts';
import type { RestStoreOptions } from './rest-store.ts';
import { storeConformance } from './testing/conformance.ts';
import { startFaultyServer } from './testing/faulty-server.ts';
import type { Fault, FaultyServer } from './testing/faulty-server.ts';
import { kindOf, listed, nameOf, sampleBytes } from './testing/samples.ts';

storeConformance('rest against a small server', async () => {
  const server = await startFaultyServer();
  return { store: new RestStore(server.url, { clock: systemClock }), dispose: () => server.close() };
});

storeConformance('rest against a server with version 1 lists', async () => {
  const server = await startFaultyServer();
  server.listVersion1 = true;
  return { store: new RestStore(server.url, { clock: systemClock, connections: 2 }), dispose: () => server.close() };
});

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(options: Partial<RestStoreOptions> = {}): Promise<{ server: FaultyServer; store: RestStore; clock: FakeClock }> {
  const server = await startFaultyServer();
  const clock = new FakeClock();
  const store = new RestStore(server.url, { clock, receivers: loadAddon(), ...options });
  closing.push(() => server.close(), () => store.close());
  return { server, store, clock };
}

/** The next request of this method gets the fault, once. */
function once(server: FaultyServer, method: string, fault: Fault): void {
  let done = false;
  server.script = (request) => {
    if (done || request.method !== method) return undefined;
    done = true;
    return fault;
  };
}

const pack = sampleBytes(3_000_000, 1);
const handle: ObjectHandle = { type: 'data', name: nameOf(pack) };

describe('RestStore against faults', () => {
  it.each(Array.from({ length: 11 }, (_, tenth) => tenth))('reports an upload cut at %i tenths as temporary, and stores nothing', async (tenth) => {
    const { server, store } = await serve();
    once(server, 'POST', { kind: 'drop-request', after: (pack.length * tenth) / 10 });
    expect(await kindOf(store.put(handle, pack))).toBe('temporary');
    expect(server.objects.size).toBe(0);
    await store.put(handle, pack);
    expect((await store.get(handle)).equals(pack)).toBe(true);
  });

  it.each(Array.from({ length: 10 }, (_, tenth) => tenth))('reports a download cut at %i tenths as temporary', async (tenth) => {
    const { server, store } = await serve();
    await store.put(handle, pack);
    const fault: Fault = { kind: 'drop-answer', after: (pack.length * tenth) / 10 };
    once(server, 'GET', fault);
    expect(await kindOf(store.get(handle))).toBe('temporary');
    once(server, 'GET', fault);
    expect(await kindOf(store.get(handle, { offset: 0, length: pack.length }))).toBe('temporary');
    once(server, 'GET', fault);
    expect(await kindOf(drained(store))).toBe('temporary');
    expect((await store.get(handle)).equals(pack)).toBe(true);
  });

  it('succeeds where the answer was lost after the object was stored', async () => {
    const { server, store } = await serve();
    once(server, 'POST', { kind: 'lose-answer' });
    await store.put(handle, pack);
    expect(server.seen.map((request) => request.method)).toEqual(['POST', 'HEAD', 'GET']);
    const config: ObjectHandle = { type: 'config', name: '' };
    once(server, 'POST', { kind: 'lose-answer' });
    await store.put(config, pack);
    expect(await kindOf(store.put(config, pack.subarray(1)))).toBe('exists');
  });

  it.each([
    [400, 'mismatch'],
    [401, 'denied'],
    [404, 'not-found'],
    [408, 'temporary'],
    [413, 'too-large'],
    [425, 'temporary'],
    [429, 'temporary'],
    [500, 'temporary'],
    [502, 'temporary'],
    [503, 'temporary'],
    [507, 'full'],
    [301, 'permanent'],
    [418, 'permanent'],
  ])('maps status %i of an upload to %s', async (status, kind) => {
    const { server, store } = await serve();
    once(server, 'POST', { kind: 'status', status });
    expect(await kindOf(store.put(handle, pack))).toBe(kind);
    await store.put(handle, pack);
  });

  it('tells denied from exists where the server answers 403', async () => {
    const { server, store } = await serve();
    once(server, 'POST', { kind: 'status', status: 403 });
    expect(await kindOf(store.put(handle, pack))).toBe('denied');
    await store.put(handle, pack);
    once(server, 'POST', { kind: 'status', status: 403 });
    await store.put(handle, pack);
    once(server, 'DELETE', { kind: 'status', status: 403 });
    expect(await kindOf(store.remove(handle))).toBe('denied');
  });

  it('R9: knows the 403 of an administrator who ended the upload', async () => {
    const { server, store } = await serve();
    once(server, 'POST', { kind: 'status', status: 403, headers: { 'X-Upload-Ended-By': 'administrator' } });
    expect(await kindOf(store.put(handle, pack))).toBe('ended');
    // It does not look whether the object exists: the upload is not wanted.
    expect(server.seen.map((request) => request.method)).toEqual(['POST']);
    await store.put(handle, pack);
  });

  it('carries Retry-After, in seconds and as a date', async () => {
    const { server, store, clock } = await serve();
    once(server, 'HEAD', { kind: 'status', status: 503, headers: { 'Retry-After': '7' } });
    await expect(store.stat(handle)).rejects.toMatchObject({ kind: 'temporary', retryAfter: 7000 });
    once(server, 'HEAD', { kind: 'status', status: 429, headers: { 'Retry-After': new Date(clock.now() + 90_000).toUTCString() } });
    await expect(store.stat(handle)).rejects.toMatchObject({ retryAfter: 90_000 });
    once(server, 'HEAD', { kind: 'status', status: 429, headers: { 'Retry-After': 'soon' } });
    await expect(store.stat(handle)).rejects.toMatchObject({ retryAfter: undefined });
  });

  it('gives up on a server that stands still', async () => {
    const { server, store, clock } = await serve();
    await store.put(handle, pack);
    const stalls: [string, Fault, () => Promise<unknown>][] = [
      ['HEAD', { kind: 'stall-request' }, () => store.stat(handle)],
      ['GET', { kind: 'stall-request' }, () => store.get(handle)],
      ['GET', { kind: 'stall-answer', after: 1_000_000 }, () => store.get(handle)],
      ['GET', { kind: 'stall-answer', after: 1_000_000 }, () => drained(store)],
      ['POST', { kind: 'stall-request' }, () => store.put({ type: 'index', name: handle.name }, pack)],
    ];
    for (const [method, fault, run] of stalls) {
      once(server, method, fault);
      const seen = server.seen.length;
      const attempt = kindOf(run());
      await until(() => server.seen.length > seen);
      expect(await withClock(clock, attempt)).toBe('temporary');
    }
    expect((await store.get(handle)).equals(pack)).toBe(true);
  });

  it('never takes another part than it asked for', async () => {
    const { server, store } = await serve();
    await store.put(handle, pack);
    const range = { offset: 1000, length: 500 };
    const lies: [Fault, string][] = [
      [{ kind: 'replace-answer', change: (body) => body.subarray(1) }, 'permanent'],
      [{ kind: 'replace-answer', change: (body) => body, headers: { 'Content-Range': 'bytes 0-499/3000000' } }, 'permanent'],
      [{ kind: 'replace-answer', change: (body) => body, headers: { 'Content-Range': 'bytes 1000-1499' } }, 'permanent'],
      [{ kind: 'status', status: 200 }, 'permanent'],
      [{ kind: 'status', status: 204 }, 'permanent'],
    ];
    for (const [fault, kind] of lies) {
      once(server, 'GET', fault);
      expect(await kindOf(store.get(handle, range))).toBe(kind);
    }
    expect((await store.get(handle, range)).equals(pack.subarray(1000, 1500))).toBe(true);
  });

  it('never takes a part of a list for the list', async () => {
    const { server, store } = await serve();
    for (let seed = 0; seed < 20; seed++) {
      const bytes = sampleBytes(100, seed);
      await store.put({ type: 'index', name: nameOf(bytes) }, bytes);
    }
    for (const [fault, kind] of [
      [{ kind: 'drop-answer', after: 700 }, 'temporary'],
      [{ kind: 'replace-answer', change: (body) => body.subarray(0, 700) }, 'temporary'],
      [{ kind: 'replace-answer', change: () => Buffer.alloc(0) }, 'temporary'],
      [{ kind: 'replace-answer', change: () => Buffer.from('<html>') }, 'permanent'],
      [{ kind: 'replace-answer', change: () => Buffer.from('[{"name":1}]') }, 'permanent'],
      [{ kind: 'replace-answer', change: () => Buffer.from('[]]') }, 'permanent'],
      [{ kind: 'status', status: 404 }, 'not-found'],
      [{ kind: 'status', status: 500 }, 'temporary'],
    ] satisfies [Fault, string][]) {
      once(server, 'GET', fault);
      expect([fault, await kindOf(listed(store, 'index'))]).toEqual([fault, kind]);
    }
    expect((await listed(store, 'index')).length).toBe(20);
  });

  it('takes a missing list as empty where the repository exists', async () => {
    const { server, store } = await serve();
    await store.put({ type: 'config', name: '' }, pack);
    once(server, 'GET', { kind: 'status', status: 404 });
    expect(await listed(store, 'snapshot')).toEqual([]);
  });

  it('survives connections that the server closed meanwhile', async () => {
    const { server, store } = await serve();
    for (let turn = 0; turn < 5; turn++) {
      await Promise.all([0, 1, 2, 3, 4].map((seed) => store.put({ type: 'data', name: nameOf(sampleBytes(10, seed)) }, sampleBytes(10, seed))));
      server.breakConnections();
    }
    expect(server.objects.size).toBe(5);
  });

  it('reports a server that is not there as unreachable', async () => {
    const { server, store } = await serve();
    await server.close();
    expect(await kindOf(store.stat(handle))).toBe('unreachable');
    expect(await kindOf(store.put(handle, pack))).toBe('unreachable');
  });

  it('sends credentials in the header, and shows them nowhere', async () => {
    const server = await startFaultyServer();
    closing.push(() => server.close());
    const url = new URL(server.url);
    url.username = 'someone';
    url.password = 'planted-secret';
    const store = new RestStore(url, { clock: systemClock, username: 'someone', password: 'planted-secret' });
    closing.push(() => store.close());
    once(server, 'HEAD', { kind: 'status', status: 401 });
    const error = await store.stat(handle).catch((caught: unknown) => caught);
    expect(server.seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('someone:planted-secret').toString('base64')}`);
    expect(store.location).toBe(`rest:${server.url.href}`);
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('planted-secret');
  });

  it('aborts at any moment of an upload and a download', async () => {
    const { server, store } = await serve();
    const reason = new Error('enough');
    for (const fault of [{ kind: 'stall-request' }, { kind: 'stall-answer', after: 10 }] satisfies Fault[]) {
      const controller = new AbortController();
      once(server, 'POST', fault);
      const seen = server.seen.length;
      const uploading = expect(store.put({ type: 'lock', name: nameOf(pack) }, pack, controller.signal)).rejects.toBe(reason);
      await until(() => server.seen.length > seen);
      if (fault.kind === 'stall-request') controller.abort(reason);
      else setImmediate(() => controller.abort(reason));
      if (fault.kind === 'stall-request') await uploading;
      else await uploading.catch(() => undefined);
    }
    await store.put(handle, pack);
    const controller = new AbortController();
    once(server, 'GET', { kind: 'stall-answer', after: 1000 });
    const seen = server.seen.length;
    const downloading = expect(store.get(handle, undefined, controller.signal)).rejects.toBe(reason);
    await until(() => server.seen.length > seen);
    controller.abort(reason);
    await downloading;
  });

  it('lets locks pass while every connection is busy', async () => {
    const { server, store } = await serve({ connections: 1 });
    await store.put(handle, pack);
    const controller = new AbortController();
    once(server, 'GET', { kind: 'stall-request' });
    const waiting = expect(store.get(handle, undefined, controller.signal)).rejects.toThrow('enough');
    const lock = sampleBytes(100, 5);
    await store.put({ type: 'lock', name: nameOf(lock) }, lock);
    expect((await listed(store, 'lock')).length).toBe(1);
    controller.abort(new Error('enough'));
    await waiting;
  });
});

async function drained(store: RestStore): Promise<number> {
  let size = 0;
  for await (const piece of (await store.stream(handle)).body) size += piece.length;
  return size;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(1);
}

/** Lets the clock run fast until the attempt ends. */
async function withClock<T>(clock: FakeClock, attempt: Promise<T>): Promise<T> {
  const state = { ended: false };
  void attempt.finally(() => {
    state.ended = true;
  });
  while (!state.ended) {
    await clock.advance(20_000);
    await systemClock.sleep(2);
  }
  return attempt;
}
