/** Work under a lock: taken before, given back after, whatever happens in between. */
import { Failure } from '../../shared/errors.ts';
import { withDeadline } from '../platform/deadline.ts';
import { acquireLock, type Lock } from './lock.ts';
import type { Repository } from './repository.ts';

export interface WithLockOptions {
  readonly exclusive: boolean;
  readonly hostname: string;
  /** Ends the work; the body heeds it by itself. */
  readonly signal?: AbortSignal;
  /** The lock file could not be removed: it stays until it is stale. */
  readonly onKept: (error: unknown) => void;
}

/** Milliseconds after which interrupted work leaves its lock to the next one, on a line that is down. */
const releaseAfterInterrupt = 2000;

/** Stale locks in the way are removed. Failures: REPOSITORY_LOCKED, LOCK_LOST, and what the body throws. */
export async function withLock<T>(repository: Repository, options: WithLockOptions, body: (lock: Lock) => Promise<T>): Promise<T> {
  const { exclusive, hostname, signal, onKept } = options;
  const lock = await acquireLock(repository, { exclusive, hostname, removeStale: true }, signal);
  // A rejection is seen by whoever awaits `confirmed`; work that ends before must not die of it.
  lock.confirmed.catch(() => undefined);
  try {
    return await body(lock);
  } catch (error) {
    // What the loss of the lock caused matters less than the loss.
    if (lock.signal.aborted && lock.signal.reason instanceof Failure && signal?.aborted !== true) throw lock.signal.reason;
    throw error;
  } finally {
    try {
      if (signal?.aborted === true) await withDeadline(repository.clock, releaseAfterInterrupt, undefined, (deadline) => lock.release(deadline));
      else await lock.release();
    } catch (error) {
      onKept(error);
    }
  }
}
