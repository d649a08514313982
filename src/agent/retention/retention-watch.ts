/**
 * Asks the guard after jobs that brought or removed snapshots, and whenever a person wants to know.
 *
 * Invariants: one look at a time for each repository; jobs that end meanwhile are one further look. A look that fails, as
 * while the storage is away, leaves what the last one found.
 */
import type { Logger } from '../../core/platform/logger.ts';
import { openGuard } from '../../core/retention/guard/open-guard.ts';
import { loadAllSnapshots } from '../../core/retention/load-snapshots.ts';
import type { Repository } from '../../core/repository/repository.ts';
import type { RetentionFreeze, RetentionScope } from '../../shared/contract/schemas/retention.ts';
import { Failure } from '../../shared/errors.ts';
import { findFreezes, type FoundFreeze } from './find-freezes.ts';
import type { FreezeBook } from './freeze-book.ts';

/** Opens a repository for a piece of work. */
export type UseRepository = <T>(repositoryId: string, body: (repository: Repository) => Promise<T>) => Promise<T>;

export interface RetentionWatchPorts {
  readonly book: FreezeBook;
  readonly use: UseRepository;
  readonly logger: Logger;
  /** The folder of the configuration. */
  readonly folder: string;
}

/** A repository may be pruned by few different policies; older ones are left out. */
const scopesKept = 20;

export class RetentionWatch {
  readonly #ports: RetentionWatchPorts;
  readonly #running = new Map<string, Promise<void>>();
  /** Policies of jobs that ended while a look was running. */
  readonly #waiting = new Map<string, RetentionScope[]>();
  #closed = false;

  constructor(ports: RetentionWatchPorts) {
    this.#ports = ports;
  }

  /** Looks soon; does not wait. `scope`: of the job that ended, or that is about to be. */
  jobEnded(repositoryId: string, scope: RetentionScope | undefined): void {
    if (this.#closed) return;
    this.#waiting.set(repositoryId, [...(this.#waiting.get(repositoryId) ?? []), ...(scope === undefined ? [] : [scope])]);
    if (this.#running.has(repositoryId)) return;
    const run = this.#lookAgain(repositoryId).finally(() => this.#running.delete(repositoryId));
    this.#running.set(repositoryId, run);
  }

  /** Looks now. */
  async freezes(repositoryId: string): Promise<RetentionFreeze[]> {
    await this.#look(repositoryId, []);
    return this.#ports.book.freezes(repositoryId);
  }

  /** Failure RETENTION_FROZEN where that is not what is odd now. */
  async confirm(repositoryId: string, confirmation: string): Promise<void> {
    const { book, use, folder } = this.#ports;
    await use(repositoryId, async (repository) => {
      const all = await loadAllSnapshots(repository);
      // From here to the writing nothing else of this process can change what is remembered.
      const { guard, file } = openGuard(folder, repository, all);
      const found = findFreezes(all.snapshots, guard, book.scopes(repositoryId));
      const chosen = found.find(({ frozen }) => frozen.confirmation === confirmation);
      if (chosen === undefined) throw stale(confirmation);
      file.write(guard.remembered([{ group: chosen.group, confirmed: chosen.frozen }]));
    });
    await this.#look(repositoryId, []);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#running.values());
  }

  async #lookAgain(repositoryId: string): Promise<void> {
    for (let scopes = this.#waiting.get(repositoryId); scopes !== undefined && !this.#closed; scopes = this.#waiting.get(repositoryId)) {
      this.#waiting.delete(repositoryId);
      try {
        await this.#look(repositoryId, scopes);
      } catch (error) {
        this.#ports.logger.warn({ repository_id: repositoryId, error: error instanceof Failure ? error.message : error }, 'snapshots could not be looked at; after the next job they are');
      }
    }
    this.#waiting.delete(repositoryId);
  }

  async #look(repositoryId: string, more: readonly RetentionScope[]): Promise<void> {
    const { book, use, folder } = this.#ports;
    const scopes = distinct([...book.scopes(repositoryId), ...more]).slice(-scopesKept);
    const found = await use(repositoryId, async (repository): Promise<FoundFreeze[]> => {
      const all = await loadAllSnapshots(repository);
      return findFreezes(all.snapshots, openGuard(folder, repository, all).guard, scopes);
    });
    book.note(repositoryId, found, scopes);
  }
}

function distinct(scopes: readonly RetentionScope[]): RetentionScope[] {
  return [...new Map(scopes.map((scope) => [JSON.stringify(scope), scope])).values()];
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
