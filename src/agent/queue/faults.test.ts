import { writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../shared/errors.ts';
import { sqliteFailure } from './sqlite-failure.ts';
import { sampleJob, sampleProgress } from './testing/sample-jobs.ts';
import { newQueue } from './testing/test-queue.ts';
import type { TestQueue } from './testing/test-queue.ts';

let test: TestQueue;

beforeEach(() => {
  test = newQueue();
});

afterEach(() => {
  test.close();
});

const failure = (code: string): Error => expect.objectContaining({ code, text: { what: expect.any(String) as string, safe: expect.any(String) as string, next: expect.any(String) as string } }) as Error;

describe('a full disk', () => {
  it('refuses new jobs and bigger checkpoints, keeps what exists, and is over when there is room again', () => {
    const { queue, database } = test;
    const { id } = queue.enqueue(sampleJob);
    queue.claim({ total: 1, perRepository: 1 });
    const pages = database.pragma('page_count', { simple: true }) as number;
    database.pragma(`max_page_count = ${pages}`);
    let accepted = 0;
    expect(() => {
      for (; accepted < 1000; accepted++) queue.enqueue(sampleJob);
    }).toThrow(failure('QUEUE_FULL'));
    expect(queue.counts()).toMatchObject({ queued: accepted, running: 1 });
    const before = queue.get(id);
    expect(() => queue.checkpoint(id, { ...sampleProgress, file: '/'.padEnd(50_000, 'x') })).toThrow(failure('QUEUE_FULL'));
    expect(queue.get(id)).toEqual(before);
    expect(database.pragma('synchronous', { simple: true })).toBe(2);

    database.pragma('max_page_count = 100000');
    queue.enqueue(sampleJob);
    expect(queue.complete(id, { phase: 'COMPLETED', snapshotId: null, summary: {}, message: '' }).phase).toBe('COMPLETED');
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
  });
});

describe('damage that is met later', () => {
  it('says what to do', () => {
    const { queue, database } = test;
    queue.together(() => Array.from({ length: 500 }, () => queue.enqueue(sampleJob)));
    database.pragma('wal_checkpoint(TRUNCATE)');
    database.pragma('cache_size = 0');
    writeFileSync(test.file, Buffer.alloc((database.pragma('page_count', { simple: true }) as number) * 4096 - 4096, 0xee), { flag: 'r+' });
    database.pragma('shrink_memory');
    expect(() => queue.list({ limit: 1000 })).toThrow(expect.objectContaining({ code: 'DAMAGED', message: expect.stringContaining('Restart CyberBackup') as string }) as Error);
  });
});

describe('failures of SQLite', () => {
  it.each([
    ['SQLITE_FULL', 'QUEUE_FULL'],
    ['SQLITE_IOERR_WRITE', 'QUEUE_FULL'],
    ['SQLITE_IOERR_FSYNC', 'QUEUE_FULL'],
    ['SQLITE_READONLY_DBMOVED', 'QUEUE_FULL'],
    ['SQLITE_CORRUPT', 'DAMAGED'],
    ['SQLITE_CORRUPT_INDEX', 'DAMAGED'],
    ['SQLITE_NOTADB', 'DAMAGED'],
    ['SQLITE_IOERR_SHORT_READ', 'DAMAGED'],
    ['SQLITE_BUSY_SNAPSHOT', 'AGENT_RUNNING'],
    ['SQLITE_CANTOPEN_ISDIR', 'CONFIGURATION'],
  ])('%s is %s', (reason, code) => {
    const error = sqliteFailure(new Database.SqliteError('text', reason), '/home/queue.sqlite');
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ code, message: expect.stringContaining(reason) as string });
  });

  it('that are defects stay what they are', () => {
    for (const error of [new Database.SqliteError('text', 'SQLITE_CONSTRAINT_CHECK'), new TypeError('text'), 'text']) expect(sqliteFailure(error, 'file')).toBe(error);
  });
});
