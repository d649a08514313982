/**
 * The schema, as numbered steps.
 *
 * Invariants: a step never changes once it was released; each is one transaction together with the number of the version
 * that it leads to (`user_version`), so that a kill between steps leaves a version that exists.
 */
import type Database from 'better-sqlite3';
import { Failure } from '../../shared/errors.ts';
import { jobsTable } from './migrations/0001-jobs.ts';
import { workerStart } from './migrations/0002-worker-start.ts';
import { jobCounts } from './migrations/0003-job-counts.ts';
import { errorParts } from './migrations/0004-error-parts.ts';
import { skippedItems } from './migrations/0005-skipped-items.ts';
import { exclusiveJobs } from './migrations/0006-exclusive-jobs.ts';

export const migrations: readonly string[] = [jobsTable, workerStart, jobCounts, errorParts, skippedItems, exclusiveJobs];

/** Says that a SQLite file is a job queue of ours ("CBjq"). */
export const applicationId = 0x4342_6a71;

export interface SchemaVersion {
  /** Whether the file has never held anything. */
  readonly blank: boolean;
  readonly ours: boolean;
  readonly version: number;
}

export function schemaVersion(database: Database.Database): SchemaVersion {
  const version = database.pragma('user_version', { simple: true }) as number;
  const application = database.pragma('application_id', { simple: true }) as number;
  const objects = database.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get() ?? 0;
  return { blank: version === 0 && application === 0 && objects === 0, ours: application === applicationId, version };
}

/** Throws `QUEUE_VERSION` for a schema that a newer program made. */
export function refuseNewer(version: number, file: string): void {
  if (version <= migrations.length) return;
  throw new Failure('QUEUE_VERSION', {
    what: `The job queue ${file} was written by a newer CyberBackup (its format is ${version}, this program knows ${migrations.length})`,
    safe: 'It was not changed',
    next: 'Install the newer version again, or move that file away to start with an empty queue',
  });
}

/** Brings the schema to version `target`. */
export function migrate(database: Database.Database, target = migrations.length): void {
  const step = database.transaction((version: number, sql: string) => {
    database.exec(sql);
    database.pragma(`application_id = ${applicationId}`);
    database.pragma(`user_version = ${version}`);
  });
  const from = schemaVersion(database).version;
  for (const [index, sql] of migrations.slice(0, target).entries()) {
    if (index >= from) step.immediate(index + 1, sql);
  }
}
