/**
 * A lock from the moment its file is written until it is released.
 *
 * States: *taken* (file written, second look to come), *confirmed*, *lost* (signal aborted), *released*. While it is held,
 * the file is replaced every 5 minutes by one with a new time: the new one is written before the old one is removed, so
 * that the repository is never seen without a lock. After 22.5 minutes without success (the computer slept, the storage
 * was away) others may soon take the lock for stale: then it is revived only if its file is still there and nobody else
 * came, and lost otherwise.
 */
import { Failure } from '../../shared/errors.ts';
import { withDeadline } from '../platform/deadline.ts';
import { ignoreHangups } from '../platform/hangup.ts';
import { StorageError } from '../storage/object-store.ts';
import type { Lock } from './lock.ts';
import { encodeLock, ownRecord } from './lock-record.ts';
import type { Repository } from './repository.ts';
import { sealUnpacked } from './unpacked-files.ts';

/**
 * Milliseconds; the figures are restic's (specification section 14). The pause before the second look is for storage
 * whose lists lag behind; where lists are current it is left out, since of two programs that each write and then look, the
 * later writer is certain to see the earlier one.
 */
const secondLook = 200;
const refreshInterval = 5 * 60 * 1000;
const expiry = 22.5 * 60 * 1000;
const retryInterval = 30 * 1000;
/** A sleeping computer is noticed this long after it woke. */
const watchInterval = 1000;
const revivalLimit = 60 * 1000;

export interface HeldLockOptions {
  readonly exclusive: boolean;
  readonly hostname: string;
  /** Looks at all locks but those named. */
  readonly findConflict: (own: ReadonlySet<string>, signal?: AbortSignal) => Promise<Failure | undefined>;
}

export class HeldLock implements Lock {
  readonly confirmed: Promise<void>;
  readonly #repository: Repository;
  readonly #options: HeldLockOptions;
  readonly #lost = new AbortController();
  readonly #stopped = new AbortController();
  /** Either of the two. */
  readonly #end = AbortSignal.any([this.#lost.signal, this.#stopped.signal]);
  /** Every lock file of ours that may exist: more than one while refreshing. */
  readonly #files = new Set<string>();
  #current = '';
  #wallTime = 0;
  #monotonicTime = 0;
  #retryAt = 0;
  readonly #watching: Promise<void>;
  readonly #heedHangups: () => void;
  #removal: Promise<void> | undefined;

  /** Writes the lock file. */
  static async take(repository: Repository, options: HeldLockOptions, signal?: AbortSignal): Promise<HeldLock> {
    const files = new Set<string>();
    const heedHangups = ignoreHangups();
    try {
      const name = await writeLockFile(repository, options, files, signal);
      return new HeldLock(repository, options, { name, files, heedHangups }, signal);
    } catch (error) {
      heedHangups();
      // An interrupted write may have arrived after all.
      for (const name of files) await repository.store.remove({ type: 'lock', name });
      throw error;
    }
  }

  private constructor(repository: Repository, options: HeldLockOptions, taken: { name: string; files: Set<string>; heedHangups: () => void }, signal?: AbortSignal) {
    this.#repository = repository;
    this.#options = options;
    this.#files = taken.files;
    this.#heedHangups = taken.heedHangups;
    this.#setCurrent(taken.name);
    this.#watching = this.#watch();
    this.confirmed = this.#confirm(signal);
    // Whoever awaits `confirmed` sees a rejection; a caller that fails before it does must not end the process.
    this.confirmed.catch(() => undefined);
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  async release(signal?: AbortSignal): Promise<void> {
    this.#stopped.abort(new Error('the lock was released'));
    await Promise.allSettled([this.confirmed]);
    await this.#remove(signal);
  }

  async #confirm(signal?: AbortSignal): Promise<void> {
    const either = signal === undefined ? this.#stopped.signal : AbortSignal.any([this.#stopped.signal, signal]);
    try {
      if (!this.#repository.store.listsAreCurrent) await this.#repository.clock.sleep(secondLook, either);
      const conflict = await this.#options.findConflict(this.#files, either);
      if (conflict !== undefined) throw conflict;
    } catch (error) {
      await this.#remove();
      throw error;
    }
  }

  /** Ends refreshing and removes our files; the signals of the work do not count, because it must happen when everything else was aborted. */
  #remove(signal?: AbortSignal): Promise<void> {
    this.#removal ??= (async () => {
      this.#stopped.abort(new Error('the lock was released'));
      await this.#watching;
      try {
        for (const name of this.#files) await this.#removeFile(name, signal);
      } finally {
        this.#heedHangups();
      }
    })();
    return this.#removal;
  }

  async #removeFile(name: string, signal?: AbortSignal): Promise<void> {
    await this.#repository.store.remove({ type: 'lock', name }, signal);
    this.#files.delete(name);
  }

  #setCurrent(name: string): void {
    const { clock } = this.#repository;
    this.#current = name;
    this.#wallTime = clock.now();
    this.#monotonicTime = clock.monotonic();
  }

  /** Since the lock was last written; the larger of two clocks, since one stands still while the computer sleeps and the other can be set back. */
  #age(): number {
    const { clock } = this.#repository;
    return Math.max(clock.now() - this.#wallTime, clock.monotonic() - this.#monotonicTime);
  }

  async #watch(): Promise<void> {
    while (await this.#pause()) {
      const age = this.#age();
      if (age >= expiry) await this.#attempt(revivalLimit, (signal) => this.#revive(signal), true);
      else if (age >= refreshInterval && this.#repository.clock.monotonic() >= this.#retryAt) await this.#attempt(expiry - age, (signal) => this.#refresh(signal), false);
    }
  }

  /** False when there is nothing to watch any more. */
  async #pause(): Promise<boolean> {
    try {
      await this.#repository.clock.sleep(watchInterval, this.#end);
      return true;
    } catch (error) {
      if (this.#end.aborted) return false;
      throw error;
    }
  }

  async #attempt(limit: number, operation: (signal: AbortSignal) => Promise<void>, isLast: boolean): Promise<void> {
    const { clock, logger } = this.#repository;
    try {
      await withDeadline(clock, limit, this.#stopped.signal, operation);
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      logger.warn({ lock: this.#current, error: (error as Error).message }, 'the lock could not be refreshed');
      this.#retryAt = clock.monotonic() + retryInterval;
      if (error instanceof Failure && error.code === 'LOCK_LOST') this.#lost.abort(error);
      else if (isLast) this.#lost.abort(lockLost('could not be refreshed for too long', error));
    }
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    await this.#checkPresent(signal);
    const old = this.#current;
    this.#setCurrent(await writeLockFile(this.#repository, this.#options, this.#files, signal));
    await this.#removeFile(old, signal);
  }

  async #revive(signal: AbortSignal): Promise<void> {
    await this.#checkPresent(signal);
    const old = this.#current;
    const name = await writeLockFile(this.#repository, this.#options, this.#files, signal);
    await this.#repository.clock.sleep(secondLook, signal);
    await this.#checkPresent(signal);
    const conflict = await this.#options.findConflict(this.#files, signal);
    if (conflict !== undefined) throw lockLost('was overtaken by another program', conflict);
    this.#setCurrent(name);
    await this.#removeFile(old, signal);
  }

  async #checkPresent(signal: AbortSignal): Promise<void> {
    try {
      await this.#repository.store.stat({ type: 'lock', name: this.#current }, signal);
    } catch (error) {
      if (error instanceof StorageError && error.kind === 'not-found') throw lockLost('was removed by another program', error);
      throw error;
    }
  }
}

/** Writes a lock file with the time of now; its name is in `files` before it can exist. */
async function writeLockFile(repository: Repository, { exclusive, hostname }: HeldLockOptions, files: Set<string>, signal?: AbortSignal): Promise<string> {
  const { name, bytes } = sealUnpacked(repository, encodeLock(ownRecord(exclusive, hostname, repository.clock.now())));
  files.add(name);
  await repository.store.put({ type: 'lock', name }, bytes, signal);
  return name;
}

function lockLost(how: string, cause: unknown): Failure {
  return new Failure(
    'LOCK_LOST',
    { what: `The lock on the repository ${how}`, safe: 'Everything stored so far is intact; the work stopped before it could interfere with another program', next: 'Run the same command again, it continues where this one stopped' },
    { cause },
  );
}
