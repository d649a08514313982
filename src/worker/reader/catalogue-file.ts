/**
 * The file of a catalogue, as a reader has it open.
 *
 * Vocabulary: it is open *to write* where nobody had the catalogue's lock when it was opened, else *to read*. Its *generation*
 * changes with every new file, so that a cursor of an old one is known as such.
 *
 * Invariants: the file is made, written and deleted only under the catalogue's lock; one that another program writes is opened
 * as it is, or not at all. One that somebody deleted, or put another in the place of, is opened anew.
 */
import { statSync } from 'node:fs';
import { withCatalogueLock } from '../../core/catalogue/catalogue-lock.ts';
import { catalogueFile, openCatalogue, openCatalogueToRead, removeCatalogue, type Catalogue } from '../../core/catalogue/open-catalogue.ts';
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import { Failure } from '../../shared/errors.ts';

export interface CatalogueFilePorts {
  readonly cacheFolder: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface OpenedCatalogue extends Catalogue {
  readonly repositoryId: string;
  readonly generation: string;
  readonly inode: number;
  readonly writable: boolean;
}

export class CatalogueFile {
  readonly #ports: CatalogueFilePorts;
  #opened: OpenedCatalogue | undefined;
  #opening: Promise<OpenedCatalogue> | undefined;
  #writing = false;
  #rebuilt: string | null = null;

  constructor(ports: CatalogueFilePorts) {
    this.#ports = ports;
  }

  /** Why the one that was there had to be built anew; null where it had not. */
  get rebuilt(): string | null {
    return this.#rebuilt;
  }

  /** Whether it is the one that is open now. */
  has(catalogue: OpenedCatalogue): boolean {
    return catalogue === this.#opened;
  }

  /** Of this repository. Failure REPOSITORY_LOCKED where another program writes it and it cannot be read. */
  async open(repositoryId: string): Promise<OpenedCatalogue> {
    const current = this.#current(repositoryId);
    if (current !== undefined) return current;
    this.#opening ??= this.#openNow(repositoryId).finally(() => {
      this.#opening = undefined;
    });
    return await this.#opening;
  }

  /** Runs `body` under the lock, on one that is open to write. Failure REPOSITORY_LOCKED while another program has the lock. */
  async write(repositoryId: string, body: (catalogue: OpenedCatalogue) => Promise<void>): Promise<void> {
    const { cacheFolder, clock } = this.#ports;
    await withCatalogueLock(cacheFolder, repositoryId, clock, async () => {
      const current = this.#current(repositoryId);
      const catalogue = current?.writable === true ? current : this.#openToWrite(repositoryId);
      this.#writing = true;
      try {
        await body(catalogue);
      } finally {
        this.#writing = false;
      }
    });
  }

  /** Deletes the file; the next use makes it. `fault`: what is wrong with it. Failure REPOSITORY_LOCKED while another program has the lock. */
  async remove(fault?: string): Promise<void> {
    const { cacheFolder, clock, logger } = this.#ports;
    const opened = this.#opened;
    if (opened === undefined) return;
    await withCatalogueLock(cacheFolder, opened.repositoryId, clock, () => {
      if (this.#opened === opened) this.#opened = undefined;
      opened.close();
      removeCatalogue(opened.file);
      return Promise.resolve();
    });
    if (fault === undefined) return;
    this.#rebuilt = fault;
    logger.warn({ file: opened.file, reason: fault }, 'the catalogue is damaged and is built anew');
  }

  /** When nobody uses it any more. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#opening]);
    this.#shut();
  }

  /** What is open, if it is of this repository and its file is still in its place. */
  #current(repositoryId: string): OpenedCatalogue | undefined {
    const opened = this.#opened;
    if (opened?.repositoryId !== repositoryId) return undefined;
    // What is written is not exchanged, whatever happened to its file; the next use looks.
    return this.#writing || statSync(opened.file, { throwIfNoEntry: false })?.ino === opened.inode ? opened : undefined;
  }

  async #openNow(repositoryId: string): Promise<OpenedCatalogue> {
    const { cacheFolder, clock } = this.#ports;
    try {
      return await withCatalogueLock(cacheFolder, repositoryId, clock, () => Promise.resolve(this.#openToWrite(repositoryId)));
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'REPOSITORY_LOCKED') throw error;
      // Whoever has the lock may be this reader, and have opened it meanwhile.
      const opened = this.#current(repositoryId) ?? this.#openToRead(repositoryId);
      if (opened === undefined) throw error;
      return opened;
    }
  }

  /** Under the lock: what cannot be believed is deleted and made anew. */
  #openToWrite(repositoryId: string): OpenedCatalogue {
    const { cacheFolder, logger } = this.#ports;
    this.#shut();
    const catalogue = openCatalogue(cacheFolder, repositoryId, logger);
    const stats = statSync(catalogue.file);
    this.#opened = { ...catalogue, repositoryId, generation: generationOf(stats), inode: stats.ino, writable: true };
    this.#rebuilt = catalogue.rebuilt ?? this.#rebuilt;
    return this.#opened;
  }

  #openToRead(repositoryId: string): OpenedCatalogue | undefined {
    const { cacheFolder, logger } = this.#ports;
    // Before it is opened: if it is exchanged in between, the next use notices.
    const stats = statSync(catalogueFile(cacheFolder, repositoryId), { throwIfNoEntry: false });
    const catalogue = stats === undefined ? undefined : openCatalogueToRead(cacheFolder, repositoryId, logger);
    if (stats === undefined || catalogue === undefined) return undefined;
    this.#shut();
    this.#opened = { ...catalogue, repositoryId, generation: generationOf(stats), inode: stats.ino, writable: false };
    return this.#opened;
  }

  #shut(): void {
    this.#opened?.close();
    this.#opened = undefined;
  }
}

function generationOf({ birthtimeMs, ino }: { readonly birthtimeMs: number; readonly ino: number }): string {
  return `${Math.round(birthtimeMs).toString(36)}-${ino.toString(36)}`;
}
