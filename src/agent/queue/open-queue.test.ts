import { copyFileSync, existsSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { openQueue } from './open-queue.ts';
import type { OpenedQueue } from './open-queue.ts';
import { sampleJob } from './testing/sample-jobs.ts';

let folder: string;
let file: string;
const parts = { clock: new FakeClock(), logger: silentLogger };

beforeEach(() => {
  folder = temporaryFolder('open-queue');
  file = path.join(folder, 'queue.sqlite');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function fill(jobs: number): void {
  const { queue } = openQueue(file, parts);
  queue.together(() => Array.from({ length: jobs }, () => queue.enqueue(sampleJob)));
  queue.close();
}

/** The files as a kill leaves them: the log has not been merged into the database yet. */
function leaveAsKilled(place: string): void {
  const { queue } = openQueue(file, parts);
  queue.together(() => Array.from({ length: 50 }, () => queue.enqueue(sampleJob)));
  for (const suffix of ['', '-wal', '-shm']) copyFileSync(file + suffix, place + suffix);
  queue.close();
}

/** Opens a damaged file, and holds the promises that hold whatever the damage is. */
function openDamaged(): OpenedQueue {
  const kept = ['', '-wal'].filter((suffix) => existsSync(file + suffix)).map((suffix) => readFileSync(file + suffix));
  const opened = openQueue(file, parts);
  expect(opened.damage).toMatchObject({ reason: expect.stringMatching(/./) as string, at: parts.clock.now() });
  const moved = opened.damage?.movedTo ?? [];
  expect(moved.filter((name) => !/-(shm|journal)$/.test(name)).map((name) => readFileSync(name).equals(kept.shift() ?? Buffer.alloc(0)))).toEqual(moved.filter((name) => !/-(shm|journal)$/.test(name)).map(() => true));
  expect(kept).toEqual([]);
  expect(opened.queue.list({ limit: 10 })).toEqual([]);
  opened.queue.enqueue(sampleJob);
  opened.queue.close();
  const again = openQueue(file, parts);
  expect(again.damage).toBeUndefined();
  expect(again.queue.list({ limit: 10 })).toHaveLength(1);
  again.queue.close();
  return opened;
}

describe('an intact queue', () => {
  it('is made on first use, private, in a folder that is made too', () => {
    file = path.join(folder, 'new', 'home', 'queue.sqlite');
    const { queue, damage } = openQueue(file, parts);
    expect(damage).toBeUndefined();
    queue.enqueue(sampleJob);
    if (process.platform !== 'win32') expect(['', '-wal'].map((suffix) => statSync(file + suffix).mode & 0o777)).toEqual([0o600, 0o600]);
    queue.close();
  });

  it('has every job after a kill, also those that are only in its log', () => {
    const place = path.join(folder, 'killed');
    leaveAsKilled(place);
    rmSync(`${place}-shm`);
    const { queue, damage } = openQueue(place, parts);
    expect(damage).toBeUndefined();
    expect(queue.counts().queued).toBe(50);
    queue.close();
  });

  it('has a write-ahead log', () => {
    const { queue } = openQueue(file, parts);
    queue.close();
    const database = new Database(file);
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    database.close();
  });
});

describe('a damaged queue is set aside as it is, and an empty one takes its place', () => {
  const damages: Record<string, () => void> = {
    'random bytes': () => writeFileSync(file, Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 7919 + 13) % 251))),
    'a text': () => writeFileSync(file, 'hello'),
    'zero length': () => writeFileSync(file, ''),
    'zero length beside its log': () => {
      const place = path.join(folder, 'killed');
      leaveAsKilled(place);
      rmSync(file);
      for (const suffix of ['-wal', '-shm']) copyFileSync(place + suffix, file + suffix);
      writeFileSync(file, '');
    },
    'deleted, its log left': () => {
      const place = path.join(folder, 'killed');
      leaveAsKilled(place);
      rmSync(file);
      for (const suffix of ['-wal', '-shm']) copyFileSync(place + suffix, file + suffix);
    },
    truncated: () => {
      fill(200);
      truncateSync(file, Math.floor(statSync(file).size / 2) - 100);
    },
    'a page of zeroes': () => {
      fill(200);
      const bytes = readFileSync(file);
      writeFileSync(file, bytes.fill(0, 4096 * 3, 4096 * 4));
    },
    'pages exchanged': () => {
      fill(200);
      const bytes = readFileSync(file);
      const pages = [4, 5].map((page) => Buffer.from(bytes.subarray(page * 4096, (page + 1) * 4096)));
      pages[1]?.copy(bytes, 4 * 4096);
      pages[0]?.copy(bytes, 5 * 4096);
      writeFileSync(file, bytes);
    },
    'an index that does not fit its table': () => {
      fill(5);
      const database = new Database(file);
      database.unsafeMode();
      database.pragma('writable_schema = ON');
      database.exec("UPDATE sqlite_schema SET sql = 'CREATE INDEX jobs_by_state ON jobs (state, sequence DESC)' WHERE name = 'jobs_by_state'");
      database.close();
    },
    "the log of another program's database": () => {
      fill(200);
      const other = path.join(folder, 'other');
      const database = new Database(other);
      database.pragma('journal_mode = WAL');
      database.exec('CREATE TABLE other (text TEXT)');
      const insert = database.prepare('INSERT INTO other VALUES (?)');
      for (let row = 0; row < 40; row++) insert.run('x'.repeat(1000));
      for (const suffix of ['-wal', '-shm']) copyFileSync(other + suffix, file + suffix);
      database.close();
    },
    "another program's database": () => {
      const database = new Database(file);
      database.exec('CREATE TABLE notes (text TEXT)');
      database.close();
    },
    'without its table': () => {
      fill(1);
      const database = new Database(file);
      database.exec('DROP TABLE jobs');
      database.close();
    },
  };

  it.each(Object.keys(damages))('%s', (name) => {
    damages[name]?.();
    const { damage } = openDamaged();
    expect(damage?.movedTo.every((moved) => path.basename(moved).startsWith('queue.sqlite.damaged-2024-01-02T03-04-05.000Z'))).toBe(true);
  });

  it('and so is the next one, under another name', () => {
    for (let time = 0; time < 3; time++) {
      writeFileSync(file, `damaged ${time}`);
      for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
      openDamaged();
    }
    expect(readdirSync(folder).filter((name) => /damaged-[^-]+-[^-]+-[^-]+-[^-]+-[^-]+(-\d)?$/.test(name)).map((name) => readFileSync(path.join(folder, name), 'utf8'))).toEqual(['damaged 0', 'damaged 1', 'damaged 2']);
  });
});

describe('what is no damage stays as it is', () => {
  it('a folder in its place', () => {
    expect(() => openQueue(folder, parts)).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }) as Error);
  });

  it('a lock of another program', () => {
    fill(1);
    const other = new Database(file);
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('BEGIN EXCLUSIVE');
    try {
      expect(() => openQueue(file, parts)).toThrow(expect.objectContaining({ code: 'AGENT_RUNNING' }) as Error);
    } finally {
      other.close();
    }
    const { queue, damage } = openQueue(file, parts);
    expect(damage).toBeUndefined();
    expect(queue.counts().queued).toBe(1);
    queue.close();
  });
});
