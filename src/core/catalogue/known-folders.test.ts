import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BadPattern } from '../archiver/glob.ts';
import { silentLogger } from '../platform/logger.ts';
import { memoryRepository, storeBlobs, type MemoryRepository } from '../repository/testing/fast-repository.ts';
import { plainNode } from '../repository/plain-node.ts';
import { listSnapshots, saveSnapshot } from '../repository/snapshots.ts';
import { encodeTree, type TreeNode } from '../repository/tree.ts';
import { readKnownFolders, type KnownFolders } from './known-folders.ts';
import { filterQuery, type NodeFilter } from './node-filter.ts';
import { catalogueFile, openCatalogue } from './open-catalogue.ts';
import { TreeSearch } from './tree-search.ts';
import { updateCatalogue } from './update-catalogue.ts';

type Folder = Map<string, Folder | TreeNode>;

const second = 1_000_000_000n;
let memory: MemoryRepository;
let folder: string;

beforeEach(async () => {
  memory = await memoryRepository();
  folder = mkdtempSync(path.join(os.tmpdir(), 'known-folders-'));
});

afterEach(async () => {
  await memory.repository.close();
  rmSync(folder, { recursive: true, force: true });
});

const file = (version: number, members: Partial<TreeNode> = {}): TreeNode => plainNode('x', { mtime: BigInt(version) * second, size: BigInt(version), content: Buffer.alloc(32, version), ...members });

async function store(tree: Folder): Promise<string> {
  const nodes: TreeNode[] = [];
  for (const [name, value] of tree) nodes.push(value instanceof Map ? plainNode(name, { type: 'dir', mtime: 3n * second, subtree: Buffer.from(await store(value), 'hex') }) : { ...value, name: Buffer.from(name) });
  return await storeText(encodeTree(nodes));
}

async function storeText(blob: Buffer): Promise<string> {
  const id = memory.repository.addon.sha256(blob);
  if (!memory.repository.index.has('tree', id)) await storeBlobs(memory.repository, 'tree', [blob]);
  return id.toString('hex');
}

async function snapshot(tree: string, day: number): Promise<string> {
  return await saveSnapshot(memory.repository, { time: new Date(Date.UTC(2026, 0, 1 + day)).toISOString(), tree, paths: ['/data'], hostname: 'a' });
}

async function catalogue(upTo?: number): Promise<void> {
  const opened = openCatalogue(folder, memory.repository.config.id, silentLogger);
  await updateCatalogue(opened, memory.repository, (await listSnapshots(memory.repository)).slice(0, upTo));
  opened.close();
}

const known = (filter: NodeFilter): KnownFolders | undefined => readKnownFolders(folder, memory.repository.config.id, filter, silentLogger);

/** What `find` finds, and how many folders it enters. */
async function search(filter: NodeFilter, folders: KnownFolders | undefined): Promise<string[]> {
  const trees = new TreeSearch(memory.repository, filterQuery(filter));
  const found: string[] = [];
  for (const stored of await listSnapshots(memory.repository)) {
    const spared = folders?.snapshots.has(stored.id) === true ? folders : undefined;
    if (spared?.nothing === true) continue;
    for await (const { path: at, failure } of trees.inSnapshot(stored, spared?.mayHoldBelow)) found.push(`${stored.id} ${at.toString()}${failure === undefined ? '' : ' failed'}`);
  }
  return found;
}

/** Choices from a seed. */
function chooser(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
}

async function history(days: number): Promise<void> {
  const pick = chooser(9);
  const names = ['report.txt', 'Report.TXT', 'photos', 'a', 'b', 'zz', 'Übung', 'deep', 'q'];
  const change = (at: Folder, depth: number): void => {
    const name = names[pick(names.length)] ?? '';
    const old = at.get(name);
    const choice = pick(5);
    if (old instanceof Map && choice > 0) change(old, depth + 1);
    else if (choice === 0) at.delete(name);
    else if (choice < 3 && depth < 4) at.set(name, new Map([['inner', file(1 + pick(9))]]));
    else at.set(name, pick(6) === 0 ? plainNode('x', { type: 'symlink', mtime: second, linkTarget: Buffer.from('a') }) : file(1 + pick(9)));
  };
  const root: Folder = new Map();
  for (let day = 0; day < days; day += 1) {
    for (let i = 0; i < 8; i += 1) change(root, 0);
    await snapshot(await store(root), day);
  }
}

describe('folders that a catalogue knows', () => {
  it.each<[string, NodeFilter]>([
    ['a name', { patterns: ['report.txt'] }],
    ['a name, any case', { patterns: ['REPORT.txt', 'übung'], ignoreCase: true }],
    ['a folder and what is in it', { patterns: ['photos'], larger: 4n }],
    ['what lies in a folder', { patterns: ['photos/*'] }],
    ['what lies below folders', { patterns: ['deep/**'] }],
    ['a path', { patterns: ['/photos/a/inner', 'zz'] }],
    ['two stars', { patterns: ['/photos/**/inner'] }],
    ['several of them', { patterns: ['a/**/b/**'] }],
    ['size', { patterns: ['*'], larger: 7n }],
    ['time', { patterns: ['photos'], oldest: 8n * second, newest: 9n * second }],
    ['type', { patterns: [''], types: new Set(['symlink']) }],
    ['nothing', { patterns: ['nobody'] }],
  ])('spare a search for %s no result', async (_, filter) => {
    await history(12);
    await catalogue(9);
    const folders = known(filter);
    if (!filter.patterns.includes('a/**/b/**')) expect(folders?.snapshots.size).toBe(9);
    expect(await search(filter, folders)).toEqual(await search(filter, undefined));
  });

  it('are not entered where they hold nothing', async () => {
    const last = await store(new Map([['wanted', file(1)]]));
    await snapshot(await store(new Map<string, Folder | TreeNode>([['good', new Map([['wanted', file(1)]])], ['other', new Map([['o', file(1)]])]])), 0);
    await catalogue();
    const folders = known({ patterns: ['wanted'] });
    expect([folders?.nothing, folders?.mayHoldBelow('/good'), folders?.mayHoldBelow('/other')]).toEqual([false, true, false]);
    expect(known({ patterns: ['unwanted'] })?.nothing).toBe(true);
    await snapshot(last, 1);
    expect(folders?.snapshots.size).toBe(1);
  });

  it('are none where a pattern leaves very many paths, however few names or folders it is about', async () => {
    const same = await store(new Map([['package.json', file(1)]]));
    const many = Array.from({ length: 4100 }, (_, i) => plainNode(`folder-${i}`, { type: 'dir', subtree: Buffer.from(same, 'hex') }));
    await snapshot(await store(new Map([['data', await storeText(encodeTree(many))], ['other', await store(new Map([['one', file(1)]]))]].map(([name = '', tree = '']) => [name, plainNode(name, { type: 'dir', subtree: Buffer.from(tree, 'hex') })]))), 0);
    await catalogue();
    expect(known({ patterns: ['package.json'] })).toBeUndefined();
    expect(known({ patterns: ['PACKAGE.json'], ignoreCase: true })).toBeUndefined();
    expect(known({ patterns: ['package.js*'] })).toBeUndefined();
    expect(known({ patterns: ['/data/**'] })).toBeUndefined();
    // Nothing lies so deep, but many paths are on the way.
    expect(known({ patterns: ['/data/*/*/*'] })).toBeUndefined();
    expect(known({ patterns: ['/other/**'] })?.nothing).toBe(false);
    expect(known({ patterns: ['/other/*/*'] })?.nothing).toBe(true);
    expect(known({ patterns: ['folder-77'] })?.mayHoldBelow('/other')).toBe(false);
  });

  it('are not believed of a snapshot that could not be read whole, however often it is the same', async () => {
    const inner = await store(new Map([['wanted', file(1)]]));
    const outer = await store(new Map([['bad', new Map([['wanted', file(1)]])]]));
    await snapshot(outer, 0);
    const packed = memory.repository.index.lookup('tree', Buffer.from(inner, 'hex'))[0]?.packId.toString('hex') ?? '';
    const object = memory.store.objects.get(`data/${packed}`) ?? Buffer.alloc(0);
    memory.store.objects.delete(`data/${packed}`);
    await catalogue();
    await snapshot(outer, 1);
    await catalogue();
    expect(known({ patterns: ['wanted'] })?.snapshots.size).toBe(0);
    memory.store.objects.set(`data/${packed}`, object);
    await snapshot(outer, 2);
    await catalogue();
    expect(known({ patterns: ['wanted'] })?.snapshots.size).toBe(1);
    expect(await search({ patterns: ['wanted'] }, known({ patterns: ['wanted'] }))).toHaveLength(3);
  });

  it('are not believed where a tree repeats a name or has one that is refused', async () => {
    const time = '"mtime":"2024-01-02T03:04:05Z","atime":"2024-01-02T03:04:05Z","ctime":"2024-01-02T03:04:05Z","uid":0,"gid":0,"content":null';
    const good = await store(new Map([['wanted', file(1)]]));
    await snapshot(await storeText(Buffer.from(`{"nodes":[{"name":"d","type":"dir",${time},"subtree":"${await store(new Map())}"},{"name":"d","type":"dir",${time},"subtree":"${good}"}]}\n`)), 0);
    await snapshot(await storeText(Buffer.from(`{"nodes":[{"name":"wanted","type":"door",${time}}]}\n`)), 1);
    await catalogue();
    const filter = { patterns: ['wanted'] };
    expect(known(filter)?.snapshots.size).toBe(0);
    expect(await search(filter, known(filter))).toHaveLength(2);
  });

  it.each<[string, (name: string) => void]>([
    ['no catalogue', (name) => rmSync(name)],
    ['something else', (name) => writeFileSync(name, 'something else'.repeat(1000))],
    ['an empty file', (name) => writeFileSync(name, '')],
  ])('are none where there is %s, which stays as it is', async (_, spoil) => {
    await snapshot(await store(new Map([['f', file(1)]])), 0);
    await catalogue();
    spoil(catalogueFile(folder, memory.repository.config.id));
    expect(known({ patterns: ['f'] })).toBeUndefined();
    expect(readKnownFolders(folder, '../../x', { patterns: ['f'] }, silentLogger)).toBeUndefined();
  });

  it('are none where the catalogue is in use as a whole', async () => {
    await snapshot(await store(new Map([['f', file(1)]])), 0);
    await catalogue();
    const other = new Database(catalogueFile(folder, memory.repository.config.id));
    try {
      other.pragma('journal_mode = DELETE');
      other.exec('BEGIN EXCLUSIVE');
      expect(known({ patterns: ['f'] })).toBeUndefined();
      other.exec('ROLLBACK');
      expect(known({ patterns: ['f'] })?.snapshots.size).toBe(1);
    } finally {
      other.close();
    }
  });

  it('are none where SQLite finds a fault only while it reads', async () => {
    await snapshot(await store(new Map([['f', file(1)]])), 0);
    await catalogue();
    const other = new Database(catalogueFile(folder, memory.repository.config.id));
    other.exec('DROP TABLE damage');
    other.close();
    expect(known({ patterns: ['f'] })).toBeUndefined();
    expect(() => known({ patterns: ['['] })).toThrow(BadPattern);
  });
});
