/**
 * The repository that a reader has open: opened with the first question, and anew where it is stale or something fails in it.
 *
 * Vocabulary: a *use* is one question that is being answered.
 *
 * Invariants: one is closed only when its last use has ended, so that nobody's index changes under him. What fails in one
 * that was open already is tried once more in one that is opened anew: only that knows new snapshots and packs, a changed
 * password, and a changed certificate.
 */
import type { Logger } from '../../core/platform/logger.ts';
import { untilAborted } from '../../core/platform/until-aborted.ts';
import { Failure, type FailureCode } from '../../shared/errors.ts';
import { Stale, type OpenedRepository } from './opened-repository.ts';

/** Failures that a fresh look cannot change. */
const final: readonly FailureCode[] = ['PATH_NOT_FOUND', 'SNAPSHOT_NOT_FOUND', 'INVALID_INPUT', 'INTERRUPTED', 'REPOSITORY_LOCKED'];
/** Somebody would have to save a snapshot between any two looks. */
const mostRenewals = 4;

interface Kept {
  readonly opened: Promise<OpenedRepository>;
  uses: number;
  dropped: boolean;
}

export class CurrentRepository {
  readonly #open: () => Promise<OpenedRepository>;
  readonly #logger: Logger;
  #kept: Kept | undefined;

  constructor(open: () => Promise<OpenedRepository>, logger: Logger) {
    this.#open = open;
    this.#logger = logger;
  }

  /** `body` may be called again with another one. Rejects with the signal's reason, though `body` may still go on. */
  async use<T>(body: (opened: OpenedRepository) => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const wasKept = this.#kept !== undefined;
      try {
        return await this.#once(body, signal);
      } catch (error) {
        signal.throwIfAborted();
        const again = error instanceof Stale ? attempt < mostRenewals : wasKept && attempt === 1 && !isFinal(error);
        if (!again) throw error;
      }
    }
  }

  /** Closes it, at once or when its last use has ended. */
  async close(): Promise<void> {
    const kept = this.#kept;
    if (kept === undefined) return;
    this.#drop(kept);
    if (kept.uses === 0) await this.#close(kept);
  }

  async #once<T>(body: (opened: OpenedRepository) => Promise<T>, signal: AbortSignal): Promise<T> {
    const kept = (this.#kept ??= { opened: this.#open(), uses: 0, dropped: false });
    kept.uses += 1;
    try {
      return await body(await untilAborted(kept.opened, signal));
    } catch (error) {
      if (!signal.aborted && !isFinal(error)) this.#drop(kept);
      throw error;
    } finally {
      kept.uses -= 1;
      if (kept.dropped && kept.uses === 0) void this.#close(kept);
    }
  }

  #drop(kept: Kept): void {
    kept.dropped = true;
    if (this.#kept === kept) this.#kept = undefined;
  }

  async #close({ opened }: Kept): Promise<void> {
    const [outcome] = await Promise.allSettled([opened]);
    if (outcome.status === 'rejected') return;
    try {
      await outcome.value.close();
    } catch (error) {
      this.#logger.warn({ error: error instanceof Error ? error.message : String(error) }, 'a repository did not close cleanly');
    }
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof Failure && final.includes(error.code);
}
