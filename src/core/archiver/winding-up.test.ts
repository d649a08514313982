/** How a backup that ends early is wound up: what was stored is kept for the next run, and the first reason is told. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newestRestic } from '../../../test/support/restic.ts';
import { noise } from '../../../test/support/noise.ts';
import { check } from '../checker/check.ts';
import { systemClock, type Clock } from '../platform/clock.ts';
import { silentLogger } from '../platform/logger.ts';
import type { Repository } from '../repository/repository.ts';
import { StorageError, type ObjectStore } from '../storage/object-store.ts';
import { altered } from './testing/altered-store.ts';
import { Place, restics } from './testing/place.ts';

const mebibyte = 1024 * 1024;
const newest = newestRestic();
/** Small packs, so that there are many moments between them. */
const packSize = 4 * mebibyte;

let place: Place;
let repository: Repository;

beforeEach(async () => {
  place = new Place();
  repository = await place.open();
});

afterEach(() => place.close());

function fill(files: number, size: number): void {
  for (let i = 0; i < files; i++) writeFileSync(path.join(place.source, `file ${i}`), noise(size, i));
}

async function names(type: 'index' | 'data' | 'snapshot' | 'lock'): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of repository.store.list(type)) found.push(name);
  return found.sort();
}

/** A store that tells of each stored pack, and takes two at once, so that few more than wanted are stored. */
function watchedStore(onPack: (name: string, count: number) => void): ObjectStore {
  let count = 0;
  return altered(repository.store, {
    connections: 2,
    async put(handle, body, signal) {
      await repository.store.put(handle, body, signal);
      if (handle.type === 'data') onPack(handle.name, ++count);
    },
  });
}

async function listedPacks(): Promise<string[]> {
  const fresh = await place.reopen();
  await fresh.loadIndex();
  const ids = fresh.index.packIds();
  return Array.from({ length: ids.length / 32 }, (_, i) => ids.subarray(i * 32, i * 32 + 32).toString('hex'));
}

describe('an interrupted backup', () => {
  it('lists every pack that was stored, so that the next run does not store it again', async () => {
    fill(24, 3 * mebibyte);
    const total = 72 * mebibyte;
    const acknowledged = new Set<string>();
    let sent = 0;
    for (const limit of [2, 1, 3, 1]) {
      const abort = new AbortController();
      const stored: string[] = [];
      const store = watchedStore((name, count) => {
        stored.push(name);
        acknowledged.add(name);
        if (count === limit) abort.abort();
      });
      await expect(place.backup(await place.reopen({ store }), { packSize }, { signal: abort.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' });
      expect(stored.length).toBeGreaterThanOrEqual(limit);
      expect(await listedPacks()).toEqual(expect.arrayContaining([...acknowledged]));
      expect([await names('lock'), await names('snapshot')]).toEqual([[], []]);
      const report = await check(await place.reopen(), { readData: true }, { clock: systemClock });
      expect([report.errors, report.hints.filter(({ name }) => acknowledged.has(name))]).toEqual([[], []]);
      sent = report.bytesRead;
    }
    await place.check(newest, '--read-data');
    const summary = await place.backup(repository, { packSize });
    // Pack headers and seals take some of what was sent.
    expect(summary.data_added).toBeLessThan(total - sent * 0.99 + mebibyte);
    expect(sent).toBeGreaterThan(7 * mebibyte);
    for (const restic of restics) await place.check(restic, '--read-data');
  });

  it('lets uploads under way arrive, and begins no others', async () => {
    fill(12, 3 * mebibyte);
    const abort = new AbortController();
    const begun: string[] = [];
    const store = altered(repository.store, {
      async put(handle, body, signal) {
        if (handle.type === 'data') {
          begun.push(handle.name);
          if (begun.length === 2) abort.abort();
          if (begun.length > 1) await systemClock.sleep(20, signal);
        }
        await repository.store.put(handle, body, signal);
      },
    });
    await expect(place.backup(await place.reopen({ store }), { packSize }, { signal: abort.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(begun).toHaveLength(2);
    expect((await listedPacks()).sort()).toEqual(begun.sort());
  });

  it('cuts off uploads that do not arrive, and keeps the others', async () => {
    fill(12, 3 * mebibyte);
    const abort = new AbortController();
    const stored: string[] = [];
    let begun = 0;
    const store = altered(repository.store, {
      async put(handle, body, signal) {
        if (handle.type === 'data' && ++begun > 2) {
          abort.abort();
          await systemClock.sleep(3_600_000, signal);
        }
        await repository.store.put(handle, body, signal);
        if (handle.type === 'data') stored.push(handle.name);
      },
    });
    await expect(place.backup(await place.reopen({ store }), { packSize }, { signal: abort.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect((await listedPacks()).sort()).toEqual(stored.sort());
    expect(await names('lock')).toEqual([]);
  });

  it('ends although neither index nor lock can be written any more, and leaves both to the next', async () => {
    fill(4, 3 * mebibyte);
    const abort = new AbortController();
    const warnings: string[] = [];
    const hang = (signal?: AbortSignal): Promise<void> => systemClock.sleep(3_600_000, signal);
    const store = altered(repository.store, {
      async put(handle, body, signal) {
        if (abort.signal.aborted) await hang(signal);
        await repository.store.put(handle, body, signal);
        if (handle.type === 'data') abort.abort();
      },
      async remove(handle, signal) {
        if (abort.signal.aborted) await hang(signal);
        await repository.store.remove(handle, signal);
      },
    });
    const logger = { ...silentLogger, warn: (_: Record<string, unknown>, message: string) => void warnings.push(message) };
    await expect(place.backup(await place.reopen({ store, logger }), { packSize }, { signal: abort.signal, logger })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(warnings).toEqual([expect.stringContaining('in no index'), expect.stringContaining('could not be removed')]);
    expect([(await names('lock')).length, await names('index')]).toEqual([1, []]);
  });
});

describe('a backup that fails', () => {
  it('keeps what was stored, and tells its own reason although the person interrupts it while it is wound up', async () => {
    fill(12, 3 * mebibyte);
    for (const interrupted of [false, true]) {
      const abort = new AbortController();
      const stored: string[] = [];
      let begun = 0;
      const store = altered(repository.store, {
        async put(handle, body, signal) {
          if (handle.type === 'data' && ++begun > 2) throw new StorageError('full', 'no space left');
          await repository.store.put(handle, body, signal);
          if (handle.type === 'data') stored.push(handle.name);
          else if (handle.type === 'index' && interrupted) abort.abort();
        },
      });
      await expect(place.backup(await place.reopen({ store }), { packSize }, { signal: abort.signal })).rejects.toMatchObject({ code: 'STORAGE_FULL' });
      expect(abort.signal.aborted).toBe(interrupted);
      expect(await listedPacks()).toEqual(expect.arrayContaining(stored));
      expect([await names('lock'), await names('snapshot')]).toEqual([[], []]);
    }
  });

  it('is told as what it is when releasing the lock fails, too', async () => {
    fill(2, 1000);
    const store = altered(repository.store, {
      put: (handle, body, signal) => (handle.type === 'data' ? Promise.reject(new StorageError('denied', 'no')) : repository.store.put(handle, body, signal)),
      remove: () => Promise.reject(new StorageError('denied', 'append-only')),
    });
    await expect(place.backup(await place.reopen({ store }))).rejects.toMatchObject({ code: 'STORAGE_DENIED', text: { what: expect.stringContaining('(no)') as string } });
  });
});

describe('a backup whose lock is lost', () => {
  /** Moves on by six minutes when told, which is when a lock looks after its file. */
  function jumpingClock(): Clock & { jump: () => void } {
    let offset = 0;
    return {
      now: () => systemClock.now() + offset,
      monotonic: () => systemClock.monotonic() + offset,
      sleep: (ms, signal) => systemClock.sleep(ms / 50, signal),
      jump: () => void (offset += 6 * 60_000),
    };
  }

  it.each(['data', 'snapshot'] as const)('stops with LOCK_LOST, here while %s is sent, without a snapshot or an index after the loss', async (type) => {
    fill(8, 3 * mebibyte);
    const clock = jumpingClock();
    const store = altered(repository.store, {
      async put(handle, body, signal) {
        if (handle.type === type) {
          for (const name of await names('lock')) await repository.store.remove({ type: 'lock', name });
          clock.jump();
          await systemClock.sleep(3_600_000, signal);
        }
        await repository.store.put(handle, body, signal);
      },
    });
    await expect(place.backup(await place.reopen({ store, clock }), { packSize }, { clock })).rejects.toMatchObject({ code: 'LOCK_LOST' });
    expect(await names('snapshot')).toEqual([]);
    expect(await names('index')).toHaveLength(type === 'data' ? 0 : 1);
    await place.check(newest, '--read-data');
  });
});
