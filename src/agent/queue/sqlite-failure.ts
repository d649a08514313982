/**
 * What SQLite's failures mean for people. Decided by result codes, never by texts.
 *
 * Vocabulary: *damage* is a file that is no intact database any more; it is set aside at the next start (open-queue.ts).
 */
import Database from 'better-sqlite3';
import { Failure } from '../../shared/errors.ts';

const safe = 'Jobs that are in the queue stay there, and nothing that was backed up is touched';

/** The primary result code, as in `SQLITE_IOERR` of `SQLITE_IOERR_WRITE`; undefined for what is no failure of SQLite. */
export function sqliteCode(error: unknown): string | undefined {
  return error instanceof Database.SqliteError ? /^SQLITE_[A-Z]+/.exec(error.code)?.[0] : undefined;
}

/** Whether a failure says that the file is no intact database. */
export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error);
  if (code === 'SQLITE_CORRUPT' || code === 'SQLITE_NOTADB') return true;
  return error instanceof Database.SqliteError && error.code === 'SQLITE_IOERR_SHORT_READ';
}

/** A `Failure` for a failure of SQLite; other errors as they are. */
export function sqliteFailure(error: unknown, file: string): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const reason = (error as Error & { code: string }).code;
  if (isDamage(error)) {
    return new Failure(
      'DAMAGED',
      { what: `The job queue ${file} is damaged (${reason})`, safe: 'Nothing that was backed up is touched', next: 'Restart CyberBackup: it keeps the damaged file under another name and starts an empty queue' },
      { cause: error },
    );
  }
  switch (code) {
    case 'SQLITE_FULL':
    case 'SQLITE_NOMEM':
      return new Failure('QUEUE_FULL', { what: `The job queue ${file} has no room left (${reason})`, safe, next: 'Free some space on that disk and try again' }, { cause: error });
    case 'SQLITE_IOERR':
    case 'SQLITE_READONLY':
      return new Failure('QUEUE_FULL', { what: `The job queue ${file} cannot be written (${reason})`, safe, next: 'Check that the disk has room, is not read-only and not failing, then try again' }, { cause: error });
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
    case 'SQLITE_PROTOCOL':
      return new Failure('AGENT_RUNNING', { what: `Another program has locked the job queue ${file} (${reason})`, safe, next: 'Close that program, then try again' }, { cause: error });
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_PERM':
    case 'SQLITE_AUTH':
      return new Failure('CONFIGURATION', { what: `The job queue ${file} cannot be opened (${reason})`, safe, next: 'Check that its folder exists and belongs to you' }, { cause: error });
    default:
      return error;
  }
}

/** Runs `body`; what SQLite throws becomes a `Failure`. */
export function explained<T>(file: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw sqliteFailure(error, file);
  }
}
