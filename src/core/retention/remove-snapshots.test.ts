import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryRepository, type MemoryRepository } from '../repository/testing/fast-repository.ts';
import { StorageError } from '../storage/object-store.ts';
import { removeSnapshots } from './remove-snapshots.ts';

const ids = Array.from({ length: 800 }, (_, i) => i.toString(16).padStart(64, '0'));
const kept = ids[7] as string;
let memory: MemoryRepository;

beforeEach(async () => {
  memory = await memoryRepository();
  for (const id of ids) memory.store.plant('snapshot', id, Buffer.alloc(1));
});

afterEach(() => memory.repository.close());

/** The storage refuses to remove one. */
function keepOne(): void {
  const { store } = memory;
  const remove = store.remove.bind(store);
  store.remove = async (handle) => {
    if (handle.name === kept) throw new StorageError('denied', 'it stays');
    await remove(handle);
  };
}

/** As a store of files: what it cannot remove it leaves to be asked for alone. */
function removeTogether(): void {
  const { store } = memory;
  Object.assign(store, { batches: { remove: async (type: 'snapshot', names: readonly string[]) => await Promise.all(names.map((name) => store.remove({ type, name }).then(() => true, () => false))) } });
}

async function left(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of memory.store.list('snapshot')) names.push(name);
  return names;
}

describe.each(['one by one', 'together'])('removing many snapshots %s', (how) => {
  it('goes on after one that the storage keeps, and names it', async () => {
    keepOne();
    if (how === 'together') removeTogether();
    const told: number[] = [];
    const { removed, failed } = await removeSnapshots(memory.repository, ids, { onProgress: ({ done, total }) => void told.push(done / total) });
    expect(failed).toEqual([{ id: kept, error: expect.objectContaining({ kind: 'denied' }) }]);
    expect([...removed].sort()).toEqual(ids.filter((id) => id !== kept));
    expect(told.at(-1)).toBe(799 / 800);
    expect(await left()).toEqual([kept]);
  });

  it('stops when it is asked to', async () => {
    if (how === 'together') removeTogether();
    const controller = new AbortController();
    const reason = new Error('enough');
    await expect(removeSnapshots(memory.repository, ids, { signal: controller.signal, onProgress: () => controller.abort(reason) })).rejects.toBe(reason);
    expect((await left()).length).toBeGreaterThan(0);
  });
});
