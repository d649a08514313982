import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainNode } from '../repository/plain-node.ts';
import { listSnapshots, saveSnapshot } from '../repository/snapshots.ts';
import { memoryRepository, storeBlobs, type MemoryRepository } from '../repository/testing/fast-repository.ts';
import { encodeTree, type TreeNode } from '../repository/tree.ts';
import { filterQuery } from './node-filter.ts';
import { TreeSearch } from './tree-search.ts';

const folders = 40;
/** Names that are in order as numbers are in order as text, too. */
const firstFolder = 10;
let memory: MemoryRepository;

beforeEach(async () => {
  memory = await memoryRepository();
});

afterEach(() => memory.repository.close());

async function store(...nodes: readonly TreeNode[]): Promise<Buffer> {
  const [id = Buffer.alloc(0)] = (await storeBlobs(memory.repository, 'tree', [encodeTree(nodes)])).ids;
  return id;
}

/** What has been read of packs since the last call. */
function bytesRead(): number {
  const { history, objects } = memory.store;
  return history.splice(0).reduce((sum, entry) => sum + (entry.startsWith('get data/') ? (objects.get(entry.slice(4))?.length ?? 0) : 0), 0);
}

describe('a search by walking', () => {
  it('reads ahead so many bytes, not so many folders', async () => {
    const large = Buffer.alloc(32 * 15_000, 1);
    const top: TreeNode[] = [];
    for (let i = firstFolder; i < firstFolder + folders; i += 1) top.push(plainNode(`folder-${i}`, { type: 'dir', subtree: await store(plainNode(`file-${i}`, { content: large })) }));
    await saveSnapshot(memory.repository, { time: '2026-01-01T00:00:00Z', tree: (await store(...top)).toString('hex'), paths: ['/data'], hostname: 'a' });
    const [stored] = await listSnapshots(memory.repository);
    if (stored === undefined) throw new Error('no snapshot');
    bytesRead();
    let found = 0;
    let total = 0;
    let most = 0;
    for await (const { path } of new TreeSearch(memory.repository, filterQuery({ patterns: ['file-*'] })).inSnapshot(stored)) {
      expect(path.toString()).toBe(`/folder-${firstFolder + found}/file-${firstFolder + found}`);
      found += 1;
      const bytes = bytesRead();
      total += bytes;
      most = Math.max(most, bytes);
    }
    expect(found).toBe(folders);
    expect(total).toBeGreaterThan(folders * 1_000_000);
    expect(most).toBeLessThan(9 * 1024 * 1024);
    // And nothing twice.
    expect(total).toBeLessThan(folders * 1_050_000);
  });

  it('reads folders of deep places together, not those of one folder after those of another', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const blobs: Buffer[] = [];
    const make = (depth: number, place: string): Buffer => {
      const nodes = depth === 0 ? [plainNode(`file-${place}`)] : names.map((name) => plainNode(name, { type: 'dir', subtree: make(depth - 1, `${place}${name}`) }));
      const blob = encodeTree(nodes);
      blobs.push(blob);
      return memory.repository.addon.sha256(blob);
    };
    const tree = make(3, '').toString('hex');
    await storeBlobs(memory.repository, 'tree', blobs);
    await saveSnapshot(memory.repository, { time: '2026-01-01T00:00:00Z', tree, paths: ['/data'], hostname: 'a' });
    const [stored] = await listSnapshots(memory.repository);
    if (stored === undefined) throw new Error('no snapshot');
    memory.store.history.splice(0);
    const found: string[] = [];
    for await (const { path } of new TreeSearch(memory.repository, filterQuery({ patterns: ['file-*'] })).inSnapshot(stored)) found.push(path.toString());
    expect(found).toEqual(names.flatMap((x) => names.flatMap((y) => names.map((z) => `/${x}/${y}/${z}/file-${x}${y}${z}`))));
    // The root, and a level with each request.
    expect(memory.store.history.filter((entry) => entry.startsWith('get data/'))).toHaveLength(4);
  });

  it('keeps for the next snapshot what has little content, and reads anew what has much', async () => {
    const large = Buffer.alloc(32 * 40_000, 1);
    const top: TreeNode[] = [];
    for (let i = firstFolder; i < firstFolder + 8; i += 1) top.push(plainNode(`folder-${i}`, { type: 'dir', subtree: await store(plainNode(`file-${i}`, { content: large })) }));
    top.push(plainNode('small', { type: 'dir', subtree: await store(plainNode('file-small', { content: Buffer.alloc(32) })) }));
    const tree = (await store(...top)).toString('hex');
    for (const day of [1, 2]) await saveSnapshot(memory.repository, { time: `2026-01-0${day}T00:00:00Z`, tree, paths: ['/data'], hostname: 'a' });
    const search = new TreeSearch(memory.repository, filterQuery({ patterns: ['file-*'] }));
    const read: number[] = [];
    for (const stored of await listSnapshots(memory.repository)) {
      bytesRead();
      let found = 0;
      for await (const { failure } of search.inSnapshot(stored)) found += failure === undefined ? 1 : 0;
      expect(found).toBe(9);
      read.push(bytesRead());
    }
    // Three of the eight were kept, with the small one and the folder above.
    expect(read[1]).toBeGreaterThan((read[0] ?? 0) * 0.6);
    expect(read[1]).toBeLessThan((read[0] ?? 0) * 0.65);
  });
});
