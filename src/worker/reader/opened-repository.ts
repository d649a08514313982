/**
 * A repository as it was when it was opened, for one who looks into it.
 *
 * Vocabulary: it is *stale* when the repository holds what this index does not know: snapshots that came since, or packs that
 * somebody else wrote anew. Then it is opened again (current-repository.ts).
 */
import type { Clock } from '../../core/platform/clock.ts';
import { untilAborted } from '../../core/platform/until-aborted.ts';
import { FolderBrowser } from '../../core/history/browse/folder-browser.ts';
import type { Connection } from '../../core/repository/connect-repository.ts';
import type { DamagedObject } from '../../core/repository/load-options.ts';
import type { Repository } from '../../core/repository/repository.ts';
import { findSnapshot, listSnapshots, type StoredSnapshot } from '../../core/repository/snapshots.ts';
import { Folders } from './folders.ts';

/** What is damaged is looked at again in a repository that was opened longer ago than this, in milliseconds. */
const believed = 60_000;

/** To be answered in a repository that is opened anew. */
export class Stale extends Error {
  constructor() {
    super('the repository holds more than was known when it was opened');
    this.name = 'Stale';
  }
}

export interface ListedSnapshots {
  /** By time ascending. */
  readonly snapshots: readonly StoredSnapshot[];
  readonly damaged: readonly DamagedObject[];
}

export class OpenedRepository {
  readonly repository: Repository;
  readonly browser: FolderBrowser;
  readonly folders: Folders;
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #openedAt: number;
  #indexing: Promise<ReadonlySet<string>> | undefined;
  /** Snapshots that the index covers. */
  #known: ReadonlySet<string> | undefined;

  constructor(connection: Connection, clock: Clock) {
    this.repository = connection.repository;
    this.browser = new FolderBrowser(connection.repository);
    this.folders = new Folders(this);
    this.#connection = connection;
    this.#clock = clock;
    this.#openedAt = clock.monotonic();
  }

  /** All that can be read. Throws `Stale`. */
  async snapshots(signal: AbortSignal): Promise<ListedSnapshots> {
    const damaged: DamagedObject[] = [];
    const snapshots = await listSnapshots(this.repository, signal, { tolerateDamage: true, damaged });
    for (const { id } of snapshots) this.#expect(id);
    return { snapshots, damaged };
  }

  /** One of them, with the index. Throws `Stale`, SNAPSHOT_NOT_FOUND, DAMAGED. */
  async snapshot(selector: string, signal: AbortSignal): Promise<StoredSnapshot> {
    const [stored] = await Promise.all([findSnapshot(this.repository, selector, {}, signal), this.index(signal)]);
    this.#expect(stored.id);
    return stored;
  }

  /** Loads the index with its first call. */
  async index(signal: AbortSignal): Promise<void> {
    this.#indexing ??= this.#loadIndex();
    this.#known = await untilAborted(this.#indexing, signal);
  }

  /** Throws `Stale` where what is damaged may only seem so, since packs were written anew meanwhile. */
  confirm(damaged: readonly unknown[]): void {
    if (damaged.length > 0) this.requireFresh();
  }

  /** Throws `Stale` where it was opened a while ago. */
  requireFresh(): void {
    if (this.#clock.monotonic() - this.#openedAt > believed) throw new Stale();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  #expect(id: string): void {
    if (this.#known?.has(id) === false) throw new Stale();
  }

  async #loadIndex(): Promise<ReadonlySet<string>> {
    const known = new Set<string>();
    // Before the index: whatever a snapshot needs was listed in one before it was written.
    for await (const { name } of this.repository.store.list('snapshot')) known.add(name);
    await this.repository.loadIndex(undefined, { tolerateDamage: true });
    return known;
  }
}
