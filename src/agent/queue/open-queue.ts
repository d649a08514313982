/**
 * Opens the queue of a home folder, whatever state its file is in.
 *
 * Vocabulary: a file is *damaged* when it is no intact queue of ours: not a database, torn, cut off, empty, without its
 * table, or gone while its log is still there.
 *
 * Invariants: nothing is ever deleted; a damaged file is set aside and an empty queue takes its place; a file that a newer
 * program wrote, and one that only cannot be read now (rights, a lock), stay as they are and give a `Failure`.
 */
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import type Database from 'better-sqlite3';
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import { Failure } from '../../shared/errors.ts';
import { openDatabase, openUntouched } from './connection.ts';
import { migrate, refuseNewer, schemaVersion } from './migrate.ts';
import type { JobQueue } from './queue-port.ts';
import { companionsOf, setAside } from './set-aside.ts';
import { explained, isDamage, sqliteCode } from './sqlite-failure.ts';
import { createQueue } from './sqlite-queue.ts';

export interface QueueDamage {
  /** What was wrong, in a few words. */
  readonly reason: string;
  /** Where the damaged files are now. */
  readonly movedTo: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface OpenedQueue {
  readonly queue: JobQueue;
  /** What had to be set aside; undefined where the queue was intact, or new. */
  readonly damage: QueueDamage | undefined;
}

/** Throws `QUEUE_VERSION` for a newer schema, `QUEUE_FULL`, `CONFIGURATION` or `AGENT_RUNNING` where the file cannot be used now. */
export function openQueue(file: string, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }): OpenedQueue {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  return explained(file, () => {
    let reason = findDamage(file);
    let damage: QueueDamage | undefined;
    for (;;) {
      if (reason !== undefined) {
        damage = { reason, movedTo: setAside(file, clock.now()), at: clock.now() };
        logger.error({ file, reason, moved_to: damage.movedTo }, 'damaged job queue set aside');
      }
      const opened = tryOpen(file, { clock, logger });
      if (typeof opened !== 'string') return { queue: opened, damage };
      // An empty file of our own cannot be damaged.
      if (damage !== undefined) throw new Error(`the new job queue cannot be opened: ${opened}`);
      reason = opened;
    }
  });
}

/** The queue, or what is wrong with the file. */
function tryOpen(file: string, parts: { readonly clock: Clock; readonly logger: Logger }): JobQueue | string {
  // Private from the first byte; SQLite gives its log the same mode. On Windows the folder's rights decide.
  closeSync(openSync(file, 'a', 0o600));
  const database = openDatabase(file);
  try {
    migrate(database);
    return createQueue({ file, database, ...parts });
  } catch (error) {
    database.close();
    // SQLITE_ERROR: a statement does not fit the schema, so the tables are not those that the version promises.
    if (isDamage(error) || sqliteCode(error) === 'SQLITE_ERROR') return (error as Error).message;
    throw error;
  }
}

/** What is wrong with the file, found without changing it or its log; undefined for an intact or a missing one. */
function findDamage(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return companionsOf(file).length === 0 ? undefined : 'the file is missing, but its log is there';
  if (!found.isFile()) throw new Failure('CONFIGURATION', { what: `The job queue ${file} is not a file`, safe: 'It was not changed', next: 'Move it away, or choose another home folder' });
  // SQLite would take it for a new database, and delete the log beside it.
  if (found.size === 0) return 'the file is empty';
  let database: Database.Database | undefined;
  try {
    database = openUntouched(file);
    const { blank, ours, version } = schemaVersion(database);
    if (blank) return undefined;
    if (!ours) return 'the file is not a job queue';
    refuseNewer(version, file);
    const finding = database.pragma('integrity_check(1)', { simple: true }) as string;
    return finding === 'ok' ? undefined : finding;
  } catch (error) {
    if (isDamage(error)) return (error as Error).message;
    // A kill left a transaction half done, which only a writer can undo: opening for writing does.
    if (sqliteCode(error) === 'SQLITE_READONLY') return undefined;
    throw error;
  } finally {
    database?.close();
  }
}
