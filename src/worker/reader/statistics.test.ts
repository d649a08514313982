/** What statistics hold of repositories that are large or badly damaged. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { plainNode } from '../../core/repository/plain-node.ts';
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import { memoryRepository, storeBlobs, type MemoryRepository } from '../../core/repository/testing/fast-repository.ts';
import { encodeTree } from '../../core/repository/tree.ts';
import { Failure } from '../../shared/errors.ts';
import { damagedIn, MetFailures } from './damaged-paths.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { Statistics } from './statistics.ts';

const { signal } = new AbortController();
let memory: MemoryRepository;

beforeEach(async () => {
  memory = await memoryRepository();
});
afterEach(() => memory.repository.close());

const snapshot = (at: number, tree: string): StoredSnapshot => ({ id: at.toString(16).padStart(64, '0'), snapshot: { time: new Date(Date.UTC(2026, 0, 1, 0, at)).toISOString(), tree, paths: ['/'] } });
const lost = 'ab'.repeat(32);

it('growth over very many snapshots keeps fewer entries of each, and its sums', async () => {
  const nodes = Array.from({ length: 60 }, (_, at) => plainNode(`file-${at}`, { content: Buffer.alloc(0), size: BigInt(at) }));
  const { ids } = await storeBlobs(memory.repository, 'tree', [encodeTree(nodes.toSorted((a, b) => Buffer.compare(a.name, b.name)))]);
  const tree = ids[0]?.toString('hex') ?? '';
  const grown = async (snapshots: number): Promise<(readonly [number, number])[]> => {
    const all = Array.from({ length: snapshots }, (_, at) => snapshot(at, tree));
    const opened = { repository: memory.repository, index: () => Promise.resolve(), snapshots: () => Promise.resolve({ snapshots: all, damaged: [] }), confirm: () => undefined } as unknown as OpenedRepository;
    const { steps } = await new Statistics().growth(opened, { repository_id: 'r', path: '/', entries: 100, limit: 2 }, signal);
    return steps.map(({ files, entries }) => [files, entries.length]);
  };
  expect(await grown(1000)).toEqual([[60, 60], [60, 60]]);
  expect(await grown(2500)).toEqual([[60, 40], [60, 40]]);
});

it('of damage the first hundred failures are remembered', () => {
  const met = new MetFailures();
  for (let at = 0; at < 1000; at += 1) met.add(new Failure('DAMAGED', { what: String(at) }));
  expect([met.first.length, met.first.at(-1)?.text.what]).toEqual([100, '99']);
});

it('nobody looks for more damage than an answer names', async () => {
  let looked = 0;
  const snapshots = function* (): Iterable<StoredSnapshot> {
    for (; looked < 1000; looked += 1) yield snapshot(looked, lost);
  };
  const found = await damagedIn(memory.repository, snapshots(), [], signal);
  expect([found.length, looked]).toEqual([100, 99]);
});
