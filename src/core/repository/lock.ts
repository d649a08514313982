/**
 * Locks (specification section 14).
 *
 * Vocabulary: an *exclusive* lock tolerates no other; any number of others may hold *non-exclusive* ones together. The
 * *first look* is before our lock file is written, the *second* 200 ms after: of two programs that start at the same
 * moment, at least one sees the other.
 *
 * Invariants: what removes or replaces objects holds an exclusive lock; a lock of another host is never removed before
 * it is 30 minutes old, unless a person asks for it; our own file is removed whenever the work ends, however it ends.
 */
import { hostName } from '../platform/identity.ts';
import { Failure } from '../../shared/errors.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import { StorageError } from '../storage/object-store.ts';
import { damaged } from './damage.ts';
import { HeldLock } from './held-lock.ts';
import { decodeLock, isStale, type LockRecord } from './lock-record.ts';
import { listObjects } from './named-objects.ts';
import type { Repository } from './repository.ts';

export interface Lock {
  /** Resolves after the second look; rejects with REPOSITORY_LOCKED. Await it before removing anything and before writing an index or a snapshot. */
  readonly confirmed: Promise<void>;
  /** Aborted with Failure LOCK_LOST when the lock could not be kept: the work must stop. */
  readonly signal: AbortSignal;
  /** Removes the lock file. May be called more than once. `signal` ends a removal that takes too long: the file then stays, and is stale. */
  release(signal?: AbortSignal): Promise<void>;
}

export interface LockOptions {
  readonly exclusive: boolean;
  /** Default: of this machine. */
  readonly hostname?: string;
  /** Remove stale locks that are in the way (default: no). */
  readonly removeStale?: boolean;
}

/** A lock in the repository: what it says, or why it cannot be read. */
export type StoredLock = { readonly id: string; readonly record: LockRecord } | { readonly id: string; readonly failure: Failure };

/** All locks; empty files, which an interrupted writer of another kind left, are none. */
export async function listLocks(repository: Repository, signal?: AbortSignal, known: ReadonlyMap<string, StoredLock> = new Map()): Promise<StoredLock[]> {
  const names = (await listObjects(repository.store, 'lock', signal)).filter(({ size }) => size > 0).map(({ name }) => name);
  const load = async (id: string): Promise<StoredLock | undefined> => known.get(id) ?? (await loadLock(repository, id, signal));
  const locks = await mapConcurrently(names, repository.store.connections, load, signal);
  return locks.filter((lock) => lock !== undefined);
}

/** Undefined if it is gone: locks come and go while they are listed. */
async function loadLock(repository: Repository, id: string, signal?: AbortSignal): Promise<StoredLock | undefined> {
  try {
    const json = await repository.readUnpacked('lock', id, signal);
    try {
      return { id, record: decodeLock(json) };
    } catch (error) {
      return { id, failure: damaged(`Lock ${id} is damaged: ${(error as Error).message}`, { cause: error }) };
    }
  } catch (error) {
    if (error instanceof StorageError && error.kind === 'not-found') return undefined;
    if (error instanceof Failure && error.code === 'DAMAGED') return { id, failure: error };
    throw error;
  }
}

/** Removes stale locks, or with `all` every one; resolves with their names. Locks that cannot be read need `all`. */
export async function removeStaleLocks(repository: Repository, options: { readonly all?: boolean } = {}, signal?: AbortSignal): Promise<string[]> {
  if (options.all === true) {
    return remove(
      repository,
      (await listObjects(repository.store, 'lock', signal)).map(({ name }) => name),
      signal,
    );
  }
  const locks = await listLocks(repository, signal);
  const now = repository.clock.now();
  return remove(
    repository,
    locks.filter((lock) => 'record' in lock && isStale(lock.record, now)).map(({ id }) => id),
    signal,
  );
}

async function remove(repository: Repository, names: readonly string[], signal?: AbortSignal): Promise<string[]> {
  await mapConcurrently(names, repository.store.connections, (name) => repository.store.remove({ type: 'lock', name }, signal), signal);
  return [...names];
}

/** The first of `locks` that cannot coexist with a new one. */
export function conflictOf(locks: readonly StoredLock[], exclusive: boolean): StoredLock | undefined {
  return locks.find((lock) => exclusive || 'failure' in lock || lock.record.exclusive);
}

/** Failure REPOSITORY_LOCKED that tells who is in the way. */
export function lockedBy(lock: StoredLock): Failure {
  const safe = 'Nothing was changed';
  if ('failure' in lock) {
    return new Failure(
      'REPOSITORY_LOCKED',
      {
        what: `The repository has a lock that cannot be read (${lock.id.slice(0, 12)})`,
        safe,
        next: 'Make sure that no other program uses the repository, then remove the lock with `cyberbackup unlock --remove-all`',
      },
      { cause: lock.failure },
    );
  }
  const { exclusive, username, hostname, pid, time } = lock.record;
  return new Failure('REPOSITORY_LOCKED', {
    what: `The repository is locked${exclusive ? ' exclusively' : ''} by ${username === '' ? 'someone' : username} on ${hostname === '' ? 'an unnamed computer' : hostname} (process ${pid}) since ${time}`,
    safe,
    next: 'Wait until that program has finished and try again; if it no longer runs, remove its lock with `cyberbackup unlock`',
  });
}

/**
 * Takes a lock. Resolves as soon as the lock file is written, so that loading can go on during the second look; see
 * `Lock.confirmed`. Failure REPOSITORY_LOCKED. `signal` ends the taking of the lock, not the holding.
 */
export async function acquireLock(repository: Repository, options: LockOptions, signal?: AbortSignal): Promise<Lock> {
  const { exclusive, hostname = hostName(), removeStale = false } = options;
  let locks = await listLocks(repository, signal);
  if (removeStale && conflictOf(locks, exclusive) !== undefined) {
    const now = repository.clock.now();
    const stale = locks.filter((lock) => 'record' in lock && isStale(lock.record, now));
    for (const lock of stale) repository.logger.info({ lock: lock.id, ...('record' in lock ? lock.record : {}) }, 'removing a stale lock');
    await remove(
      repository,
      stale.map(({ id }) => id),
      signal,
    );
    locks = locks.filter((lock) => !stale.includes(lock));
  }
  const conflict = conflictOf(locks, exclusive);
  if (conflict !== undefined) throw lockedBy(conflict);
  const known = new Map(locks.map((lock) => [lock.id, lock]));
  const findConflict = async (own: ReadonlySet<string>, lookSignal?: AbortSignal): Promise<Failure | undefined> => {
    const others = (await listLocks(repository, lookSignal, known)).filter(({ id }) => !own.has(id));
    const found = conflictOf(others, exclusive);
    return found === undefined ? undefined : lockedBy(found);
  };
  return HeldLock.take(repository, { exclusive, hostname, findConflict }, signal);
}
