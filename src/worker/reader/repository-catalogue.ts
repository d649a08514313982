/**
 * The catalogue of the repository that a reader has open: brought up to date in the background, and built anew where it cannot
 * be believed.
 *
 * Vocabulary: an *update* takes in the snapshots that are missing. There is one at a time, here and by the catalogue's lock in
 * all programs. The file is *replaced* where it is damaged or thrown away on request: deleted, and begun anew.
 *
 * Invariants: nobody waits for an update who did not ask to; what is answered meanwhile says what it does not cover. Only a
 * repository that was opened just now is catalogued, so that packs which somebody wrote anew are not taken for damage. A
 * fault of the file costs the file, and an answer only where another program writes that file just then. One replacement goes on
 * at a time: whoever wants one meanwhile shares it, and nobody begins an update until it is over.
 */
import { catalogueFailure } from '../../core/catalogue/catalogue-failure.ts';
import { cataloguedSnapshots } from '../../core/catalogue/catalogue-state.ts';
import { isCatalogueFault } from '../../core/catalogue/open-catalogue.ts';
import { updateCatalogue } from '../../core/catalogue/update-catalogue.ts';
import { untilAborted } from '../../core/platform/until-aborted.ts';
import { damaged } from '../../core/repository/damage.ts';
import { Failure } from '../../shared/errors.ts';
import type { CatalogueProgress } from '../../shared/reader-protocol.ts';
import { CatalogueFile, type CatalogueFilePorts, type OpenedCatalogue } from './catalogue-file.ts';
import type { CurrentRepository } from './current-repository.ts';

export interface CataloguePorts extends CatalogueFilePorts {
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
  readonly #file: CatalogueFile;
  /** `ended` never rejects; by then it is not the update any more. */
  #update: { readonly ended: Promise<void>; readonly stop: AbortController } | undefined;
  #replacing: Promise<void> | undefined;
  #lookedAt = -Infinity;
  #toldAt = -Infinity;
  /** Of the last update; undefined where it went well. */
  #failure: unknown;

  constructor(ports: CataloguePorts) {
    this.#ports = ports;
    this.#file = new CatalogueFile(ports);
  }

  get updating(): boolean {
    return this.#update !== undefined;
  }

  /** Why the one that was there had to be built anew; null where it had not. */
  get rebuilt(): string | null {
    return this.#file.rebuilt;
  }

  /** Begins an update if it is time, and waits for it: for its end, or only for a moment. Rejects where nothing is catalogued and nothing can be. */
  async refresh(wait: boolean, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    while (this.#replacing !== undefined) await this.#replaced(signal);
    if (this.#update === undefined && (wait || clock.monotonic() - this.#lookedAt >= lookAgain)) this.#begin();
    await this.#updated(wait, signal);
    if (this.#failure === undefined) return;
    if (wait || (await this.read((catalogue) => cataloguedSnapshots(catalogue).size === 0, signal))) throw this.#failure;
  }

  /** Runs `body` on the open catalogue; again on a new one where this one is damaged, or was replaced meanwhile. `wait`: when the new one holds everything. */
  async read<T>(body: (catalogue: OpenedCatalogue) => Promise<T> | T, signal: AbortSignal, wait = false): Promise<T> {
    for (let mended = false; ; ) {
      const catalogue = await this.#open(signal);
      try {
        return await body(catalogue);
      } catch (error) {
        signal.throwIfAborted();
        if (this.#file.has(catalogue)) {
          if (mended || !isCatalogueFault(error)) throw this.#explained(error);
          mended = true;
          await untilAborted(this.#share(() => this.#beginAnew(error.message)), signal);
        }
        await this.#updated(wait, signal);
      }
    }
  }

  /** Throws the file away and begins to build it anew. Failure REPOSITORY_LOCKED while another program writes it. */
  async rebuild(signal: AbortSignal): Promise<void> {
    await this.#open(signal);
    await untilAborted(this.#share(() => this.#beginAnew()), signal);
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#replacing]);
    await this.#stopUpdate();
    await this.#file.close();
  }

  /** Waits until a file is replaced, if one is; how that went is told to whoever wanted it. */
  async #replaced(signal: AbortSignal): Promise<void> {
    await untilAborted(Promise.allSettled([this.#replacing]), signal);
  }

  /** Waits for the update, if there is one; with `wait` also for the one that takes its place where the file is replaced. */
  async #updated(wait: boolean, signal: AbortSignal): Promise<void> {
    for (let update = this.#update; update !== undefined; update = this.#update) {
      if (!wait) {
        await this.#forAMoment(update.ended, signal);
        return;
      }
      await untilAborted(update.ended, signal);
      if (this.#replacing === undefined) return;
      await this.#replaced(signal);
    }
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
    const ended = this.#run(stop.signal).finally(() => {
      if (this.#update === update) this.#update = undefined;
    });
    const update = { ended, stop };
    this.#update = update;
  }

  /** Never rejects. */
  async #run(signal: AbortSignal): Promise<void> {
    try {
      await this.#takeIn(signal).catch(async (error: unknown) => {
        // Whoever stopped it replaces the file, and waits for its end.
        if (signal.aborted || !isCatalogueFault(error)) throw error;
        await this.#share(() => this.#replace(error.message));
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
    await this.#ports.current.use(async (opened) => {
      const { repository } = opened;
      const { snapshots } = await opened.snapshots(signal);
      let catalogue = await this.#open(signal);
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
        await this.#file.write(repository.config.id, async (written) => {
          catalogue = written;
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
  async #open(signal: AbortSignal): Promise<OpenedCatalogue> {
    const id = await this.#ports.current.use((opened) => Promise.resolve(opened.repository.config.id), signal);
    // Whoever made the repository chose it, and a file is named after it.
    if (!/^[0-9a-f]{64}$/.test(id)) throw damaged('The id of the repository is not one that a catalogue can be named after');
    await this.#replaced(signal);
    return await untilAborted(this.#file.open(id), signal);
  }

  /** One replacement at a time. */
  #share(replace: () => Promise<void>): Promise<void> {
    this.#replacing ??= replace().finally(() => {
      this.#replacing = undefined;
    });
    return this.#replacing;
  }

  /** Replaces the file, whether it is being brought up to date or not. An update goes on in any case, and tells what is in its way. */
  async #beginAnew(fault?: string): Promise<void> {
    await this.#stopUpdate();
    try {
      await this.#replace(fault);
    } finally {
      this.#begin();
    }
  }

  #explained(error: unknown): unknown {
    return catalogueFailure(error, this.#ports.cacheFolder);
  }

  async #replace(fault?: string): Promise<void> {
    await this.#file.remove(fault);
    this.#lookedAt = -Infinity;
  }

  async #stopUpdate(): Promise<void> {
    const update = this.#update;
    if (update === undefined) return;
    update.stop.abort(new Failure('INTERRUPTED', { what: 'The catalogue is not brought up to date any more' }));
    await update.ended;
  }
}

function cataloguedBy(catalogue: OpenedCatalogue): number {
  return catalogue.database.open ? cataloguedSnapshots(catalogue).size : 0;
}
