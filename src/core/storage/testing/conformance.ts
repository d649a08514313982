/**
 * The conformance suite of the storage port: every adapter and every stack of decorators passes it (invariants of
 * object-store.ts). It registers vitest tests when called from a test file.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { StorageError } from '../object-store.ts';
import type { ObjectBody, ObjectHandle, ObjectInfo, ObjectStore } from '../object-store.ts';
import { memoryConformance } from './memory-conformance.ts';
import { byName, kindOf, listed, nameOf, putData, sampleBytes } from './samples.ts';

export interface FreshStore {
  readonly store: ObjectStore;
  /** Releases what holds the store (a folder, a server), after the store was closed. */
  dispose?(): Promise<void>;
}

/** What the other end of a store does not promise, although the port asks for it. */
export interface ConformanceLimits {
  /** The server stores bytes that do not hash to their name (rclone). */
  readonly unverified?: boolean;
  /** The server replaces existing objects (rclone, unless told otherwise). */
  readonly replaces?: boolean;
  /** The server shows the beginning of an upload that runs or was aborted (rclone). */
  readonly showsPartials?: boolean;
}

/** `openFreshStore` makes an empty place; the suite calls `create` on it. */
export function storeConformance(name: string, openFreshStore: () => Promise<FreshStore>, limits: ConformanceLimits = {}): void {
  describe(`storage conformance: ${name}`, () => {
    const opened: FreshStore[] = [];
    const fresh = async (): Promise<ObjectStore> => {
      const one = await openFreshStore();
      opened.push(one);
      await one.store.create();
      return one.store;
    };
    afterEach(async () => {
      for (const one of opened.splice(0)) {
        await one.store.close();
        await one.dispose?.();
      }
    });

    it('returns what was put, whole and in part, of every type', async () => {
      const store = await fresh();
      for (const type of ['key', 'lock', 'snapshot', 'index', 'data'] as const) {
        const bytes = sampleBytes(100_000, type.length);
        const handle = { type, name: nameOf(bytes) };
        await store.put(handle, bytes);
        expect((await store.get(handle)).equals(bytes)).toBe(true);
        expect(await store.stat(handle)).toEqual({ name: handle.name, size: bytes.length });
        for (const [offset, length] of [[0, 1], [0, 100_000], [1, 70_000], [99_999, 1], [50_000, 0], [0, 0]] as const) {
          expect((await store.get(handle, { offset, length })).equals(bytes.subarray(offset, offset + length))).toBe(true);
        }
        for (const offset of [0, 1, 99_999, 100_000]) expect((await store.get(handle, { offset })).equals(bytes.subarray(offset))).toBe(true);
        expect(await listed(store, type)).toEqual([{ name: handle.name, size: bytes.length }]);
      }
    });

    it('refuses ranges that leave the object', async () => {
      const store = await fresh();
      const handle = await putData(store, sampleBytes(1000, 1));
      for (const range of [{ offset: 0, length: 1001 }, { offset: 999, length: 2 }, { offset: 1000, length: 1 }, { offset: 1001 }, { offset: 5000, length: 10 }, { offset: 1001, length: 0 }]) {
        expect([range, await kindOf(store.get(handle, range))]).toEqual([range, 'range']);
        expect([range, await kindOf(collected(store.stream(handle, range)))]).toEqual([range, 'range']);
      }
    });

    memoryConformance(fresh);

    it('refuses ranges that are none', async () => {
      const store = await fresh();
      const handle = await putData(store, sampleBytes(10, 1));
      for (const range of [{ offset: -1 }, { offset: 0.5 }, { offset: 0, length: -1 }, { offset: 0, length: Number.NaN }]) expect(await kindOf(store.get(handle, range))).toBe('range');
    });

    it('streams the same bytes in pieces', async () => {
      const store = await fresh();
      const bytes = sampleBytes(5_000_000, 2);
      const handle = await putData(store, bytes);
      const whole = await store.stream(handle);
      expect(whole.size).toBe(bytes.length);
      const pieces: Buffer[] = [];
      for await (const piece of whole.body) pieces.push(piece);
      expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
      expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(1 << 20);
      const part = await collected(store.stream(handle, { offset: 1_234_567, length: 2_345_678 }));
      expect(part.equals(bytes.subarray(1_234_567, 1_234_567 + 2_345_678))).toBe(true);
    });

    it('lets a stream be left early', async () => {
      const store = await fresh();
      const handle = await putData(store, sampleBytes(5_000_000, 3));
      for (let turn = 0; turn < 12; turn++) {
        const { body } = await store.stream(handle);
        for await (const piece of body) {
          expect(piece.length).toBeGreaterThan(0);
          break;
        }
      }
      expect((await store.get(handle)).length).toBe(5_000_000);
    });

    it('stores empty objects and whole packs, from memory and from a stream', async () => {
      const store = await fresh();
      for (const size of [0, 1, 65_536, 16 * 1024 * 1024 + 7]) {
        for (const body of bodiesOf(sampleBytes(size, size + 1))) {
          const handle: ObjectHandle = { type: 'data', name: nameOf(body.bytes) };
          await store.put(handle, body.body);
          expect([body.kind, size, (await store.get(handle)).equals(body.bytes)]).toEqual([body.kind, size, true]);
          await store.remove(handle);
        }
      }
    });

    it('keeps config apart: one, created once', async () => {
      const store = await fresh();
      const config: ObjectHandle = { type: 'config', name: '' };
      expect(await kindOf(store.get(config))).toBe('not-found');
      expect(await kindOf(store.stat(config))).toBe('not-found');
      await store.put(config, sampleBytes(155, 4));
      expect((await store.get(config)).equals(sampleBytes(155, 4))).toBe(true);
      expect((await store.get(config, { offset: 5, length: 50 })).equals(sampleBytes(155, 4).subarray(5, 55))).toBe(true);
      expect(await store.stat(config)).toEqual({ name: '', size: 155 });
      await store.put(config, sampleBytes(155, 4));
      if (limits.replaces !== true) {
        expect(await kindOf(store.put(config, sampleBytes(155, 5)))).toBe('exists');
        expect((await store.get(config)).equals(sampleBytes(155, 4))).toBe(true);
      }
      await store.remove(config);
      expect(await kindOf(store.stat(config))).toBe('not-found');
    });

    it('never changes an existing object', async () => {
      const store = await fresh();
      const bytes = sampleBytes(70_000, 6);
      const handle = await putData(store, bytes);
      await store.put(handle, bytes);
      await store.put(handle, { stream: one(bytes), length: bytes.length });
      if (limits.replaces !== true) {
        expect(await kindOf(store.put(handle, sampleBytes(70_000, 7)))).toBe('exists');
        expect(await kindOf(store.put(handle, sampleBytes(10, 7)))).toBe('exists');
      }
      expect((await store.get(handle)).equals(bytes)).toBe(true);
      expect(await listed(store, 'data')).toEqual([{ name: handle.name, size: bytes.length }]);
    });

    it('refuses bytes that do not hash to the name, and leaves nothing', async () => {
      if (limits.unverified === true) return;
      const store = await fresh();
      const handle: ObjectHandle = { type: 'data', name: nameOf(sampleBytes(1000, 8)) };
      for (const wrong of [sampleBytes(1000, 9), sampleBytes(999, 8), Buffer.alloc(0)]) {
        for (const { body } of bodiesOf(wrong)) expect(await kindOf(store.put(handle, body))).toBe('mismatch');
      }
      expect(await kindOf(store.get(handle))).toBe('not-found');
      expect(await listed(store, 'data')).toEqual([]);
      await store.put(handle, sampleBytes(1000, 8));
    });

    it('leaves nothing of a stream that fails or is not as long as announced', async () => {
      const store = await fresh();
      const bytes = sampleBytes(300_000, 10);
      const handle: ObjectHandle = { type: 'data', name: nameOf(bytes) };
      const broken = new Error('the source broke');
      await expect(store.put(handle, { stream: failing(bytes.subarray(0, 150_000), broken), length: bytes.length })).rejects.toThrow('the source broke');
      await expect(store.put(handle, { stream: one(bytes.subarray(1)), length: bytes.length })).rejects.toThrow(StorageError);
      await expect(store.put(handle, { stream: one(bytes), length: bytes.length - 1 })).rejects.toThrow(StorageError);
      if (limits.showsPartials === true) return;
      expect(await kindOf(store.stat(handle))).toBe('not-found');
      expect(await listed(store, 'data')).toEqual([]);
    });

    it('lists and removes', async () => {
      const store = await fresh();
      expect(await listed(store, 'snapshot')).toEqual([]);
      const expected: ObjectInfo[] = [];
      for (let i = 0; i < 60; i++) {
        const bytes = sampleBytes(100 + i, i);
        expected.push({ name: (await putData(store, bytes)).name, size: bytes.length });
      }
      expect(await listed(store, 'data')).toEqual(byName(expected));
      for (const { name: gone } of expected.slice(0, 30)) await store.remove({ type: 'data', name: gone });
      expect(await listed(store, 'data')).toEqual(byName(expected.slice(30)));
      const absent: ObjectHandle = { type: 'data', name: expected[0]?.name ?? '' };
      await store.remove(absent);
      expect(await kindOf(store.get(absent))).toBe('not-found');
      expect(await kindOf(store.stat(absent))).toBe('not-found');
      expect(await kindOf(collected(store.stream(absent)))).toBe('not-found');
    });

    it('gets many together where it can, and leaves out what is to be asked for alone', async ({ skip }) => {
      const store = await fresh();
      const { batches } = store;
      if (batches === undefined) {
        skip('it has no such operation');
        return;
      }
      const stored = await Promise.all([0, 1, 5000].map(async (size) => ({ bytes: sampleBytes(size, size), ...(await putData(store, sampleBytes(size, size))) })));
      const large = await putData(store, sampleBytes(2_000_000, 1));
      const [empty, one, small, missing, tooLarge] = await batches.get('data', [...stored.map(({ name }) => name), 'e'.repeat(64), large.name]);
      expect([missing, tooLarge]).toEqual([undefined, undefined]);
      expect([empty, one, small]).toEqual(stored.map(({ bytes }) => bytes));
      await expect(batches.get('data', ['../config'])).rejects.toBeInstanceOf(StorageError);
    });

    it('gets parts of many together where it can, and tells which were there', async ({ skip }) => {
      const store = await fresh();
      const { batches } = store;
      if (batches === undefined) {
        skip('it has no such operation');
        return;
      }
      const bytes = sampleBytes(5000, 1);
      const { name } = await putData(store, bytes);
      const target = Buffer.alloc(112);
      const ranges = [{ name, offset: 7, length: 100 }, { name: 'e'.repeat(64), offset: 0, length: 1 }, { name, offset: 4999, length: 1 }, { name, offset: 4995, length: 10 }];
      expect(await batches.getRanges('data', ranges, target)).toEqual([true, false, true, false]);
      expect([target.subarray(0, 100), target[101]]).toEqual([bytes.subarray(7, 107), bytes[4999]]);
      await expect(batches.getRanges('data', [{ name: '../config', offset: 0, length: 1 }], Buffer.alloc(1))).rejects.toBeInstanceOf(StorageError);
    });

    it('removes many together where it can', async ({ skip }) => {
      const store = await fresh();
      const { batches } = store;
      if (batches === undefined) {
        skip('it has no such operation');
        return;
      }
      const names = await Promise.all([1, 2, 3].map(async (size) => (await putData(store, sampleBytes(size, size))).name));
      expect(await batches.remove('data', [...names.slice(0, 2), 'e'.repeat(64)])).toEqual([true, true, true]);
      expect((await listed(store, 'data')).map((info) => info.name)).toEqual(names.slice(2));
      await expect(batches.remove('data', ['../config'])).rejects.toBeInstanceOf(StorageError);
    });

    it('refuses names that are none before anything happens', async () => {
      const store = await fresh();
      for (const bad of ['', '..', '../config', 'A'.repeat(64), 'a'.repeat(63), 'a'.repeat(65), `${'a'.repeat(63)}/`, `${'a'.repeat(63)}\n`]) {
        const handle: ObjectHandle = { type: 'data', name: bad };
        for (const attempt of [store.put(handle, Buffer.alloc(1)), store.get(handle), store.stat(handle), store.remove(handle)]) expect(await kindOf(attempt)).toBe('permanent');
      }
      expect(await kindOf(store.get({ type: 'config', name: 'a'.repeat(64) }))).toBe('permanent');
    });

    it('takes many operations at once', async () => {
      const store = await fresh();
      const bodies = Array.from({ length: 40 }, (_, i) => sampleBytes(200_000 + i, i));
      const handles = await Promise.all(bodies.map((bytes) => putData(store, bytes)));
      const back = await Promise.all(handles.map((handle) => store.get(handle)));
      expect(back.every((bytes, i) => bytes.equals(bodies[i] ?? Buffer.alloc(0)))).toBe(true);
      const twice = sampleBytes(1_000_000, 99);
      await Promise.all([putData(store, twice), putData(store, twice), putData(store, twice)]);
      expect((await store.get({ type: 'data', name: nameOf(twice) })).equals(twice)).toBe(true);
    });

    it('stops with the reason of an abort and leaves nothing', async () => {
      const store = await fresh();
      const reason = new Error('enough');
      const stopped = AbortSignal.abort(reason);
      const kept = await putData(store, sampleBytes(3_000_000, 12));
      const handle: ObjectHandle = { type: 'data', name: nameOf(sampleBytes(2_000_000, 11)) };
      const attempts: (() => Promise<unknown>)[] = [
        () => store.put(handle, sampleBytes(2_000_000, 11), stopped),
        () => store.get(kept, undefined, stopped),
        () => store.getInto(kept, 0, Buffer.alloc(10), stopped),
        () => collected(store.stream(kept, undefined, stopped)),
        () => store.stat(kept, stopped),
        () => listed(store, 'data', stopped),
        () => store.remove(kept, stopped),
        () => store.create(stopped),
      ];
      for (const attempt of attempts) await expect(attempt()).rejects.toBe(reason);
      const controller = new AbortController();
      const aborting = store.put(handle, { stream: abortingAfter(sampleBytes(2_000_000, 11), controller, reason), length: 2_000_000 }, controller.signal);
      await expect(aborting).rejects.toBe(reason);
      if (limits.showsPartials !== true) expect(await kindOf(store.stat(handle))).toBe('not-found');
      expect((await store.get(kept)).length).toBe(3_000_000);
    });

    it('names no credentials', async () => {
      const store = await fresh();
      expect(store.location).not.toMatch(/\/\/[^/]*@/);
      expect(store.connections).toBeGreaterThan(0);
    });
  });
}

async function collected(opening: Promise<{ readonly body: AsyncIterable<Buffer> }>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of (await opening).body) pieces.push(piece);
  return Buffer.concat(pieces);
}

function bodiesOf(bytes: Buffer): { kind: string; bytes: Buffer; body: ObjectBody }[] {
  return [
    { kind: 'memory', bytes, body: bytes },
    { kind: 'stream', bytes, body: { stream: pieces(bytes), length: bytes.length } },
    { kind: 'stream of unknown length', bytes, body: { stream: pieces(bytes) } },
  ];
}

async function* one(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += 700_001) yield bytes.subarray(offset, offset + 700_001);
}

async function* failing(bytes: Buffer, error: Error): AsyncGenerator<Uint8Array> {
  yield* pieces(bytes);
  throw error;
}

async function* abortingAfter(bytes: Buffer, controller: AbortController, reason: Error): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 1_000_000);
  controller.abort(reason);
  yield bytes.subarray(1_000_000);
}
