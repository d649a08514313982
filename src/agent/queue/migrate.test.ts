import { readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { applicationId, migrate, migrations, schemaVersion } from './migrate.ts';
import { openQueue } from './open-queue.ts';
import { sampleJob } from './testing/sample-jobs.ts';

let folder: string;
let file: string;
const parts = { clock: new FakeClock(), logger: silentLogger };

beforeEach(() => {
  folder = temporaryFolder('migrate');
  file = path.join(folder, 'queue.sqlite');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The file as a program of `version` left it, with these rows: state, phase, and whether a worker has them. */
function leave(version: number, rows: readonly (readonly [string, string])[]): void {
  const database = new Database(file);
  migrate(database, version);
  const insert = database.prepare(`
    INSERT INTO jobs (id, payload, repository_id, priority, max_attempts, trace_id, state, phase, attempt, failures, attempts, message, created_at, worker_pid)
    VALUES (?, ?, 'home', 0, 3, ?, ?, ?, 0, 0, '[]', '', 5, 77)`);
  for (const [index, [state, phase]] of rows.entries()) insert.run(`job${index}`, JSON.stringify(sampleJob.payload), sampleJob.traceId, state, phase);
  database.close();
}

describe('migrations', () => {
  it('0001 makes the table', () => {
    const database = new Database(file);
    expect(schemaVersion(database)).toEqual({ blank: true, ours: false, version: 0 });
    migrate(database, 1);
    expect(schemaVersion(database)).toEqual({ blank: false, ours: true, version: 1 });
    expect(database.prepare('SELECT count(*) FROM jobs').pluck().get()).toBe(0);
    database.close();
  });

  it('0002 adds the start of workers to what version 1 has', () => {
    leave(1, [['running', 'SCANNING']]);
    const database = new Database(file);
    migrate(database, 2);
    expect(database.prepare('SELECT id, worker_pid, worker_start FROM jobs').all()).toEqual([{ id: 'job0', worker_pid: 77, worker_start: null }]);
    database.close();
  });

  it('0003 counts what version 2 has, and what changes from then on', () => {
    leave(2, [['queued', 'QUEUED'], ['queued', 'QUEUED'], ['done', 'FAILED']]);
    const database = new Database(file);
    migrate(database, 3);
    const counts = (): unknown => Object.fromEntries(database.prepare<[], [string, number]>('SELECT state, jobs FROM job_counts').raw().all());
    expect(counts()).toEqual({ queued: 2, running: 0, paused: 0, waiting: 0, done: 1 });
    database.exec("UPDATE jobs SET state = 'paused' WHERE id = 'job0'; DELETE FROM jobs WHERE id = 'job2'; UPDATE jobs SET state = 'paused' WHERE id = 'job0'");
    expect(counts()).toEqual({ queued: 1, running: 0, paused: 1, waiting: 0, done: 0 });
    database.close();
  });

  it('0004 adds the parts of errors, 0005 the skipped items, which go with their job', () => {
    leave(3, [['done', 'PARTIAL']]);
    const database = new Database(file);
    migrate(database, 5);
    expect(database.prepare('SELECT error_parts FROM jobs').pluck().all()).toEqual([null]);
    database.exec("INSERT INTO skipped_items VALUES ('job0', 0, '/a', 'read', 'busy')");
    database.exec('DELETE FROM jobs');
    expect(database.prepare('SELECT count(*) FROM skipped_items').pluck().get()).toBe(0);
    database.close();
  });

  it.each(migrations.map((_, version) => version))('a queue of version %i is opened and its jobs are there', (version) => {
    if (version > 0) leave(version, [['running', 'SCANNING'], ['queued', 'QUEUED']]);
    const { queue, damage } = openQueue(file, parts);
    expect(damage).toBeUndefined();
    expect(queue.list({ limit: 9 }).map(({ id, state }) => [id, state])).toEqual(version > 0 ? [['job1', 'queued'], ['job0', 'running']] : []);
    queue.close();
    const database = new Database(file);
    expect(schemaVersion(database).version).toBe(migrations.length);
    database.close();
  });

  it('a step that fails leaves the version before', () => {
    leave(2, [['queued', 'QUEUED']]);
    const database = new Database(file);
    database.exec('CREATE TABLE job_counts (in_the_way TEXT)');
    expect(() => migrate(database)).toThrow('job_counts');
    expect(schemaVersion(database).version).toBe(2);
    expect(database.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'").pluck().get()).toBe(0);
    database.close();
  });

  it('a newer version is refused and stays as it is', () => {
    leave(migrations.length, [['queued', 'QUEUED']]);
    const database = new Database(file);
    database.pragma('journal_mode = WAL');
    database.pragma(`user_version = ${migrations.length + 1}`);
    database.close();
    const before = readFileSync(file);
    const { mtimeMs } = statSync(file);
    expect(() => openQueue(file, parts)).toThrow(expect.objectContaining({ code: 'QUEUE_VERSION', message: expect.stringContaining('Install the newer version') as string }) as Error);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(statSync(file).mtimeMs).toBe(mtimeMs);
    expect(applicationId).toBe(before.readUInt32BE(68));
  });
});
