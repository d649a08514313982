import { describe, expect, it } from 'vitest';
import { RawRepository, node } from '../restorer/testing/raw-repository.ts';
import { MemoryStore } from './testing/memory-store.ts';
import { TreeReader } from './tree-reader.ts';

/** A repository with so many trees in one pack; returns their ids. */
async function withTrees(count: number): Promise<{ readonly raw: RawRepository; readonly store: MemoryStore; readonly ids: Buffer[] }> {
  const store = new MemoryStore();
  const raw = await RawRepository.create(store);
  const ids = Array.from({ length: count }, (_, i) => raw.tree([node(`node ${i}`, 'fifo')]));
  await raw.pack();
  await raw.index();
  await raw.repository.loadIndex();
  store.history.length = 0;
  return { raw, store, ids };
}

const nameIn = async (reader: TreeReader, id: Buffer | undefined): Promise<string | undefined> => (await reader.read(id ?? Buffer.alloc(32))).nodes[0]?.name.toString();
const reads = (store: MemoryStore): number => store.history.filter((line) => line.startsWith('get data/')).length;

describe('TreeReader', () => {
  it('reads neighbouring trees ahead with one request, and gives them in any order', async () => {
    const { raw, store, ids } = await withTrees(50);
    const reader = new TreeReader(raw.repository);
    reader.prefetch(ids.slice(10));
    for (const [i, id] of [...ids.entries()].slice(10).toReversed()) expect(await nameIn(reader, id)).toBe(`node ${i}`);
    expect(reads(store)).toBe(1);
    expect(await nameIn(reader, ids[0])).toBe('node 0');
    expect(reads(store)).toBe(2);
  });

  it('reads a long way ahead in batches, whatever of it is asked for', async () => {
    const { raw, store, ids } = await withTrees(500);
    const reader = new TreeReader(raw.repository);
    for (const [i, id] of ids.entries()) {
      reader.prefetch(ids.slice(i));
      if (i % 5 > 0) expect(await nameIn(reader, id)).toBe(`node ${i}`);
    }
    expect(reads(store)).toBeLessThan(20);
  });

  it('reads large trees ahead within its memory', async () => {
    const store = new MemoryStore();
    const raw = await RawRepository.create(store);
    const names = Array.from({ length: 5000 }, (_, i) => `${i} ${'a long name '.repeat(20)}`);
    const ids = Array.from({ length: 12 }, (_, tree) => raw.tree(names.map((name) => node(`${tree} ${name}`, 'fifo'))));
    await raw.pack();
    await raw.index();
    await raw.repository.loadIndex();
    store.history.length = 0;
    const reader = new TreeReader(raw.repository);
    for (const [i, id] of ids.entries()) {
      reader.prefetch(ids.slice(i));
      expect((await reader.read(id)).nodes).toHaveLength(5000);
      expect(reads(store)).toBeLessThan(i + 5);
    }
    expect(reads(store)).toBeGreaterThan(2);
  });

  it('reads a damaged tree from its other copy, and the others all the same', async () => {
    const { raw, store, ids } = await withTrees(5);
    const [pack] = [...store.objects.keys()].filter((key) => key.startsWith('data/'));
    const bytes = store.objects.get(pack ?? '') as Buffer;
    bytes[20] = (bytes[20] as number) ^ 1;
    await expect(new TreeReader(raw.repository).read(ids[0] as Buffer)).rejects.toMatchObject({ code: 'DAMAGED' });
    expect(await nameIn(new TreeReader(raw.repository), ids[3])).toBe('node 3');
    raw.tree([node('node 0', 'fifo')]);
    await raw.pack();
    await raw.index();
    await raw.repository.loadIndex();
    expect(await nameIn(new TreeReader(raw.repository), ids[0])).toBe('node 0');
  });

  it('reads one by one where the pack is shorter than the index says', async () => {
    const { raw, store, ids } = await withTrees(5);
    const pack = [...store.objects.keys()].find((key) => key.startsWith('data/')) ?? '';
    const bytes = store.objects.get(pack) as Buffer;
    const location = raw.repository.index.lookup('tree', ids[4] as Buffer)[0];
    store.objects.set(pack, bytes.subarray(0, location?.offset));
    const reader = new TreeReader(raw.repository);
    expect(await nameIn(reader, ids[0])).toBe('node 0');
    await expect(reader.read(ids[4] as Buffer)).rejects.toMatchObject({ code: 'DAMAGED' });
  });

  it('ends with the reason of an abort', async () => {
    const { raw, ids } = await withTrees(2);
    const reason = new Error('enough');
    const reader = new TreeReader(raw.repository, AbortSignal.abort(reason));
    reader.prefetch(ids);
    await expect(reader.read(ids[0] as Buffer)).rejects.toBe(reason);
  });
});
