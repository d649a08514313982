/**
 * Asks the guard after jobs that brought or removed snapshots, and whenever a person wants to know.
 *
 * Invariants: one look or confirmation at a time for each repository, in the order in which they were asked for; jobs that end
 * meanwhile are one further look. A look that fails, as while the storage is away, leaves what the last one found. None
 * goes on when the agent stops, nor for one who has left.
 */
import type { Logger } from '../../core/platform/logger.ts';
import type { Guard } from '../../core/retention/guard/guard.ts';
import { openGuard, withGuard, type Remember } from '../../core/retention/guard/open-guard.ts';
import { loadAllSnapshots } from '../../core/retention/load-snapshots.ts';
import { distinctScopes } from '../../core/retention/scope.ts';
import type { Repository } from '../../core/repository/repository.ts';
import type { RetentionFreeze, RetentionScope } from '../../shared/contract/schemas/retention.ts';
import { Failure } from '../../shared/errors.ts';
import { confirmedGroup, findFreezes } from './find-freezes.ts';
import type { FreezeBook } from './freeze-book.ts';

/** Opens a repository for a piece of work. `signal`: of one who may leave before it is done; the body is to heed it. */
export type UseRepository = <T>(repositoryId: string, body: (repository: Repository, signal: AbortSignal) => Promise<T>, signal?: AbortSignal) => Promise<T>;

export interface RetentionWatchPorts {
  readonly book: FreezeBook;
  readonly use: UseRepository;
  readonly logger: Logger;
  /** The folder of the configuration. */
  readonly folder: string;
  /** Aborted when the agent stops, with what is said to those who wait then. */
  readonly closing: AbortSignal;
}

/** A repository may be pruned by few different policies; older ones are left out. */
const scopesKept = 20;

export class RetentionWatch {
  readonly #ports: RetentionWatchPorts;
  /** The last look or confirmation that was asked for, by repository; it never rejects. */
  readonly #last = new Map<string, Promise<void>>();
  /** Policies of jobs that ended since the look that comes next was asked for. */
  readonly #waiting = new Map<string, RetentionScope[]>();

  constructor(ports: RetentionWatchPorts) {
    this.#ports = ports;
  }

  /** Looks soon; does not wait. `scope`: of the job that ended, or that is about to be. */
  jobEnded(repositoryId: string, scope: RetentionScope | undefined): void {
    if (this.#ports.closing.aborted) return;
    const waiting = this.#waiting.get(repositoryId);
    this.#waiting.set(repositoryId, [...(waiting ?? []), ...(scope === undefined ? [] : [scope])]);
    if (waiting === undefined) void this.#lookAgain(repositoryId);
  }

  /** Looks now. */
  async freezes(repositoryId: string, signal?: AbortSignal): Promise<RetentionFreeze[]> {
    return await this.#inTurn(repositoryId, async () => {
      await this.#look(repositoryId, [], signal);
      return this.#ports.book.freezes(repositoryId);
    });
  }

  /** Failure RETENTION_FROZEN where that is not what is odd now. */
  async confirm(repositoryId: string, confirmation: string, signal?: AbortSignal): Promise<void> {
    await this.#inTurn(repositoryId, async () => {
      const { book, use, folder } = this.#ports;
      const confirmed = async (repository: Repository, leaving: AbortSignal): Promise<void> => {
        const all = await loadAllSnapshots(repository, leaving);
        const judge = async (guard: Guard, remember: Remember): Promise<void> => {
          const found = findFreezes(all.snapshots, guard, book.scopes(repositoryId));
          const chosen = found.find(({ frozen }) => frozen.confirmation === confirmation);
          if (chosen === undefined) throw stale(confirmation);
          remember([{ group: confirmedGroup(chosen, found), confirmed: chosen.frozen }]);
        };
        await withGuard(folder, repository, all, judge, leaving);
      };
      await use(repositoryId, confirmed, this.#leaving(signal));
      await this.#look(repositoryId, [], signal);
    });
  }

  /** Resolves when nothing looks any more; for when the agent stops. */
  async ended(): Promise<void> {
    await Promise.all(this.#last.values());
  }

  async #lookAgain(repositoryId: string): Promise<void> {
    try {
      await this.#inTurn(repositoryId, async () => {
        const scopes = this.#waiting.get(repositoryId) ?? [];
        this.#waiting.delete(repositoryId);
        await this.#look(repositoryId, scopes);
      });
    } catch (error) {
      if (this.#ports.closing.aborted) return;
      this.#ports.logger.warn({ repository_id: repositoryId, error: error instanceof Failure ? error.message : error }, 'snapshots could not be looked at; after the next job they are');
    }
  }

  /** Runs `body` after everything that was asked for before. */
  async #inTurn<T>(repositoryId: string, body: () => Promise<T>): Promise<T> {
    const { closing: signal } = this.#ports;
    signal.throwIfAborted();
    const before = this.#last.get(repositoryId);
    const done = Promise.withResolvers<void>();
    this.#last.set(repositoryId, done.promise);
    try {
      await before;
      signal.throwIfAborted();
      return await body();
    } finally {
      if (this.#last.get(repositoryId) === done.promise) this.#last.delete(repositoryId);
      done.resolve();
    }
  }

  #leaving(signal: AbortSignal | undefined): AbortSignal {
    const { closing } = this.#ports;
    return signal === undefined ? closing : AbortSignal.any([signal, closing]);
  }

  async #look(repositoryId: string, more: readonly RetentionScope[], signal?: AbortSignal): Promise<void> {
    const { book, use, folder } = this.#ports;
    const look = async (repository: Repository, leaving: AbortSignal): Promise<void> => {
      const all = await loadAllSnapshots(repository, leaving);
      const scopes = distinctScopes([...book.scopes(repositoryId), ...more], all.snapshots).slice(-scopesKept);
      book.note(repositoryId, findFreezes(all.snapshots, openGuard(folder, repository, all), scopes), scopes);
    };
    await use(repositoryId, look, this.#leaving(signal));
  }
}

function stale(confirmation: string): Failure {
  return new Failure(
    'RETENTION_FROZEN',
    {
      what: `${confirmation} confirms nothing that is odd now: the snapshots have changed since it was shown, or were confirmed already`,
      safe: 'Nothing was changed',
      next: 'Look again at what is odd, and confirm that',
    },
    { path: 'confirmation' },
  );
}
