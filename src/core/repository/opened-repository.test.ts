import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../platform/fake-clock.ts';
import { StorageError } from '../storage/object-store.ts';
import { IndexWriter } from './index-writer.ts';
import { openRepository } from './repository.ts';
import { memoryRepository, storeBlobs, testPassword } from './testing/fast-repository.ts';
import { encodeTree } from './tree.ts';

const text = Buffer.from('{"packs":[]}\n');

describe('unpacked files (specification section 6)', () => {
  it('are plain in version 1 and compressed in version 2', async () => {
    for (const version of [1, 2] as const) {
      const { repository, store } = await memoryRepository({ version });
      const name = await repository.writeUnpacked('index', text);
      const payload = repository.keys.open(store.objects.get(`index/${name}`) ?? Buffer.alloc(0));
      expect(payload[0]).toBe(version === 1 ? 0x7b : 2);
      expect(await repository.readUnpacked('index', name)).toEqual(text);
    }
  });

  it('may be plain in version 2', async () => {
    const { repository, store } = await memoryRepository();
    for (const plain of ['{"packs":[]}', '[]']) {
      const file = repository.keys.seal(Buffer.from(plain));
      const name = repository.addon.sha256(file).toString('hex');
      store.plant('index', name, file);
      expect((await repository.readUnpacked('index', name)).toString()).toBe(plain);
    }
  });

  it.each<[string, Buffer]>([
    ['an unknown encoding', Buffer.of(3, 1, 2)],
    ['nothing', Buffer.alloc(0)],
    ['a broken compressed stream', Buffer.of(2, 1, 2, 3)],
  ])('with %s are damaged', async (_, payload) => {
    const { repository, store } = await memoryRepository();
    const file = repository.keys.seal(payload);
    const name = repository.addon.sha256(file).toString('hex');
    store.plant('snapshot', name, file);
    await expect(repository.readUnpacked('snapshot', name)).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining(name) as string });
  });

  it('of another key are damaged', async () => {
    const [mine, other] = await Promise.all([memoryRepository(), memoryRepository()]);
    const name = await other.repository.writeUnpacked('snapshot', text);
    mine.store.plant('snapshot', name, other.store.objects.get(`snapshot/${name}`) ?? Buffer.alloc(0));
    await expect(mine.repository.readUnpacked('snapshot', name)).rejects.toMatchObject({ code: 'DAMAGED' });
  });

  it('are loaded once more when they do not match their name', async () => {
    const { repository, store } = await memoryRepository();
    const name = await repository.writeUnpacked('snapshot', text);
    const good = store.objects.get(`snapshot/${name}`) ?? Buffer.alloc(0);
    let loads = 0;
    store.fault = (operation) => {
      if (operation === 'get') store.plant('snapshot', name, ++loads === 1 ? Buffer.alloc(40) : good);
    };
    expect(await repository.readUnpacked('snapshot', name)).toEqual(text);
    expect(loads).toBe(2);
    store.fault = (operation) => {
      if (operation === 'get') store.plant('snapshot', name, Buffer.alloc(40));
    };
    await expect(repository.readUnpacked('snapshot', name)).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining(name) as string });
  });
});

describe('the index', () => {
  it('is read from all files, with packs as they were written', async () => {
    const memory = await memoryRepository();
    const { repository, ports } = memory;
    const first = await storeBlobs(memory.repository, 'data', [Buffer.from('one'), Buffer.from('two')]);
    const second = await storeBlobs(memory.repository, 'tree', [encodeTree([])]);
    for (const { packId, records } of [first, second]) {
      const writer = new IndexWriter(repository);
      await writer.addPack(packId, records);
      expect(await writer.flush()).toHaveLength(1);
    }
    const again = await openRepository(ports, { password: testPassword() });
    expect(again.index.blobCount).toBe(0);
    expect(await again.loadIndex()).toEqual({ files: 2, damaged: [] });
    expect(again.index.packRecords(first.packId)).toEqual(first.records);
    expect(await again.readBlob('data', first.ids[1] ?? Buffer.alloc(0))).toEqual(Buffer.from('two'));
    expect(await again.readTree(second.ids[0] ?? Buffer.alloc(0))).toEqual({ nodes: [], refused: [] });
    expect(again.index.has('data', second.ids[0] ?? Buffer.alloc(0))).toBe(false);
  });

  it.each<[string, string]>([
    ['no JSON', '{"packs":[{'],
    ['an unknown blob type', `{"packs":[{"id":"${'a'.repeat(64)}","blobs":[{"id":"${'b'.repeat(64)}","type":"x","offset":0,"length":40}]}]}`],
  ])('with %s is named, and can be left out', async (_, json) => {
    const memory = await memoryRepository();
    const { packId, records } = await storeBlobs(memory.repository, 'data', [Buffer.from('one')]);
    const writer = new IndexWriter(memory.repository);
    await writer.addPack(packId, records);
    await writer.flush();
    const bad = await memory.repository.writeUnpacked('index', Buffer.from(json));
    const { index } = memory.repository;
    await expect(memory.repository.loadIndex()).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining(bad) as string });
    expect(memory.repository.index).toBe(index);
    const report = await memory.repository.loadIndex(undefined, { tolerateDamage: true });
    expect(report).toMatchObject({ files: 1, damaged: [{ name: bad, failure: { code: 'DAMAGED' } }] });
    expect(memory.repository.index.packCount).toBe(1);
  });

  it('of a damaged file is named; an outage is not taken for damage', async () => {
    const { repository, store } = await memoryRepository();
    const name = await repository.writeUnpacked('index', text);
    store.plant('index', name, Buffer.alloc(10));
    await expect(repository.loadIndex()).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining(name) as string });
    const away = new StorageError('unreachable', 'away');
    store.fault = () => {
      throw away;
    };
    await expect(repository.loadIndex(undefined, { tolerateDamage: true })).rejects.toBe(away);
  });

  it('is written when it is full, when it is old, and at the end; and not when it is empty', async () => {
    const clock = new FakeClock();
    const { repository, store } = await memoryRepository({ clock });
    const writer = new IndexWriter(repository);
    expect(await writer.flush()).toEqual([]);
    const packOf = (blobs: number): [Buffer, Buffer] => {
      const records = Buffer.from(randomBytes(blobs * 48));
      for (let blob = 0; blob < blobs; blob++) {
        records.fill(0, blob * 48, blob * 48 + 16);
        records.writeUInt32LE(blob * 40, blob * 48 + 4);
        records.writeUInt32LE(40, blob * 48 + 8);
      }
      return [randomBytes(32), records];
    };
    await writer.addPack(...packOf(49_999));
    expect(store.names('index')).toHaveLength(0);
    await writer.addPack(...packOf(1));
    expect(store.names('index')).toHaveLength(1);
    await writer.addPack(...packOf(1));
    await clock.advance(10 * 60 * 1000);
    expect(store.names('index')).toHaveLength(1);
    await writer.addPack(...packOf(1));
    expect(store.names('index')).toHaveLength(2);
    await writer.addPack(...packOf(1));
    const names = await writer.flush();
    expect(names.sort()).toEqual(store.names('index').sort());
    expect(names).toHaveLength(3);
    expect(await repository.loadIndex()).toEqual({ files: 3, damaged: [] });
    expect(repository.index.packCount).toBe(5);
  });
});

describe('blobs', () => {
  it('are read from another copy where one is damaged or gone', async () => {
    const memory = await memoryRepository();
    const { repository, store } = memory;
    const blob = Buffer.from('stored three times');
    const copies = [await storeBlobs(memory.repository, 'data', [blob]), await storeBlobs(memory.repository, 'data', [blob]), await storeBlobs(memory.repository, 'data', [blob])];
    const id = copies[0]?.ids[0] ?? Buffer.alloc(0);
    const nameOf = (copy: number): string => `data/${copies[copy]?.packId.toString('hex')}`;
    store.objects.delete(nameOf(0));
    expect(await repository.readBlob('data', id)).toEqual(blob);
    const second = store.objects.get(nameOf(1)) ?? Buffer.alloc(0);
    second[20] = (second[20] ?? 0) ^ 1;
    expect(await repository.readBlob('data', id)).toEqual(blob);
    const third = store.objects.get(nameOf(2)) ?? Buffer.alloc(0);
    third[20] = (third[20] ?? 0) ^ 1;
    await expect(repository.readBlob('data', id)).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining(id.toString('hex')) as string });
  });

  it('that no index lists are missing', async () => {
    const { repository } = await memoryRepository();
    await expect(repository.readBlob('tree', Buffer.alloc(32, 7))).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining('07'.repeat(32)) as string });
  });

  it('with another content than their id are damaged', async () => {
    const memory = await memoryRepository();
    const { packId, records } = await storeBlobs(memory.repository, 'data', [Buffer.from('one')]);
    const wrong = Buffer.from(records);
    wrong.fill(9, 16);
    memory.repository.index.addPack(packId, wrong);
    await expect(memory.repository.readBlob('data', Buffer.alloc(32, 9))).rejects.toMatchObject({ code: 'DAMAGED' });
  });

  it('of an unreachable storage are not called damaged', async () => {
    const memory = await memoryRepository();
    const { ids } = await storeBlobs(memory.repository, 'data', [Buffer.from('one')]);
    const away = new StorageError('unreachable', 'away');
    memory.store.fault = () => {
      throw away;
    };
    await expect(memory.repository.readBlob('data', ids[0] ?? Buffer.alloc(0))).rejects.toBe(away);
  });

  it('that are no tree name the tree', async () => {
    const memory = await memoryRepository();
    const { ids } = await storeBlobs(memory.repository, 'tree', [Buffer.from('{"nodes":[{"name":7,"type":"dir"}]}\n')]);
    const id = ids[0] ?? Buffer.alloc(0);
    await expect(memory.repository.readTree(id)).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining(id.toString('hex')) as string });
  });
});
