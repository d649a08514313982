import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../platform/clock.ts';
import { silentLogger } from '../platform/logger.ts';
import { catalogueFailure } from './catalogue-failure.ts';
import { withCatalogueLock } from './catalogue-lock.ts';
import { catalogueBytes, catalogueDamage, cataloguedSnapshots } from './catalogue-state.ts';
import { openCatalogue } from './open-catalogue.ts';

const id = 'a'.repeat(64);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'catalogue-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the lock of a catalogue', () => {
  it('is for one at a time, and for one repository', async () => {
    await withCatalogueLock(folder, id, systemClock, async () => {
      await expect(withCatalogueLock(folder, id, systemClock, () => Promise.resolve())).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
      expect(await withCatalogueLock(folder, 'b'.repeat(64), systemClock, () => Promise.resolve('free'))).toBe('free');
    });
    await expect(withCatalogueLock(folder, id, systemClock, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await withCatalogueLock(folder, id, systemClock, () => Promise.resolve('free again'))).toBe('free again');
  });
});

describe('the state of a catalogue', () => {
  it('has whole snapshots, its size, and each damaged path once', () => {
    const catalogue = openCatalogue(folder, id, silentLogger);
    try {
      const { database } = catalogue;
      database.exec(`
        INSERT INTO snapshots (id, line, place, time, complete) VALUES ('whole', 1, 0, 0, 1), ('begun', 1, 1, 0, 0);
        INSERT INTO names (name_id, name) VALUES (1, X'61'), (2, X'ff');
        INSERT INTO paths (path_id, parent, name_id) VALUES (1, 0, 1), (2, 1, 2);
        INSERT INTO damage (snapshot, path_id, reason) VALUES ('whole', 2, 'missing'), ('begun', 2, 'missing'), ('whole', 0, 'gone');
      `);
      expect(cataloguedSnapshots(catalogue)).toEqual(new Set(['whole']));
      expect(catalogueBytes(catalogue)).toBeGreaterThan(4096);
      expect(catalogueDamage(catalogue, 10)).toEqual([{ path: Buffer.from('/'), reason: 'gone' }, { path: Buffer.from([0x2f, 0x61, 0x2f, 0xff]), reason: 'missing' }]);
      expect(catalogueDamage(catalogue, 1)).toHaveLength(1);
    } finally {
      catalogue.close();
    }
  });
});

describe('an error of SQLite', () => {
  it('is told in sentences, any other stays what it is', () => {
    expect(catalogueFailure(new Database.SqliteError('database or disk is full', 'SQLITE_FULL'), folder)).toMatchObject({ code: 'STORAGE_FAILED', text: { what: expect.stringContaining('disk is full') as string, next: expect.stringContaining('Free some space') as string } });
    const other = new Error('other');
    expect(catalogueFailure(other, folder)).toBe(other);
  });
});
