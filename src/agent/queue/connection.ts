/**
 * The connection that every statement of the queue is prepared on.
 *
 * Invariants: a write transaction is on the disk when its call returns (WAL, synchronous FULL), except for `relaxed` ones,
 * which a power loss may undo but never tear.
 */
import Database from 'better-sqlite3';
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import { explained } from './sqlite-failure.ts';

export interface QueueConnection {
  readonly file: string;
  readonly database: Database.Database;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Milliseconds for which a statement waits for another program's lock. */
const busyTimeout = 2000;

/** Opens for reading and writing; the file must exist. */
export function openDatabase(file: string): Database.Database {
  const database = new Database(file, { timeout: busyTimeout, fileMustExist: true });
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('trusted_schema = OFF');
    database.pragma('cell_size_check = ON');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens so that neither the file nor its log is changed, not even by closing. */
export function openUntouched(file: string): Database.Database {
  return new Database(file, { timeout: busyTimeout, fileMustExist: true, readonly: true });
}

/** Makes `body` one write transaction, or a part of the one that is under way. */
export function writing<Arguments extends unknown[], Result>(connection: QueueConnection, body: (...given: Arguments) => Result): (...given: Arguments) => Result {
  const transaction = connection.database.transaction(body as (...given: unknown[]) => unknown);
  return (...given) => explained(connection.file, () => transaction.immediate(...given) as Result);
}

/** Like `writing`, but does not wait for the disk. Within another transaction it is as durable as that one. */
export function relaxed<Arguments extends unknown[], Result>(connection: QueueConnection, body: (...given: Arguments) => Result): (...given: Arguments) => Result {
  const write = writing(connection, body);
  const eager = connection.database.prepare('PRAGMA synchronous = NORMAL');
  const careful = connection.database.prepare('PRAGMA synchronous = FULL');
  return (...given) => {
    // Within a transaction SQLite refuses to change this.
    if (connection.database.inTransaction) return write(...given);
    eager.run();
    try {
      return write(...given);
    } finally {
      careful.run();
    }
  };
}

export function reading<Arguments extends unknown[], Result>(connection: QueueConnection, body: (...given: Arguments) => Result): (...given: Arguments) => Result {
  return (...given) => explained(connection.file, () => body(...given));
}
