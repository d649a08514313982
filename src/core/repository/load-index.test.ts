/** Loading all index files, whatever the storage says of them. */
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import type { ObjectInfo } from '../storage/object-store.ts';
import { IndexWriter } from './index-writer.ts';
import { MemoryStore } from './testing/memory-store.ts';
import { memoryRepository, testPassword } from './testing/fast-repository.ts';
import { openRepository } from './repository.ts';

/** Lists index files with other sizes. */
class Misleading extends MemoryStore {
  sizeOf: (size: number) => number = (size) => size;

  override async *list(type: Parameters<MemoryStore['list']>[0], signal?: AbortSignal): AsyncGenerator<ObjectInfo> {
    for await (const { name, size } of super.list(type, signal)) yield { name, size: type === 'index' ? this.sizeOf(size) : size };
  }
}

/** Ten index files of very different lengths, with one pack each. */
async function tenFiles(): Promise<{ readonly store: Misleading; readonly packs: readonly { readonly id: Buffer; readonly records: Buffer }[]; readonly load: () => Promise<readonly Buffer[]> }> {
  const memory = await memoryRepository();
  const packs = Array.from({ length: 10 }, (_, i) => {
    const records = randomBytes((1 + i * i * 37) * 48);
    for (let at = 0; at < records.length; at += 48) {
      records.fill(0, at, at + 4);
      records.writeUInt32LE(at * 100, at + 4);
      records.writeUInt32LE(100, at + 8);
      records.writeUInt32LE(0, at + 12);
    }
    return { id: randomBytes(32), records };
  });
  for (const { id, records } of packs) {
    const writer = new IndexWriter(memory.repository);
    await writer.addPack(id, records);
    await writer.flush();
  }
  const store = Object.assign(new Misleading(), { objects: memory.store.objects });
  const load = async (): Promise<readonly Buffer[]> => {
    const repository = await openRepository({ ...memory.ports, store }, { password: testPassword() });
    expect(await repository.loadIndex()).toEqual({ files: 10, damaged: [] });
    return packs.map(({ id }) => repository.index.packRecords(id));
  };
  return { store, packs, load };
}

it.each<[string, (size: number) => number]>([
  ['right', (size) => size],
  ['too small', (size) => size - 1],
  ['nothing', () => 0],
  ['too large', (size) => size + 1],
  ['absurd', () => 2 ** 40],
])('reads every file where the list says a size that is %s', async (_, sizeOf) => {
  const { store, packs, load } = await tenFiles();
  store.sizeOf = sizeOf;
  expect(await load()).toEqual(packs.map(({ records }) => records));
});

it('reads a file again that came damaged', async () => {
  const { store, packs, load } = await tenFiles();
  const seen = new Set<string>();
  const getInto = store.getInto.bind(store);
  store.getInto = async (handle, offset, target, signal) => {
    await getInto(handle, offset, target, signal);
    if (handle.type === 'index' && !seen.has(handle.name)) target[7] = (target[7] as number) ^ 1;
    seen.add(handle.name);
  };
  expect(await load()).toEqual(packs.map(({ records }) => records));
  expect(seen.size).toBe(10);
});
