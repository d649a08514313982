import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../shared/errors.ts';
import { FakeClock } from '../platform/fake-clock.ts';
import { StorageError } from '../storage/object-store.ts';
import { acquireLock, type Lock, listLocks, removeStaleLocks } from './lock.ts';
import { encodeLock, isStale, type LockRecord } from './lock-record.ts';
import { openRepository } from './repository.ts';
import { memoryRepository, testPassword, type MemoryRepository } from './testing/fast-repository.ts';
import { formatTime, instantFromMilliseconds } from './times.ts';

const minute = 60_000;

/** The id of a process that has ended. */
const deadPid = spawnSync(process.execPath, ['--version']).pid;

interface Setting extends MemoryRepository {
  readonly clock: FakeClock;
}

async function setting(): Promise<Setting> {
  const clock = new FakeClock();
  return { ...(await memoryRepository({ clock })), clock };
}

function record(clock: FakeClock, members: Partial<LockRecord> & { readonly age?: number } = {}): LockRecord {
  const { age = 0, ...rest } = members;
  return { time: formatTime(instantFromMilliseconds(clock.now() - age)), exclusive: false, hostname: 'elsewhere', username: 'u', pid: 1, uid: 0, gid: 0, ...rest };
}

const plant = ({ repository }: Setting, lock: LockRecord): Promise<string> => repository.writeUnpacked('lock', encodeLock(lock));

/** Takes a lock with both looks. */
async function take(place: Setting, options: { exclusive: boolean; removeStale?: boolean }): Promise<Lock> {
  const lock = await acquireLock(place.repository, options);
  await place.clock.advance(200);
  await lock.confirmed;
  return lock;
}

const locked = expect.objectContaining({ code: 'REPOSITORY_LOCKED' }) as Error;

describe('taking a lock', () => {
  it('writes one file and removes it again', async () => {
    const place = await setting();
    const lock = await acquireLock(place.repository, { exclusive: false, hostname: 'box' });
    const [name] = place.store.names('lock');
    expect(await listLocks(place.repository)).toMatchObject([{ id: name, record: { exclusive: false, hostname: 'box', pid: process.pid, time: '2024-01-02T03:04:05Z' } }]);
    await place.clock.advance(200);
    await lock.confirmed;
    await lock.release();
    await lock.release();
    expect(place.store.names('lock')).toEqual([]);
    expect(place.clock.sleeping).toBe(0);
    expect(lock.signal.aborted).toBe(false);
  });

  it.each([
    [false, false, true],
    [false, true, false],
    [true, false, false],
    [true, true, false],
  ])('theirs exclusive %s, ours exclusive %s: allowed %s', async (theirs, ours, allowed) => {
    const place = await setting();
    await plant(place, record(place.clock, { exclusive: theirs }));
    const taking = take(place, { exclusive: ours });
    if (allowed) await (await taking).release();
    else await expect(taking).rejects.toEqual(locked);
    expect(place.store.names('lock')).toHaveLength(1);
  });

  it('says who is in the way', async () => {
    const place = await setting();
    await plant(place, record(place.clock, { exclusive: true, username: 'anna', pid: 42 }));
    await expect(take(place, { exclusive: false })).rejects.toThrow('locked exclusively by anna on elsewhere (process 42) since 2024-01-02T03:04:05Z');
  });

  it('sees at the second look who came meanwhile, and withdraws', async () => {
    const place = await setting();
    const lock = await acquireLock(place.repository, { exclusive: true });
    const theirs = await plant(place, record(place.clock));
    await place.clock.advance(200);
    await expect(lock.confirmed).rejects.toEqual(locked);
    expect(place.store.names('lock')).toEqual([theirs]);
    await lock.release();
    expect(place.clock.sleeping).toBe(0);
  });

  it('looks again without a pause where lists are current, and of two at once none or one is confirmed', async () => {
    const place = await setting();
    place.store.listsAreCurrent = true;
    const attempt = async (): Promise<Lock | Failure> => {
      try {
        const lock = await acquireLock(place.repository, { exclusive: true });
        await lock.confirmed; // the clock stands still: a pause would never end
        return lock;
      } catch (error) {
        if (error instanceof Failure) return error;
        throw error;
      }
    };
    const results = await Promise.all([attempt(), attempt(), attempt()]);
    const confirmed = results.filter((result) => !(result instanceof Failure));
    expect(confirmed.length).toBeLessThanOrEqual(1);
    for (const result of results) if (result instanceof Failure) expect(result).toEqual(locked);
    for (const lock of confirmed) if (!(lock instanceof Failure)) await lock.release();
    expect(place.store.names('lock')).toEqual([]);
    const alone = await attempt();
    expect(alone).not.toBeInstanceOf(Failure);
    if (!(alone instanceof Failure)) await alone.release();
  });

  it('never gives exclusive locks to two at once', async () => {
    const place = await setting();
    const other = await openRepository(place.ports, { password: testPassword() });
    const outcomes = await Promise.all(
      [place.repository, other].map(async (repository) => {
        try {
          const lock = await acquireLock(repository, { exclusive: true });
          await place.clock.advance(200);
          await lock.confirmed;
          return true;
        } catch (error) {
          expect(error).toEqual(locked);
          return false;
        }
      }),
    );
    expect(outcomes.filter(Boolean).length).toBeLessThan(2);
  });

  it('ignores empty files and files that vanish, and stops at one that cannot be read', async () => {
    const place = await setting();
    place.store.plant('lock', 'e'.repeat(64), Buffer.alloc(0));
    await (await take(place, { exclusive: true })).release();
    const vanishing = await plant(place, record(place.clock, { exclusive: true }));
    place.store.fault = (operation, { name }) => {
      if (operation === 'get' && name === vanishing) place.store.objects.delete(`lock/${name}`);
    };
    await (await take(place, { exclusive: true })).release();
    place.store.plant('lock', 'd'.repeat(64), Buffer.alloc(100));
    for (const exclusive of [true, false]) await expect(take(place, { exclusive, removeStale: true })).rejects.toThrow('unlock --remove-all');
  });

  it('removes stale locks that are in the way only when asked to, and no young one', async () => {
    const place = await setting();
    const stale = await plant(place, record(place.clock, { exclusive: true, age: 31 * minute }));
    await expect(take(place, { exclusive: false })).rejects.toEqual(locked);
    expect(place.store.names('lock')).toEqual([stale]);
    await (await take(place, { exclusive: false, removeStale: true })).release();
    expect(place.store.names('lock')).toEqual([]);
    const young = await plant(place, record(place.clock, { exclusive: true, age: 29 * minute, pid: deadPid }));
    await plant(place, record(place.clock, { exclusive: true, age: 31 * minute }));
    await expect(take(place, { exclusive: false, removeStale: true })).rejects.toEqual(locked);
    expect(place.store.names('lock')).toEqual([young]);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    const place = await setting();
    const controller = new AbortController();
    const reason = new Error('enough');
    const lock = await acquireLock(place.repository, { exclusive: false }, controller.signal);
    controller.abort(reason);
    await expect(lock.confirmed).rejects.toBe(reason);
    expect(place.store.names('lock')).toEqual([]);
    const early = new AbortController();
    place.store.fault = (operation, handle) => {
      if (operation === 'put' && handle.type === 'lock') early.abort(reason);
    };
    const taken = acquireLock(place.repository, { exclusive: false }, early.signal);
    await taken.then(
      (held) => held.release(),
      (error: unknown) => expect(error).toBe(reason),
    );
    expect(place.store.names('lock')).toEqual([]);
    expect(place.clock.sleeping).toBe(0);
  });

  it('removes its file when the write failed half-way', async () => {
    const place = await setting();
    const away = new StorageError('temporary', 'the answer was lost');
    place.store.fault = (operation, handle) => {
      if (operation !== 'put') return;
      place.store.plant('lock', handle.name, Buffer.alloc(1));
      throw away;
    };
    await expect(acquireLock(place.repository, { exclusive: false })).rejects.toBe(away);
    expect(place.store.names('lock')).toEqual([]);
  });
});

describe('holding a lock', () => {
  it('writes it anew every 5 minutes, the new file before the old one goes', async () => {
    const place = await setting();
    const lock = await take(place, { exclusive: true });
    const [first] = place.store.names('lock');
    place.store.history.length = 0;
    await place.clock.advance(4 * minute);
    expect(place.store.history).toEqual([]);
    await place.clock.advance(2 * minute);
    const [second] = place.store.names('lock');
    expect(place.store.history).toEqual([`stat lock/${first}`, `put lock/${second}`, `remove lock/${first}`]);
    expect(second).not.toBe(first);
    const [stored] = await listLocks(place.repository);
    expect(stored).toMatchObject({ record: { exclusive: true, time: expect.stringMatching(/^2024-01-02T03:09:/) as string } });
    await place.clock.advance(60 * minute);
    expect(lock.signal.aborted).toBe(false);
    expect(isStale((stored as { record: LockRecord }).record, place.clock.now())).toBe(true);
    expect(await removeStaleLocks(place.repository)).toEqual([]);
    await lock.release();
    expect(place.store.names('lock')).toEqual([]);
  });

  it.runIf(process.platform !== 'win32')('survives SIGHUP, with which restic’s unlock asks whether we live', async () => {
    const listeners = process.listenerCount('SIGHUP');
    const place = await setting();
    const [first, second] = [await take(place, { exclusive: false }), await take(place, { exclusive: false })];
    await first.release();
    const received = once(process, 'SIGHUP');
    process.kill(process.pid, 'SIGHUP');
    await received;
    expect(second.signal.aborted).toBe(false);
    await second.release();
    expect(process.listenerCount('SIGHUP')).toBe(listeners);
  });

  it('survives an outage shorter than 22.5 minutes', async () => {
    const place = await setting();
    const lock = await take(place, { exclusive: false });
    place.store.fault = () => {
      throw new StorageError('unreachable', 'away');
    };
    await place.clock.advance(20 * minute);
    place.store.fault = undefined;
    await place.clock.advance(minute);
    expect(lock.signal.aborted).toBe(false);
    expect(await listLocks(place.repository)).toMatchObject([{ record: { time: expect.stringMatching(/^2024-01-02T03:24:/) as string } }]);
    await lock.release();
    expect(place.store.names('lock')).toEqual([]);
  });

  it('is lost after 22.5 minutes without success', async () => {
    const place = await setting();
    const lock = await take(place, { exclusive: false });
    place.store.fault = () => {
      throw new StorageError('unreachable', 'away');
    };
    await place.clock.advance(22 * minute);
    expect(lock.signal.aborted).toBe(false);
    await place.clock.advance(minute);
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST' });
    place.store.fault = undefined;
    await lock.release();
    expect(place.store.names('lock')).toEqual([]);
    expect(place.clock.sleeping).toBe(0);
  });

  it('is lost when the storage hangs', async () => {
    const place = await setting();
    const lock = await take(place, { exclusive: false });
    place.store.stat = (_, signal) => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
    await place.clock.advance(22 * minute);
    expect(lock.signal.aborted).toBe(false);
    await place.clock.advance(2 * minute);
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST' });
    await lock.release();
    expect(place.store.names('lock')).toEqual([]);
  });

  it('is lost when somebody removed it', async () => {
    const place = await setting();
    const lock = await take(place, { exclusive: false });
    await removeStaleLocks(place.repository, { all: true });
    await place.clock.advance(6 * minute);
    expect(lock.signal.reason).toBeInstanceOf(Failure);
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST', message: expect.stringContaining('removed by another program') as string });
    await lock.release();
    expect(place.store.names('lock')).toEqual([]);
  });

  it.each(['alive', 'removed', 'overtaken'] as const)('after a long sleep of the computer: %s', async (state) => {
    const place = await setting();
    const lock = await take(place, { exclusive: true });
    place.store.history.length = 0;
    // The wall clock jumps, as it does after a sleep.
    const now = place.clock.now.bind(place.clock);
    place.clock.now = () => now() + 3 * 60 * minute;
    if (state === 'removed') place.store.objects.clear();
    if (state === 'overtaken') await plant(place, record(place.clock));
    await place.clock.advance(2000);
    if (state === 'alive') {
      expect(lock.signal.aborted).toBe(false);
      expect(await listLocks(place.repository)).toMatchObject([{ record: { time: expect.stringMatching(/^2024-01-02T06:04:/) as string } }]);
    } else {
      expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST' });
    }
    await lock.release();
    expect(place.store.names('lock')).toHaveLength(state === 'overtaken' ? 1 : 0);
  });
});

describe('unlocking', () => {
  it('removes stale locks, or all of them', async () => {
    const place = await setting();
    const old = await plant(place, record(place.clock, { age: 40 * minute }));
    const young = await plant(place, record(place.clock));
    place.store.plant('lock', 'd'.repeat(64), Buffer.alloc(100));
    expect(await removeStaleLocks(place.repository)).toEqual([old]);
    expect((await removeStaleLocks(place.repository, { all: true })).sort()).toEqual([young, 'd'.repeat(64)].sort());
    expect(await listLocks(place.repository)).toEqual([]);
  });
});
