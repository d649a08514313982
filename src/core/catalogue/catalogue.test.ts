import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { thisPlatform } from '../archiver/byte-path.ts';
import { silentLogger } from '../platform/logger.ts';
import { memoryRepository, storeBlobs, type MemoryRepository } from '../repository/testing/fast-repository.ts';
import { plainNode } from '../repository/plain-node.ts';
import { listSnapshots, removeSnapshot, saveSnapshot } from '../repository/snapshots.ts';
import { encodeTree, type TreeNode } from '../repository/tree.ts';
import { catalogueFile, openCatalogue, verifyCatalogue, type Catalogue } from './open-catalogue.ts';
import { passes, type NodeFilter } from './node-filter.ts';
import { PathPatterns } from './path-patterns.ts';
import { versionsOfPath } from './path-versions.ts';
import type { CatalogueRow } from './catalogue-row.ts';
import { searchCatalogue, substringPattern } from './search-catalogue.ts';
import { updateCatalogue } from './update-catalogue.ts';

type Folder = Map<string, Folder | TreeNode>;

/** Choices from a seed. */
function chooser(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
}

let memory: MemoryRepository;
let folder: string;
let catalogue: Catalogue;

beforeEach(async () => {
  memory = await memoryRepository();
  folder = mkdtempSync(path.join(os.tmpdir(), 'catalogue-'));
  catalogue = open();
});

afterEach(async () => {
  catalogue.close();
  await memory.repository.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(id = memory.repository.config.id): Catalogue {
  return openCatalogue(folder, id, silentLogger);
}

async function store(tree: Folder): Promise<string> {
  const nodes: TreeNode[] = [];
  for (const [name, value] of tree) nodes.push(value instanceof Map ? plainNode(Buffer.from(name, 'latin1'), { type: 'dir', subtree: Buffer.from(await store(value), 'hex') }) : { ...value, name: Buffer.from(name, 'latin1') });
  const blob = encodeTree(nodes);
  const id = memory.repository.addon.sha256(blob);
  if (!memory.repository.index.has('tree', id)) await storeBlobs(memory.repository, 'tree', [blob]);
  return id.toString('hex');
}

async function snapshot(tree: Folder, day: number, hostname = 'a'): Promise<string> {
  return await saveSnapshot(memory.repository, { time: new Date(Date.UTC(2026, 0, 1 + day)).toISOString(), tree: await store(tree), paths: ['/data'], hostname });
}

const file = (version: number, members: Partial<TreeNode> = {}): TreeNode => plainNode('x', { mtime: BigInt(version) * 1_000_000_000n, size: BigInt(version), content: Buffer.alloc(32, version), ...members });

async function update(signal?: AbortSignal): Promise<number> {
  return (await updateCatalogue(catalogue, memory.repository, await listSnapshots(memory.repository), signal === undefined ? {} : { signal })).treesRead;
}

/** Everything that matches, page by page. */
async function search(filter: NodeFilter, limit = 3): Promise<CatalogueRow[]> {
  const rows: CatalogueRow[] = [];
  let cursor: string | undefined;
  do {
    const page = await searchCatalogue(catalogue, filter, { limit, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    rows.push(...page.rows);
    cursor = page.next;
  } while (cursor !== undefined);
  return rows;
}

const pathsOf = (rows: readonly CatalogueRow[]): string[] => rows.map(({ path: found }) => found.toString()).sort();
const everything: NodeFilter = { patterns: ['*'] };

describe('a catalogue', () => {
  it('says of every path what walking the trees says, whatever came, went and came back', async () => {
    const pick = chooser(5);
    const names = ['a', 'b', 'Übung.txt', 'new\nline', 'bad\xff', '[x]*', 'sp ace', 'deep'].map((name) => (name === 'bad\xff' ? name : Buffer.from(name).toString('latin1')));
    const change = (at: Folder, depth: number): void => {
      const name = names[pick(names.length)] ?? '';
      const old = at.get(name);
      const choice = pick(5);
      if (old instanceof Map && choice > 0) change(old, depth + 1);
      else if (choice === 0) at.delete(name);
      else if (choice === 1 && depth < 3) at.set(name, new Map([['inner', file(1)]]));
      else at.set(name, file(1 + pick(3)));
    };
    const hosts: Record<string, Folder> = { a: new Map(), b: new Map() };
    const ids: string[] = [];
    for (let day = 0; day < 30; day += 1) {
      const host = day % 3 === 0 ? 'b' : 'a';
      for (let i = 0; i < 6; i += 1) change(hosts[host] as Folder, 0);
      ids.push(await snapshot(hosts[host] as Folder, day, host));
      if (day % 7 === 0) await update();
    }
    for (const id of ids.filter((_, index) => index % 5 === 2)) await removeSnapshot(memory.repository, id);
    await update();
    const snapshots = await listSnapshots(memory.repository);
    const rows = await search(everything, 1000);
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) {
      const components = row.path.toString('latin1').split('/').slice(1).map((name) => Buffer.from(name, 'latin1'));
      const { versions } = await versionsOfPath(memory.repository, snapshots, components);
      // A folder's own version does not change with what is in it.
      const walked = new Map<string, string[]>();
      for (const { node, snapshots: having } of versions) {
        const key = `${node.type} ${node.size} ${node.mtime}`;
        walked.set(key, [...(walked.get(key) ?? []), ...having.map(({ id }) => id)].sort());
      }
      const catalogued = new Map(row.versions.map((version) => [`${version.type} ${version.size} ${BigInt(version.mtime) * 1_000_000n}`, version.snapshots.map(({ id }) => id).sort()]));
      expect(catalogued).toEqual(walked);
    }
    const page = await search(everything, 3);
    expect(pathsOf(page)).toEqual(pathsOf(rows));
    // Whatever index leads there, page by page, each path once.
    const filters: readonly NodeFilter[] = [
      { patterns: ['a'] },
      { patterns: ['A', 'Inner'], ignoreCase: true },
      { patterns: ['A*'] },
      { patterns: [substringPattern('p a')] },
      { patterns: [substringPattern('b'), 'deep'] },
      { patterns: [substringPattern('ÜB')], ignoreCase: true },
      { patterns: ['?'] },
      { patterns: ['[ab]', 'bad\xff'] },
      { patterns: ['deep/*'] },
      { patterns: ['deep/*/*'] },
      { patterns: ['a/**'] },
      { patterns: ['B/**/*'], ignoreCase: true },
      { patterns: ['**'], larger: 1n },
      { patterns: ['*'], smaller: 3n },
      { patterns: ['*'], oldest: 1_500_000_000n, newest: 2_500_000_000n },
      { patterns: ['*e*'], types: new Set(['dir', 'symlink']) },
      { patterns: ['a', 'b'], larger: 1n, oldest: 3_000_000_000n, types: new Set(['file']) },
    ];
    for (const filter of filters) {
      const patterns = new PathPatterns(filter.patterns, { platform: thisPlatform, itself: true, ignoreCase: filter.ignoreCase === true });
      const fits = ({ path: at, versions }: CatalogueRow): boolean =>
        at.toString('latin1').split('/').slice(1).reduce((state, name) => patterns.step(state, name), patterns.root).matched &&
        versions.some(({ type, size, mtime }) => passes(filter, { type, size: BigInt(size), mtime: BigInt(mtime) * 1_000_000n }));
      expect([filter, pathsOf(await search(filter, 2))]).toEqual([filter, pathsOf(rows.filter(fits))]);
    }
  });

  it('reads only trees that are new', async () => {
    const deep: Folder = new Map([['x', new Map([['y', file(1)]])], ['other', new Map([['z', file(1)]])]]);
    await snapshot(deep, 0);
    expect(await update()).toBe(3);
    await snapshot(deep, 1);
    expect(await update()).toBe(0);
    (deep.get('x') as Folder).set('y', file(2));
    await snapshot(deep, 2);
    expect(await update()).toBe(2);
    expect((await search({ patterns: ['y'] }))[0]?.versions.map(({ size, snapshots }) => [size, snapshots.length])).toEqual([
      [2, 1],
      [1, 2],
    ]);
  });

  it('finds by name, part of a name, glob, size, time and type', async () => {
    await snapshot(
      new Map<string, Folder | TreeNode>([
        ['Report final.pdf', file(3)],
        ['large.bin', file(9, { size: 5_000_000n })],
        ['larger.bin', file(8, { size: 6_000_000n })],
        ['link', plainNode('link', { type: 'symlink', linkTarget: Buffer.from('x') })],
        ['docs', new Map([['report.txt', file(4)], ['zz', file(5)]])],
      ]),
      0,
    );
    await update();
    const found = async (filter: NodeFilter): Promise<string[]> => pathsOf(await search(filter, 2));
    expect(await found({ patterns: ['report.txt'] })).toEqual(['/docs/report.txt']);
    expect(await found({ patterns: [substringPattern('REPORT')], ignoreCase: true })).toEqual(['/Report final.pdf', '/docs/report.txt']);
    expect(await found({ patterns: [substringPattern('report')] })).toEqual(['/docs/report.txt']);
    expect(await found({ patterns: [substringPattern('z')] })).toEqual(['/docs/zz']);
    expect(await found({ patterns: [substringPattern('Z')], ignoreCase: true })).toEqual(['/docs/zz']);
    expect(await found({ patterns: ['*.pdf', 'zz'] })).toEqual(['/Report final.pdf', '/docs/zz']);
    expect(await found({ patterns: ['docs/*'] })).toEqual(['/docs/report.txt', '/docs/zz']);
    expect(await found({ patterns: ['/docs'] })).toEqual(['/docs']);
    expect(await found({ patterns: ['*'], larger: 5_000_000n })).toEqual(['/larger.bin']);
    expect(await found({ patterns: ['*'], larger: 100_000n, smaller: 6_000_000n })).toEqual(['/large.bin']);
    expect(await found({ patterns: ['*'], smaller: 4n })).toEqual(['/Report final.pdf']);
    expect(await found({ patterns: ['*'], oldest: 5_000_000_000n, newest: 8_000_000_000n })).toEqual(['/docs/zz', '/larger.bin']);
    expect(await found({ patterns: ['*'], types: new Set(['symlink']) })).toEqual(['/link']);
    expect(await found({ patterns: ['*'], types: new Set(['dir']) })).toEqual(['/docs']);
    await expect(search({ patterns: ['['] })).rejects.toThrow('[');
    await expect(searchCatalogue(catalogue, everything, { limit: 1, cursor: '1; DROP' })).rejects.toThrow(RangeError);
  });

  it('goes on where it was interrupted', async () => {
    const wide: Folder = new Map(Array.from({ length: 200 }, (_, i) => [`folder-${i}`, new Map([[`file-${i}`, file(1)]])]));
    await snapshot(wide, 0);
    const stop = new AbortController();
    const all = await listSnapshots(memory.repository);
    await expect(updateCatalogue(catalogue, memory.repository, all, { signal: stop.signal, onProgress: ({ treesRead }) => treesRead > 1 && stop.abort(new Error('stopped')) })).rejects.toThrow('stopped');
    expect(await search(everything)).toEqual([]);
    catalogue.close();
    catalogue = open();
    expect(catalogue.rebuilt).toBeUndefined();
    // The root and the first batches are not read again.
    expect(await update()).toBeLessThan(150);
    expect(await search(everything, 1000)).toHaveLength(400);
  });

  it('gives up a half-taken snapshot that is gone', async () => {
    const wide: Folder = new Map(Array.from({ length: 100 }, (_, i) => [`folder-${i}`, new Map([['f', file(1)]])]));
    await snapshot(wide, 0);
    await update();
    for (const inner of wide.values()) (inner as Folder).set('f', file(2));
    const gone = await snapshot(wide, 1);
    const stop = new AbortController();
    await expect(updateCatalogue(catalogue, memory.repository, await listSnapshots(memory.repository), { signal: stop.signal, onProgress: ({ treesRead }) => treesRead > 1 && stop.abort(new Error('stopped')) })).rejects.toThrow('stopped');
    await removeSnapshot(memory.repository, gone);
    await update();
    expect((await search({ patterns: ['f'] }, 1000)).map(({ versions }) => versions.map(({ size }) => size))).toEqual(Array.from({ length: 100 }, () => [1]));
  });

  it('forgets what only removed snapshots had', async () => {
    const first = await snapshot(new Map<string, Folder | TreeNode>([['secret-name', file(1)], ['kept', file(1)]]), 0);
    await snapshot(new Map([['kept', file(1)]]), 1);
    await update();
    expect(pathsOf(await search(everything))).toEqual(['/kept', '/secret-name']);
    await removeSnapshot(memory.repository, first);
    await update();
    expect(pathsOf(await search(everything))).toEqual(['/kept']);
    expect(catalogue.database.prepare('SELECT count(*) FROM names').pluck().get()).toBe(1);
    expect(catalogue.database.prepare("SELECT count(*) FROM name_text WHERE name_text MATCH 'sec'").pluck().get()).toBe(0);
  });

  it('names a tree that cannot be read, and takes in the rest', async () => {
    const tree: Folder = new Map<string, Folder | TreeNode>([['good', new Map([['g', file(1)]])], ['bad', new Map([['b', file(1)]])]]);
    await snapshot(tree, 0);
    await update();
    (tree.get('bad') as Folder).set('b', file(2));
    const broken = await snapshot(tree, 1);
    const id = Buffer.from(await store(tree.get('bad') as Folder), 'hex');
    const pack = memory.repository.index.lookup('tree', id)[0]?.packId.toString('hex') ?? '';
    memory.store.objects.delete(`data/${pack}`);
    await update();
    const damage = catalogue.database.prepare<[], { snapshot: string; reason: string }>('SELECT snapshot, reason FROM damage').all();
    expect(damage).toEqual([{ snapshot: broken, reason: expect.stringContaining(id.toString('hex')) as string }]);
    expect((await search({ patterns: ['b'] }))[0]?.versions.map(({ snapshots }) => snapshots.length)).toEqual([1]);
    expect((await search({ patterns: ['g'] }))[0]?.versions[0]?.snapshots).toHaveLength(2);
  });

  it('is private', () => {
    const name = catalogueFile(folder, memory.repository.config.id);
    if (process.platform === 'win32') return;
    expect(statSync(name).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(name)).mode & 0o777).toBe(0o700);
    expect(() => catalogueFile(folder, '../x')).toThrow(RangeError);
  });

  it.each<[string, (file: string) => void, RegExp]>([
    ['of another repository', (name) => withDatabase(name, (database) => database.exec(`UPDATE repository SET id = '${'0'.repeat(64)}'`)), /another repository/],
    ['of a newer version', (name) => withDatabase(name, (database) => database.pragma('user_version = 99')), /99/],
    ['that is another program’s', (name) => withDatabase(name, (database) => database.pragma('application_id = 1')), /no catalogue/],
    ['without its table', (name) => withDatabase(name, (database) => database.exec('DROP TABLE repository')), /no such table/],
    ['that is no database', (name) => writeFileSync(name, 'something else'.repeat(1000)), /not a database/],
    ['that is empty', (name) => truncateSync(name), /no catalogue/],
  ])('%s is begun anew', async (_, spoil, reason) => {
    await snapshot(new Map([['f', file(1)]]), 0);
    await update();
    catalogue.close();
    spoil(catalogue.file);
    catalogue = open();
    expect(catalogue.rebuilt).toMatch(reason);
    expect(await search(everything)).toEqual([]);
    expect(await update()).toBe(1);
    expect(pathsOf(await search(everything))).toEqual(['/f']);
  });

  it('whose pages are torn is found out by the check', async () => {
    await snapshot(new Map(Array.from({ length: 300 }, (_, i) => [`file-${i}`, file(1)])), 0);
    await update();
    expect(verifyCatalogue(catalogue)).toBeUndefined();
    catalogue.database.pragma('wal_checkpoint(TRUNCATE)');
    catalogue.close();
    const bytes = readFileSync(catalogue.file);
    bytes.fill(0xa5, 8192, bytes.length - 8192);
    writeFileSync(catalogue.file, bytes);
    appendFileSync(catalogue.file, '');
    catalogue = open();
    // Either opening found it, or the check does.
    if (catalogue.rebuilt === undefined) expect(verifyCatalogue(catalogue)).toBeDefined();
  });
});

function withDatabase(name: string, body: (database: Database.Database) => unknown): void {
  const database = new Database(name);
  body(database);
  database.close();
}
