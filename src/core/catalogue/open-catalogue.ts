/**
 * Opens the catalogue of a repository, whatever state its file is in.
 *
 * Invariants: a catalogue is a copy of what the repository says, so one that is damaged, of another repository or of
 * another version of the schema is deleted and begun anew, never repaired and never believed. The file is private (0600 in
 * a folder of 0700; on Windows the folder's rights decide) since it holds names that the repository encrypts.
 */
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { makePrivateFolder } from '../platform/home.ts';
import type { Logger } from '../platform/logger.ts';
import { applicationId, createTables, schemaVersion } from './catalogue-schema.ts';

export interface Catalogue {
  readonly file: string;
  readonly database: Database.Database;
  /** Why the file that was there is gone; undefined where it was intact, or there was none. */
  readonly rebuilt: string | undefined;
  close(): void;
}

/** Milliseconds for which a statement waits for another program's lock. */
const busyTimeout = 5000;
/** The same of who only reads, and has another way. */
const readBusyTimeout = 100;
/** KiB that SQLite keeps in memory. */
const cacheSize = 64 * 1024;
/** Pages of the log before they are moved to the file. */
const pagesInLog = 8192;
const idPattern = /^[0-9a-f]{64}$/;

/** Where the catalogue of a repository lies. `repositoryId`: 64 hex digits, from its config. */
export function catalogueFile(cacheFolder: string, repositoryId: string): string {
  if (!idPattern.test(repositoryId)) throw new RangeError('not an id that a catalogue can be named after');
  return path.join(cacheFolder, 'catalogues', `${repositoryId}.db`);
}

/** Makes it if need be. Throws what the disk reports. */
export function openCatalogue(cacheFolder: string, repositoryId: string, logger: Logger): Catalogue {
  const file = catalogueFile(cacheFolder, repositoryId);
  makePrivateFolder(path.dirname(file));
  const existed = existsSync(file);
  const opened = existed ? tryOpen(file, repositoryId) : 'there was none';
  if (typeof opened !== 'string') return catalogueOf(file, opened, undefined);
  if (existed) logger.warn({ file, reason: opened }, 'the catalogue cannot be used and is begun anew');
  removeCatalogue(file);
  closeSync(openSync(file, 'a', 0o600));
  const database = connect(file);
  createTables(database, repositoryId);
  return catalogueOf(file, database, existed ? opened : undefined);
}

/** For who only reads: undefined where there is none, or none that can be believed, which is left to its writer. Throws what SQLite reports of a file that is in use. */
export function openCatalogueToRead(cacheFolder: string, repositoryId: string, logger: Logger): Catalogue | undefined {
  // The id comes from the repository; one that can name no file has no catalogue.
  if (!idPattern.test(repositoryId)) return undefined;
  const file = catalogueFile(cacheFolder, repositoryId);
  if (!existsSync(file)) return undefined;
  const opened = tryOpen(file, repositoryId, true);
  if (typeof opened !== 'string') return catalogueOf(file, opened, undefined);
  logger.warn({ file, reason: opened }, 'the catalogue cannot be used');
  return undefined;
}

/** Deletes a catalogue that nobody has open. */
export function removeCatalogue(file: string): void {
  for (const suffix of ['-wal', '-shm', '-journal', '']) rmSync(file + suffix, { force: true });
}

/** Whether an error says that the catalogue cannot be believed any more: it is then to be removed. */
export function isCatalogueFault(error: unknown): error is Error {
  return error instanceof Database.SqliteError && !/^SQLITE_(?:BUSY|LOCKED|FULL|NOMEM)/.test(error.code);
}

function catalogueOf(file: string, database: Database.Database, rebuilt: string | undefined): Catalogue {
  return { file, database, rebuilt, close: () => database.close() };
}

function connect(file: string, readonly = false): Database.Database {
  const database = new Database(file, { timeout: readonly ? readBusyTimeout : busyTimeout, readonly });
  try {
    if (!readonly) database.pragma('journal_mode = WAL');
    // After a power loss the last batches may be missing; what is there fits together.
    database.pragma('synchronous = NORMAL');
    database.pragma('trusted_schema = OFF');
    database.pragma('cell_size_check = ON');
    database.pragma(`cache_size = -${cacheSize}`);
    database.pragma(`wal_autocheckpoint = ${pagesInLog}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The connection, or what is wrong with the file. */
function tryOpen(file: string, repositoryId: string, readonly = false): Database.Database | string {
  let database: Database.Database | undefined;
  let fault: string | undefined;
  try {
    database = connect(file, readonly);
    fault = faultOf(database, repositoryId);
  } catch (error) {
    if (!isCatalogueFault(error)) {
      database?.close();
      throw error;
    }
    fault = (error as Error).message;
  }
  if (fault === undefined && database !== undefined) return database;
  database?.close();
  return fault ?? 'it cannot be opened';
}

function faultOf(database: Database.Database, repositoryId: string): string | undefined {
  const number = (name: string): number => database.pragma(name, { simple: true }) as number;
  if (number('application_id') !== applicationId) return 'the file is no catalogue';
  if (number('user_version') !== schemaVersion) return `its version is ${number('user_version')}, this program knows ${schemaVersion}`;
  const owner = database.prepare<[], string>('SELECT id FROM repository').pluck().get();
  if (owner !== repositoryId) return 'it belongs to another repository';
  return undefined;
}

/** Reads the whole file. What is wrong with it, or undefined; for idle time, since it takes seconds for a large one. */
export function verifyCatalogue({ database }: Catalogue): string | undefined {
  try {
    const finding = database.pragma('quick_check(1)', { simple: true }) as string;
    return finding === 'ok' ? undefined : finding;
  } catch (error) {
    if (!isCatalogueFault(error)) throw error;
    return (error as Error).message;
  }
}
