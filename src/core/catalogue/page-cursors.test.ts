import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../platform/logger.ts';
import { openPlace, rootPath, typeNumber } from './catalogue-schema.ts';
import { searchText } from './name-query.ts';
import type { NodeFilter } from './node-filter.ts';
import { openCatalogue, type Catalogue } from './open-catalogue.ts';
import { searchCatalogue, substringPattern } from './search-catalogue.ts';

const second = 1_000_000_000n;
const names = ['a', 'b', 'data', 'Data', 'deep', 'package.json', 'x', 'é', 'Übung', 'bad', ...Array.from({ length: 150 }, (_, i) => `file-${i}`)];
const repositoryId = '0'.repeat(64);
let template: string;
let folder: string;
let catalogue: Catalogue;

/** Choices from a seed. */
function chooser(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
}

class Filler {
  readonly #database: Database.Database;
  readonly #names = new Map<string, number>();
  #paths = 0;

  constructor(database: Database.Database) {
    this.#database = database;
    database.exec(`INSERT INTO lines VALUES (1, 'a', '/', 2); INSERT INTO snapshots VALUES ('${'1'.repeat(64)}', 1, 0, 1000, 1), ('${'2'.repeat(64)}', 1, 1, 2000, 1)`);
  }

  /** Its number; of a random type, size and time, some with two versions. */
  add(parent: number, name: string, pick: (limit: number) => number): number {
    let nameId = this.#names.get(name);
    if (nameId === undefined) {
      this.#names.set(name, (nameId = this.#names.size + 1));
      this.#database.prepare('INSERT INTO names VALUES (?, ?)').run(nameId, Buffer.from(name));
      this.#database.prepare('INSERT INTO name_text (rowid, text) VALUES (?, ?)').run(nameId, searchText(Buffer.from(name)));
    }
    this.#paths += 1;
    this.#database.prepare('INSERT INTO paths VALUES (?, ?, ?)').run(this.#paths, parent, nameId);
    const version = this.#database.prepare(`INSERT INTO versions VALUES (?, 1, ?, ?, ?, 0, ?, ?, ?)`);
    const type = typeNumber((['file', 'file', 'dir', 'symlink'] as const)[pick(4)] ?? 'file');
    const changed = pick(3) === 0;
    version.run(this.#paths, 0, changed ? 0 : openPlace, type, pick(9), pick(5) * 1000, Buffer.alloc(1));
    if (changed) version.run(this.#paths, 1, openPlace, type, pick(9), pick(5) * 1000, Buffer.alloc(2));
    return this.#paths;
  }
}

beforeAll(() => {
  template = mkdtempSync(path.join(os.tmpdir(), 'page-cursors-'));
  catalogue = openCatalogue(template, repositoryId, silentLogger);
  const pick = chooser(11);
  const filler = new Filler(catalogue.database);
  const open = [{ pathId: rootPath, depth: 0 }];
  catalogue.database.transaction(() => {
    for (let at = open.shift(); at !== undefined; at = open.shift()) {
      // One folder has more than are read at once of it.
      const most = at.depth === 1 ? 3 + pick(12) : 4 + pick(5);
      const own = at.depth === 0 ? names.slice(0, 10) : names.filter(() => pick(names.length) < most);
      for (const name of own) open.push(...(at.depth < 3 ? [{ pathId: filler.add(at.pathId, name, pick), depth: at.depth + 1 }] : []));
    }
    const wide = filler.add(rootPath, 'wide', pick);
    for (let i = 0; i < 600; i += 1) filler.add(wide, `wide-${i}`, pick);
  })();
  catalogue.close();
});

afterAll(() => rmSync(template, { recursive: true, force: true }));

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'page-cursors-'));
  cpSync(template, folder, { recursive: true });
  catalogue = openCatalogue(folder, repositoryId, silentLogger);
});

afterEach(() => {
  catalogue.close();
  rmSync(folder, { recursive: true, force: true });
});

async function pathsOf(filter: NodeFilter, limit: number, between: () => void = () => undefined): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await searchCatalogue(catalogue, filter, { limit, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.rows.map((row) => row.path.toString()));
    cursor = page.next;
    // The contract lets a cursor be no longer than 200, with the catalogue's generation in front.
    expect(cursor?.length ?? 0).toBeLessThan(120);
    between();
  } while (cursor !== undefined);
  return found;
}

const filters: readonly NodeFilter[] = [
  { patterns: ['*'] },
  { patterns: ['a'] },
  { patterns: ['A'], ignoreCase: true },
  { patterns: ['package.js*'] },
  { patterns: ['file-*', 'b'] },
  { patterns: [substringPattern('ile-1')] },
  { patterns: ['?'] },
  { patterns: ['??', '[^a]'] },
  { patterns: ['[a-e]*'] },
  { patterns: ['[^a-f]*'] },
  { patterns: [Buffer.from('[ÉÜ]*').toString('latin1')], ignoreCase: true },
  { patterns: ['*[n3]'] },
  { patterns: ['/data/**'] },
  { patterns: ['data/**'], ignoreCase: true },
  { patterns: ['/wide/*'] },
  { patterns: ['/wide/**'], larger: 6n },
  { patterns: ['/data/*/*'] },
  { patterns: ['d*/*'] },
  { patterns: ['data/**/?'] },
  { patterns: ['*'], larger: 5n },
  { patterns: ['*'], smaller: 2n, oldest: 2n * second },
  { patterns: ['*'], newest: 1n * second },
  { patterns: ['*'], types: new Set(['symlink']) },
  { patterns: ['file-1*'], larger: 3n },
];
const titled = filters.map((filter) => [`${Buffer.from(filter.patterns.join(' '), 'latin1').toString()} ${Object.keys(filter).slice(1).join(' ')}`, filter] as const);

describe('pages of a search', () => {
  it.each(titled)('are together what one page is, each path once, for %s', async (_, filter) => {
    const all = await pathsOf(filter, 100_000);
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(0);
    for (const limit of [7, 150]) expect(await pathsOf(filter, limit)).toEqual(all);
  });

  it.each(titled)('have all that stays while paths are taken out, for %s', async (_, filter) => {
    const { database } = catalogue;
    const before = await pathsOf(filter, 100_000);
    const pick = chooser(5);
    const leaves = database.prepare<[], number>('SELECT path_id FROM paths p WHERE NOT EXISTS (SELECT 1 FROM paths c WHERE c.parent = p.path_id) ORDER BY path_id').pluck();
    const removed = await pathsOf(filter, 9, () => {
      for (const pathId of leaves.all().filter(() => pick(40) === 0)) {
        database.prepare('DELETE FROM paths WHERE path_id = ?').run(pathId);
        database.prepare('DELETE FROM versions WHERE path_id = ?').run(pathId);
      }
    });
    expect(new Set(removed).size).toBe(removed.length);
    expect(removed.every((one) => before.includes(one))).toBe(true);
    const after = await pathsOf(filter, 100_000);
    expect(after.filter((one) => !removed.includes(one))).toEqual([]);
  });

  it('are refused where the folder is gone in which they would go on', async () => {
    const { database } = catalogue;
    const { next = '' } = await searchCatalogue(catalogue, { patterns: ['/data/**'] }, { limit: 20 });
    const parent = Number(next.split('.')[2]);
    database.prepare('DELETE FROM paths WHERE path_id = ?').run(parent);
    await expect(searchCatalogue(catalogue, { patterns: ['/data/**'] }, { limit: 20, cursor: next })).rejects.toThrow(RangeError);
    for (const cursor of ['f1.2.3', 'f1.2.3.x', 'n1', 'n1.2.3.4', 's1.2', 'q1.2']) await expect(searchCatalogue(catalogue, { patterns: ['/data/**'] }, { limit: 20, cursor })).rejects.toThrow(RangeError);
  });

  it('are sought among names that can match, not among all', async () => {
    const { database } = catalogue;
    const many = database.prepare('INSERT INTO names VALUES (?, ?)');
    for (let i = 1; i <= 5000; i += 1) many.run(1000 + i, Buffer.from(`a-long-name-${i}`));
    const prepare = database.prepare.bind(database) as (source: string) => Database.Statement;
    let read = 0;
    const counting = (source: string): Database.Statement => {
      const statement = prepare(source);
      const all = statement.all.bind(statement);
      statement.all = (...values: unknown[]) => {
        const rows = all(...values);
        if (source.includes('FROM names') || source.includes('JOIN names')) read += rows.length;
        return rows;
      };
      return statement;
    };
    const counted = { ...catalogue, database: Object.assign(Object.create(database) as Database.Database, { prepare: counting }) };
    const looked = async (pattern: string): Promise<number> => {
      read = 0;
      await searchCatalogue(counted, { patterns: [pattern] }, { limit: 1000 });
      return read;
    };
    expect(await looked('??')).toBeLessThan(1000);
    expect(await looked('[xyz]*')).toBe(1);
    expect(await looked('[qz]*')).toBe(0);
    expect(await looked('*e')).toBeLessThan(20);
    expect(await looked('[^b-z]*')).toBeGreaterThan(5000);
  });
});
