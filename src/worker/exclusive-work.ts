/** Work that needs the repository for itself: under restic's exclusive lock, which is sure before the work begins. */
import { hostName } from '../core/platform/identity.ts';
import { withLock } from '../core/repository/with-lock.ts';
import type { JobPorts } from './attempt.ts';

export interface ExclusiveWork {
  /** Ends the work also when the lock is lost. */
  readonly signal: AbortSignal;
}

/** Failures REPOSITORY_LOCKED, which the queue tries again, LOCK_LOST, and those of the body. */
export async function withExclusiveLock<T>({ repository, signal, logger }: JobPorts, what: string, body: (work: ExclusiveWork) => Promise<T>): Promise<T> {
  const onKept = (error: unknown): void => logger.warn({ error }, `the lock of this ${what} could not be removed`);
  return await withLock(repository, { exclusive: true, hostname: hostName(), signal, onKept }, async (lock) => {
    await lock.confirmed;
    return await body({ signal: AbortSignal.any([signal, lock.signal]) });
  });
}
