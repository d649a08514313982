import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { RepositoryCache, usualTreeLimits } from './cache.ts';
import { IndexWriter } from './index-writer.ts';
import { openRepository, type Repository } from './repository.ts';
import { listSnapshots, removeSnapshot, saveSnapshot } from './snapshots.ts';
import { memoryRepository, storeBlobs, testPassword, type MemoryRepository } from './testing/fast-repository.ts';
import { silentLogger } from '../platform/logger.ts';
import { encodeTree } from './tree.ts';

let folder = '';

beforeEach(() => {
  folder = temporaryFolder('cache');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Filled extends MemoryRepository {
  readonly tree: Buffer;
  readonly snapshot: string;
  readonly open: () => Promise<Repository>;
}

async function filled(): Promise<Filled> {
  const memory = await memoryRepository();
  const { packId, records, ids } = await storeBlobs(memory.repository, 'tree', [encodeTree([])]);
  const writer = new IndexWriter(memory.repository);
  await writer.addPack(packId, records);
  await writer.flush();
  const snapshot = await saveSnapshot(memory.repository, { time: '2024-01-02T03:04:05Z', tree: (ids[0] ?? Buffer.alloc(0)).toString('hex'), paths: ['/'] });
  const open = (): Promise<Repository> => openRepository({ ...memory.ports, cacheDirectory: path.join(folder, 'cache') }, { password: testPassword() });
  return { ...memory, tree: ids[0] ?? Buffer.alloc(0), snapshot, open };
}

async function readAll(repository: Repository, tree: Buffer): Promise<void> {
  expect(await listSnapshots(repository)).toHaveLength(1);
  expect(await repository.loadIndex()).toEqual({ files: 1, damaged: [] });
  expect(await repository.readTree(tree)).toEqual({ nodes: [], refused: [] });
}

const filesBelow = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

describe('the cache', () => {
  it('saves every download but the listings', async () => {
    const { store, tree, open } = await filled();
    await readAll(await open(), tree);
    const again = await open();
    store.history.length = 0;
    await readAll(again, tree);
    expect(store.history).toEqual(['list snapshot/', 'list index/']);
  });

  it('holds sealed bytes only, for its owner only', async () => {
    const { repository, tree, open, store } = await filled();
    await readAll(await open(), tree);
    const files = filesBelow(path.join(folder, 'cache', repository.config.id));
    expect(files).toHaveLength(3);
    for (const file of files) {
      const bytes = readFileSync(file);
      expect([...store.objects.values()].some((object) => object.includes(bytes))).toBe(true);
      if (process.platform !== 'win32') {
        expect(statSync(file).mode & 0o777).toBe(0o600);
        expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
      }
    }
  });

  it('is not trusted: what was changed in it is read from the repository again', async () => {
    const { tree, open, store } = await filled();
    await readAll(await open(), tree);
    for (const change of [() => Buffer.alloc(0), (bytes: Buffer) => Buffer.alloc(bytes.length, 7), (bytes: Buffer) => bytes.subarray(1)]) {
      for (const file of filesBelow(folder)) writeFileSync(file, change(readFileSync(file)));
      store.history.length = 0;
      await readAll(await open(), tree);
      expect(store.history.filter((line) => /^get (snapshot|index|data)/.test(line))).toHaveLength(3);
    }
    store.history.length = 0;
    await readAll(await open(), tree);
    expect(store.history.filter((line) => /^get (snapshot|index|data)/.test(line))).toEqual([]);
  });

  it('forgets what left the repository', async () => {
    const { tree, open, snapshot } = await filled();
    const repository = await open();
    await readAll(repository, tree);
    await removeSnapshot(repository, snapshot);
    expect(await listSnapshots(repository)).toEqual([]);
    expect(filesBelow(folder).filter((file) => file.includes(snapshot))).toEqual([]);
  });

  it('never makes an operation fail', async () => {
    const { tree, open } = await filled();
    writeFileSync(path.join(folder, 'cache'), 'a file where the folder should be');
    await readAll(await open(), tree);
    rmSync(path.join(folder, 'cache'));
    await readAll(await open(), tree);
    // Root may write everywhere; then this is only one more run.
    chmodSync(path.join(folder, 'cache'), 0o500);
    await readAll(await open(), tree);
    chmodSync(path.join(folder, 'cache'), 0o700);
  });

  it('keeps what is written, so that the next run has it', async () => {
    const { open, store } = await filled();
    const repository = await open();
    const name = await repository.writeUnpacked('index', Buffer.from('{"packs":[]}\n'));
    store.history.length = 0;
    expect((await repository.readUnpacked('index', name)).toString()).toBe('{"packs":[]}\n');
    expect(store.history).toEqual([]);
  });

  it('names folders after nothing but ids', async () => {
    for (const id of ['', '../x', 'A'.repeat(64), `${'a'.repeat(64)}/..`]) expect(() => new RepositoryCache(folder, id, silentLogger)).toThrow(RangeError);
    const cache = new RepositoryCache(folder, 'a'.repeat(64), silentLogger);
    for (const name of ['', '.', '..', '../../x', 'a/b']) await expect(cache.get('tree', name)).rejects.toThrow(RangeError);
    const { store, repository, ports, tree } = await filled();
    store.plant('config', '', repository.keys.seal(Buffer.from('{"version":2,"id":"../../escape","chunker_polynomial":"3da3358b4dc173"}')));
    const opened = await openRepository({ ...ports, cacheDirectory: path.join(folder, 'deep', 'cache') }, { password: testPassword() });
    await readAll(opened, tree);
    expect(readdirSync(folder)).toEqual([]);
  });

  describe('of trees', () => {
    const day = 24 * 3600 * 1000;
    const now = Date.UTC(2026, 5, 1);
    const id = 'b'.repeat(64);
    let cache: RepositoryCache;

    beforeEach(() => {
      cache = new RepositoryCache(folder, id, silentLogger);
    });

    const fileOf = (name: string): string => path.join(folder, id, 'tree', name.slice(0, 2), name);
    const kept = (): string[] => filesBelow(path.join(folder, id, 'tree')).map((file) => path.basename(file)).sort();

    async function put(name: string, length: number, age: number): Promise<void> {
      await cache.put('tree', name, Buffer.alloc(length));
      utimesSync(fileOf(name), (now - age) / 1000, (now - age) / 1000);
    }

    it('forgets what was not used for long, and beyond its size what was not used for longest', async () => {
      await put('aa01', 10, 31 * day);
      await put('aa02', 10, 29 * day);
      await put('bb01', 400, 2 * day);
      await put('bb02', 300, day);
      await put('cc01', 300, 0);
      await cache.trimTrees({ now, age: 30 * day, size: 700 });
      expect(kept()).toEqual(['aa02', 'bb02', 'cc01']);
    });

    it('takes along what interrupted writers left, and leaves what one is writing', async () => {
      await put('aa01', 1, 0);
      for (const [name, age] of [['aa02.x.tmp', 2 * day], ['aa03.x.tmp', 0]] as const) {
        writeFileSync(fileOf(name), 'part');
        utimesSync(fileOf(name), (now - age) / 1000, (now - age) / 1000);
      }
      await cache.trimTrees({ now, ...usualTreeLimits });
      expect(kept()).toEqual(['aa01', 'aa03.x.tmp']);
    });

    it('is looked through once a day, whatever the clock did', async () => {
      await cache.trimTrees({ now, age: day, size: 100 });
      await put('aa01', 10, 5 * day);
      await cache.trimTrees({ now: now + day - 1, age: day, size: 100 });
      expect(kept()).toEqual(['aa01']);
      await cache.trimTrees({ now: now - 2 * day, age: day, size: 100 });
      expect(kept()).toEqual([]);
      await put('aa01', 10, 5 * day);
      await cache.trimTrees({ now: now - day, age: day, size: 100 });
      expect(kept()).toEqual([]);
    });

    it('notes a use, once a day', async () => {
      await put('aa01', 1, 3 * day);
      await put('aa02', 1, day - 1000);
      for (const name of ['aa01', 'aa02', 'aa03']) await cache.touch('tree', name, now);
      expect([statSync(fileOf('aa01')).mtimeMs, statSync(fileOf('aa02')).mtimeMs, existsSync(fileOf('aa03'))]).toEqual([now, now - day + 1000, false]);
    });

    it('is trimmed when a repository is closed, and what was read before stays', async () => {
      const { tree, open, ports } = await filled();
      const repository = await open();
      await readAll(repository, tree);
      const [used = ''] = filesBelow(path.join(folder, 'cache', repository.config.id, 'tree'));
      const unused = path.join(path.dirname(used), `${path.basename(used).slice(0, 2)}00`);
      writeFileSync(unused, 'long unused');
      const old = (ports.clock.now() - 40 * day) / 1000;
      for (const file of [used, unused]) utimesSync(file, old, old);
      await readAll(repository, tree);
      await repository.close();
      expect([existsSync(used), existsSync(unused)]).toEqual([true, false]);
    });
  });
});
