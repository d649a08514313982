/**
 * Repositories that are kept open for a while, so that one who browses does not wait for keys and index at every step.
 *
 * Vocabulary: a *use* is one piece of work with an open repository; it is *idle* while it has none.
 *
 * Invariants: at most `mostKept` idle repositories stay open, none for longer than `idleLimit`; a repository is closed only
 * when its last use has ended. What fails in a repository that was kept is tried once more in one that is opened anew: only
 * that knows new snapshots and packs, a changed password, and a changed certificate.
 */
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import { Failure, type FailureCode } from '../../shared/errors.ts';
import { OpenedSnapshots } from './opened-snapshots.ts';
import type { Connection } from './repository-connection.ts';

const idleLimit = 5 * 60_000;
const mostKept = 4;
/** Failures that a fresh look cannot change. */
const final: readonly FailureCode[] = ['PATH_NOT_FOUND', 'SNAPSHOT_NOT_FOUND', 'INVALID_INPUT', 'REPOSITORY_NOT_FOUND', 'REPOSITORY_LOCKED', 'SNAPSHOT_PINNED', 'RETENTION_REFUSED', 'RETENTION_FROZEN', 'USAGE', 'CONFIGURATION'];

interface Kept {
  readonly opened: Promise<{ readonly connection: Connection; readonly snapshots: OpenedSnapshots }>;
  uses: number;
  /** Aborted when it is used again, or dropped. */
  idle: AbortController;
  dropped: boolean;
}

export class OpenRepositories {
  readonly #open: (id: string) => Promise<Connection>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** Least recently used first. */
  readonly #kept = new Map<string, Kept>();
  readonly #closing = new Set<Promise<void>>();

  constructor(open: (id: string) => Promise<Connection>, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#open = open;
    this.#clock = clock;
    this.#logger = logger;
  }

  async use<T>(id: string, body: (snapshots: OpenedSnapshots) => Promise<T>): Promise<T> {
    const wasKept = this.#kept.has(id);
    try {
      return await this.#useOnce(id, body);
    } catch (error) {
      if (!wasKept || (error instanceof Failure && final.includes(error.code))) throw error;
      return await this.#useOnce(id, body);
    }
  }

  /** Closes a repository once it is idle: it was changed or removed. */
  forget(id: string): void {
    const kept = this.#kept.get(id);
    if (kept !== undefined) this.#drop(id, kept);
  }

  /** Closes everything; resolves when all uses have ended. */
  async close(): Promise<void> {
    for (const id of this.#kept.keys()) this.forget(id);
    while (this.#closing.size > 0) await Promise.all(this.#closing);
  }

  /** How many are open, for tests and health. */
  get size(): number {
    return this.#kept.size;
  }

  #useOnce<T>(id: string, body: (snapshots: OpenedSnapshots) => Promise<T>): Promise<T> {
    const use = this.#using(id, body);
    this.#track(
      use.then(
        () => undefined,
        () => undefined,
      ),
    );
    return use;
  }

  async #using<T>(id: string, body: (snapshots: OpenedSnapshots) => Promise<T>): Promise<T> {
    const kept = this.#take(id);
    try {
      const { snapshots } = await kept.opened;
      return await body(snapshots);
    } catch (error) {
      if (!(error instanceof Failure && final.includes(error.code))) this.#drop(id, kept);
      throw error;
    } finally {
      kept.uses -= 1;
      if (kept.uses === 0) this.#rest(id, kept);
    }
  }

  #take(id: string): Kept {
    const kept = this.#kept.get(id) ?? { opened: this.#openNow(id), uses: 0, idle: new AbortController(), dropped: false };
    kept.idle.abort();
    kept.uses += 1;
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    for (const [other, { uses }] of this.#kept) {
      if (this.#kept.size <= mostKept) break;
      if (uses === 0) this.forget(other);
    }
    return kept;
  }

  async #openNow(id: string): Promise<{ readonly connection: Connection; readonly snapshots: OpenedSnapshots }> {
    const connection = await this.#open(id);
    return { connection, snapshots: new OpenedSnapshots(connection.repository) };
  }

  #rest(id: string, kept: Kept): void {
    if (kept.dropped) {
      this.#track(this.#closeNow(kept));
      return;
    }
    kept.idle = new AbortController();
    this.#track(this.#closeLater(id, kept, kept.idle.signal));
  }

  async #closeLater(id: string, kept: Kept, signal: AbortSignal): Promise<void> {
    try {
      await this.#clock.sleep(idleLimit, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return;
    }
    this.#drop(id, kept);
  }

  #drop(id: string, kept: Kept): void {
    if (kept.dropped) return;
    kept.dropped = true;
    kept.idle.abort();
    if (this.#kept.get(id) === kept) this.#kept.delete(id);
    if (kept.uses === 0) this.#track(this.#closeNow(kept));
  }

  async #closeNow({ opened }: Kept): Promise<void> {
    const [outcome] = await Promise.allSettled([opened]);
    if (outcome.status === 'rejected') return;
    try {
      await outcome.value.connection.close();
    } catch (error) {
      this.#logger.warn({ error: error instanceof Error ? error.message : String(error) }, 'a repository did not close cleanly');
    }
  }

  #track(work: Promise<void>): void {
    this.#closing.add(work);
    void work.finally(() => this.#closing.delete(work));
  }
}
