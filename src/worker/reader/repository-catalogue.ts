/**
 * The catalogue of the repository that a reader has open: brought up to date in the background, and built anew where it cannot
 * be believed.
 *
 * Vocabulary: an *update* takes in the snapshots that are missing. There is one at a time, here and by the catalogue's lock in
 * all programs.
 *
 * Invariants: nobody waits for an update who did not ask to; what is answered meanwhile says what it does not cover. Only a
 * repository that was opened just now is catalogued, so that packs which somebody wrote anew are not taken for damage. A
 * fault of the file costs the file, never an answer.
 */
import { statSync } from 'node:fs';
import { catalogueFailure } from '../../core/catalogue/catalogue-failure.ts';
import { withCatalogueLock } from '../../core/catalogue/catalogue-lock.ts';
import { cataloguedSnapshots } from '../../core/catalogue/catalogue-state.ts';
import { catalogueFile, isCatalogueFault, openCatalogue, removeCatalogue, type Catalogue } from '../../core/catalogue/open-catalogue.ts';
import { updateCatalogue } from '../../core/catalogue/update-catalogue.ts';
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import { untilAborted } from '../../core/platform/until-aborted.ts';
import { damaged } from '../../core/repository/damage.ts';
import { Failure } from '../../shared/errors.ts';
import type { CatalogueProgress } from '../../shared/reader-protocol.ts';
import type { CurrentRepository } from './current-repository.ts';

export interface CataloguePorts {
  readonly cacheFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly current: CurrentRepository;
  readonly onProgress: (progress: Omit<CatalogueProgress, 'type'>) => void;
}

/** Milliseconds for which an answer waits for an update, whose usual work is one new snapshot. */
const patience = 1000;
/** Milliseconds within which nobody looks for new snapshots again. */
const lookAgain = 2000;
/** Milliseconds between two messages of progress. */
const tellEvery = 250;

export class RepositoryCatalogue {
  readonly #ports: CataloguePorts;
  #catalogue: Catalogue | undefined;
  #opening: Promise<Catalogue> | undefined;
  #update: { readonly ended: Promise<void>; readonly stop: AbortController } | undefined;
  #lookedAt = -Infinity;
  #toldAt = -Infinity;
  /** Of the last update; undefined where it went well. */
  #failure: unknown;
  #rebuilt: string | null = null;

  constructor(ports: CataloguePorts) {
    this.#ports = ports;
  }

  get updating(): boolean {
    return this.#update !== undefined;
  }

  /** Why the one that was there had to be built anew; null where it had not. */
  get rebuilt(): string | null {
    return this.#rebuilt;
  }

  /** Begins an update if it is time, and waits for it: for its end, or only for a moment. Rejects where nothing is catalogued and nothing can be. */
  async refresh(wait: boolean, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    if (this.#update === undefined && (wait || clock.monotonic() - this.#lookedAt >= lookAgain)) this.#begin();
    const ended = this.#update?.ended;
    if (ended === undefined) return;
    if (wait) await untilAborted(ended, signal);
    else await this.#forAMoment(ended, signal);
    if (this.#failure === undefined) return;
    if (wait || (await this.read((catalogue) => cataloguedSnapshots(catalogue).size === 0, signal))) throw this.#failure;
  }

  /** Runs `body` on the open catalogue; again on a new one where this one is damaged, or was replaced meanwhile. */
  async read<T>(body: (catalogue: Catalogue) => Promise<T> | T, signal: AbortSignal): Promise<T> {
    const catalogue = await this.#open(signal);
    try {
      return await body(catalogue);
    } catch (error) {
      signal.throwIfAborted();
      if (catalogue === this.#catalogue) {
        if (!isCatalogueFault(error)) throw this.#explained(error);
        await this.#replaceAfter(error.message, signal);
      }
      const again = await this.#open(signal);
      try {
        return await body(again);
      } catch (second) {
        throw this.#explained(second);
      }
    }
  }

  /** Throws the file away and begins to build it anew. Failure REPOSITORY_LOCKED while another program writes it. */
  async rebuild(signal: AbortSignal): Promise<void> {
    await this.#open(signal);
    await this.#stopUpdate();
    await this.#replace();
    this.#begin();
  }

  async close(): Promise<void> {
    await this.#stopUpdate();
    this.#catalogue?.close();
  }

  async #forAMoment(ended: Promise<void>, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    try {
      await Promise.race([untilAborted(ended, signal), this.#ports.clock.sleep(patience, over.signal)]);
    } finally {
      over.abort();
    }
  }

  #begin(): void {
    const stop = new AbortController();
    const ended = this.#run(stop.signal);
    this.#update = { ended, stop };
    void ended.finally(() => {
      this.#update = undefined;
    });
  }

  /** Never rejects. */
  async #run(signal: AbortSignal): Promise<void> {
    try {
      await this.#takeIn(signal).catch(async (error: unknown) => {
        if (!isCatalogueFault(error)) throw error;
        await this.#replace(error.message);
        await this.#takeIn(signal);
      });
      this.#failure = undefined;
      this.#lookedAt = this.#ports.clock.monotonic();
    } catch (error) {
      if (signal.aborted) return;
      this.#failure = this.#explained(error);
      this.#ports.logger.warn({ error }, 'the catalogue could not be brought up to date');
    }
  }

  async #takeIn(signal: AbortSignal): Promise<void> {
    const { current, cacheFolder, clock } = this.#ports;
    await current.use(async (opened) => {
      const { repository } = opened;
      const { snapshots } = await opened.snapshots(signal);
      const catalogue = await this.#open(signal);
      const known = cataloguedSnapshots(catalogue);
      const missing = snapshots.filter(({ id }) => !known.has(id)).length;
      if (missing === 0 && known.size === snapshots.length) return;
      if (missing > 0) opened.requireFresh();
      await opened.index(signal);
      // What was listed first may be more than the index knows only if it came meanwhile: then it is looked at anew.
      await opened.snapshots(signal);
      const before = snapshots.length - missing;
      this.#tell(true, before, snapshots.length);
      try {
        await withCatalogueLock(cacheFolder, repository.config.id, clock, async () => {
          await updateCatalogue(catalogue, repository, snapshots, { signal, onProgress: ({ snapshotsDone }) => this.#tell(true, before + snapshotsDone, snapshots.length) });
        });
      } finally {
        this.#toldAt = -Infinity;
        this.#tell(false, cataloguedBy(catalogue), snapshots.length);
      }
    }, signal);
  }

  #tell(indexing: boolean, snapshotsDone: number, snapshotsTotal: number): void {
    const now = this.#ports.clock.monotonic();
    if (now - this.#toldAt < tellEvery) return;
    this.#toldAt = now;
    this.#ports.onProgress({ indexing, snapshotsDone, snapshotsTotal });
  }

  /** The catalogue of the repository that is open now: another one may be in the same place as before. */
  async #open(signal: AbortSignal): Promise<Catalogue> {
    const id = await this.#ports.current.use((opened) => Promise.resolve(opened.repository.config.id), signal);
    // Whoever made the repository chose it, and a file is named after it.
    if (!/^[0-9a-f]{64}$/.test(id)) throw damaged('The id of the repository is not one that a catalogue can be named after');
    if (this.#catalogue?.file === catalogueFile(this.#ports.cacheFolder, id)) return this.#catalogue;
    this.#opening ??= this.#openNow(id).finally(() => {
      this.#opening = undefined;
    });
    return await untilAborted(this.#opening, signal);
  }

  async #openNow(id: string): Promise<Catalogue> {
    const { cacheFolder, logger, clock } = this.#ports;
    const open = async (): Promise<Catalogue> => Promise.resolve(openCatalogue(cacheFolder, id, logger));
    this.#catalogue?.close();
    this.#catalogue = await withCatalogueLock(cacheFolder, id, clock, open).catch((error: unknown) => {
      // Whoever writes it has made it, and reading needs no lock.
      if (error instanceof Failure && error.code === 'REPOSITORY_LOCKED') return open();
      throw error;
    });
    this.#rebuilt = this.#catalogue.rebuilt ?? this.#rebuilt;
    return this.#catalogue;
  }

  async #replaceAfter(fault: string, signal: AbortSignal): Promise<void> {
    await this.#stopUpdate();
    await this.#replace(fault);
    this.#begin();
    await this.#forAMoment(this.#update?.ended ?? Promise.resolve(), signal);
  }

  #explained(error: unknown): unknown {
    return catalogueFailure(error, this.#ports.cacheFolder);
  }

  /** Deletes the file; the next use makes it. `fault`: what is wrong with it. */
  async #replace(fault?: string): Promise<void> {
    const { cacheFolder, clock, logger } = this.#ports;
    const catalogue = this.#catalogue;
    if (catalogue === undefined) return;
    const id = repositoryOf(catalogue);
    await withCatalogueLock(cacheFolder, id, clock, () => {
      this.#catalogue = undefined;
      catalogue.close();
      removeCatalogue(catalogue.file);
      return Promise.resolve();
    });
    this.#lookedAt = -Infinity;
    if (fault === undefined) return;
    this.#rebuilt = fault;
    logger.warn({ file: catalogue.file, reason: fault }, 'the catalogue is damaged and is built anew');
  }

  async #stopUpdate(): Promise<void> {
    const update = this.#update;
    if (update === undefined) return;
    update.stop.abort(new Failure('INTERRUPTED', { what: 'The catalogue is not brought up to date any more' }));
    await update.ended;
  }
}

/** Changes with every new file, so that a cursor of an old one is known as such. */
export function catalogueGeneration({ file }: Catalogue): string {
  const { birthtimeMs, ino } = statSync(file);
  return `${Math.round(birthtimeMs).toString(36)}-${ino.toString(36)}`;
}

function repositoryOf({ file }: Catalogue): string {
  return /([0-9a-f]{64})\.db$/.exec(file)?.[1] ?? '';
}

function cataloguedBy(catalogue: Catalogue): number {
  return catalogue.database.open ? cataloguedSnapshots(catalogue).size : 0;
}
