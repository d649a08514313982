/** What SQLite has against a catalogue, in the words of people. */
import path from 'node:path';
import Database from 'better-sqlite3';
import { Failure } from '../../shared/errors.ts';

/** The error as it is where it is not SQLite's. */
export function catalogueFailure(error: unknown, cacheFolder: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const full = error.code.startsWith('SQLITE_FULL');
  return new Failure(
    'STORAGE_FAILED',
    {
      what: `The catalogue in ${path.join(cacheFolder, 'catalogues')} cannot be used (${error.message})`,
      safe: 'It is only a copy: the repository is untouched',
      next: full ? 'Free some space on the disk of this folder' : 'Try again; if it happens again, delete this folder',
    },
    { cause: error },
  );
}
