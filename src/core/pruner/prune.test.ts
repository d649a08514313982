import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noise } from '../../../test/support/noise.ts';
import { newestRestic, restic } from '../../../test/support/restic.ts';
import type { BlobType } from '../native/addon.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { encodeSnapshot } from '../repository/snapshots.ts';
import { MemoryStore, type Fault } from '../repository/testing/memory-store.ts';
import { encodeTree } from '../repository/tree.ts';
import { flipped, withObject, writeToDisk } from '../restorer/testing/damage.ts';
import { node, RawRepository, rawPassword } from '../restorer/testing/raw-repository.ts';
import { RestoreBench } from '../restorer/testing/restore-bench.ts';
import { StorageError } from '../storage/object-store.ts';
import type { PruneOptions, PruneProgress, PruneReport } from './options.ts';
import { prune } from './prune.ts';

let bench: RestoreBench;
let raw: RawRepository;
let store: MemoryStore;

beforeEach(async () => {
  bench = new RestoreBench();
  ({ raw, store } = await bench.memoryRepository());
});
afterEach(() => bench.cleanUp());

const everything: PruneOptions = { maxUnused: { bytes: 0 } };
const pruned = (options: PruneOptions = everything, signal?: AbortSignal): Promise<PruneReport> =>
  prune(raw.repository, options, { locked: Promise.resolve(), ...(signal === undefined ? {} : { signal }) });
const keysOf = (type: string): string[] => [...store.objects.keys()].filter((key) => key.startsWith(`${type}/`));
const objectOf = (key: string): Buffer => store.objects.get(key) as Buffer;

interface Subject {
  readonly kept: StoredSnapshot;
  /** Holds a needed and an unneeded file. */
  readonly partly: string;
  readonly unused: string;
  readonly trees: string;
  readonly unreferenced: string;
  readonly lostContent: string;
}

/** A pack of which half is needed, one that nobody needs, one without an index, and a snapshot in two levels. */
async function makeSubject(): Promise<Subject> {
  const one = raw.file('one', [noise(3000, 1)]);
  raw.file('gone', [noise(2000, 2)]);
  const partly = await raw.pack();
  raw.file('nobody', [noise(1000, 3)]);
  const unused = await raw.pack();
  const two = raw.file('two', [noise(500, 4)]);
  await raw.pack();
  const tree = raw.tree([raw.dir('deep', [one]), two]);
  const trees = await raw.pack();
  await raw.index();
  const other = new RawRepository(raw.repository);
  other.blob('data', noise(700, 5));
  const unreferenced = await other.pack();
  const kept = await raw.snapshot(tree);
  return { kept, partly, unused, trees, unreferenced, lostContent: (one.content as Buffer).toString('hex') };
}

/** Restores the snapshot; the problems that there were. */
async function problemsOf(snapshot: StoredSnapshot): Promise<readonly string[]> {
  await raw.repository.loadIndex();
  return (await bench.restore(raw.repository, snapshot, { overwrite: 'always' })).problems;
}

function checkedByRestic(name: string): string {
  const folder = path.join(bench.folder, name);
  writeToDisk(store, folder);
  return restic(newestRestic(), folder, ['--no-lock', 'check', '--read-data'], { password: rawPassword });
}

describe('prune', () => {
  it('keeps what is needed, removes the rest, and tells how far it is', async () => {
    const { kept, partly, unused, unreferenced } = await makeSubject();
    const told: PruneProgress[] = [];
    const report = await prune(raw.repository, everything, { locked: Promise.resolve(), onProgress: (progress) => told.push(progress) });
    expect(report.figures).toMatchObject({ used: { blobs: 4 }, unused: { blobs: 2 }, repack: { blobs: 2 }, repackRemoves: { blobs: 1 }, remove: { blobs: 1 }, unreferenced: { packs: 1 } });
    expect(report).toMatchObject({ packsWritten: 1, packsRemoved: 3, indexesRemoved: 2, packsLeft: [] });
    for (const gone of [partly, unused, unreferenced]) expect(store.objects.has(`data/${gone}`)).toBe(false);
    expect([...new Set(told.map(({ phase }) => phase))]).toEqual(['index', 'trees', 'packs', 'remove', 'repack', 'rewrite-index']);
    expect(await problemsOf(kept)).toEqual([]);
    expect(checkedByRestic('after')).toContain('no errors were found');
    const objects = [...store.objects.keys()].sort();
    expect(await pruned()).toMatchObject({ packsWritten: 0, packsRemoved: 0 });
    expect([...store.objects.keys()].sort()).toEqual(objects);
  });

  it('changes nothing in a dry run', async () => {
    await makeSubject();
    const objects = [...store.objects.keys()];
    expect(await pruned({ ...everything, dryRun: true })).toMatchObject({ dryRun: true, figures: { remove: { blobs: 1 } } });
    expect([...store.objects.keys()]).toEqual(objects);
  });

  it('separates mixed packs, keeps one copy of each blob, and compresses trees that are not', async () => {
    const one = raw.file('one', [noise(3000, 1)]);
    const tree = raw.blob('tree', encodeTree([one]), false);
    await raw.pack();
    await raw.index();
    raw.file('one', [noise(3000, 1)]);
    await raw.pack();
    await raw.index();
    const kept = await raw.snapshot(tree);
    expect(await pruned({})).toMatchObject({ figures: { used: { blobs: 2 }, duplicates: { blobs: 1 } } });
    expect(await problemsOf(kept)).toEqual([]);
    const ids = raw.repository.index.packIds();
    const packs = Array.from({ length: ids.length / 32 }, (_, i) => raw.repository.index.packRecords(ids.subarray(i * 32, i * 32 + 32)));
    expect(packs.map((records) => records.length / 48)).toEqual([1, 1]);
    expect(raw.repository.index.lookup('tree', tree)[0]?.uncompressedLength).toBeGreaterThan(0);
    expect(checkedByRestic('mixed')).toContain('no errors were found');
  });

  it('compresses what is stored plain if asked to, once', async () => {
    const content = raw.blob('data', Buffer.alloc(5000, 0x61), false);
    const kept = await raw.save([node('file', 'file', { content })]);
    const options: PruneOptions = { ...everything, repackUncompressed: true };
    expect((await pruned({})).packsWritten).toBeGreaterThan(0); // the pack was mixed
    expect(raw.repository.index.lookup('data', content).every(({ uncompressedLength }) => uncompressedLength === 0)).toBe(true);
    await pruned(options);
    expect(await problemsOf(kept)).toEqual([]);
    expect(raw.repository.index.lookup('data', content)).toMatchObject([{ uncompressedLength: 5000 }]);
    expect(await pruned(options)).toMatchObject({ packsWritten: 0, packsRemoved: 0, figures: { uncompressed: 0 } });
    const other = await bench.memoryRepository(1);
    await expect(prune(other.raw.repository, options, { locked: Promise.resolve() })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('writes a blob that is larger than a pack into one of its own', async () => {
    const large = raw.blob('data', noise(90_000, 7), false);
    const small = raw.blob('data', noise(100, 8), false);
    raw.blob('data', noise(100, 9), false);
    const kept = await raw.save([node('file', 'file', { content: Buffer.concat([large, small]) })]);
    expect(await pruned({ ...everything, packSize: 64 * 1024 })).toMatchObject({ packsWritten: 3 });
    expect(await problemsOf(kept)).toEqual([]);
    expect(checkedByRestic('large')).toContain('no errors were found');
  });

  it('takes another copy where one is damaged, and refuses where there is none', async () => {
    const { partly } = await makeSubject();
    const key = `data/${partly}`;
    const damage = flipped(objectOf(key), 50);
    await withObject(store, key, damage, async () => {
      await expect(pruned()).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringMatching(/Data blob .* is damaged.*repair packs/) as string });
    });
    store.objects.set(key, damage);
    raw.file('one', [noise(3000, 1)]);
    await raw.pack();
    await raw.index();
    await pruned();
    expect(checkedByRestic('copy')).toContain('no errors were found');
  });
});

describe('a prune that is cut off', () => {
  it('at any change of the storage leaves everything restorable, and the next one ends it', async () => {
    const { kept } = await makeSubject();
    const start = new Map(store.objects);
    store.history.length = 0;
    await pruned();
    const changes = store.history.filter((line) => /^(put|remove) /.test(line)).length;
    const end = keysOf('data').length;
    expect(changes).toBeGreaterThan(8);
    for (let cut = 0; cut < changes; cut += 1) {
      restoreObjects(start);
      let count = 0;
      store.fault = (operation) => {
        if ((operation === 'put' || operation === 'remove') && count++ >= cut) throw new StorageError('permanent', 'cut off');
      };
      const outcome = await pruned().catch((error: unknown) => error);
      // A pack that could not be removed is no failure.
      expect(outcome, `cut at ${cut}`).toMatchObject(outcome instanceof Error ? { code: 'STORAGE_FAILED' } : { leftBecause: 'cut off' });
      store.fault = undefined;
      expect(await problemsOf(kept), `cut at ${cut}`).toEqual([]);
      await assertIndexed();
      await pruned();
      expect(keysOf('data'), `after ${cut}`).toHaveLength(end);
      expect(await problemsOf(kept), `after ${cut}`).toEqual([]);
    }
    expect(checkedByRestic('cut')).toContain('no errors were found');
  });

  it('by a signal says so, and what is safe', async () => {
    const { kept } = await makeSubject();
    for (const moment of ['list data', 'get data', 'put data', 'put index', 'remove index']) {
      const start = new Map(store.objects);
      const controller = new AbortController();
      store.fault = (operation, { type }) => {
        if (`${operation} ${type}` === moment) controller.abort();
      };
      await expect(pruned(everything, controller.signal), moment).rejects.toMatchObject({ code: 'INTERRUPTED' });
      store.fault = undefined;
      expect(await problemsOf(kept), moment).toEqual([]);
      restoreObjects(start);
    }
  });

  /** Every index entry is in a pack that is there. */
  async function assertIndexed(): Promise<void> {
    await raw.repository.loadIndex();
    const ids = raw.repository.index.packIds();
    for (let at = 0; at < ids.length; at += 32) expect(store.objects.has(`data/${ids.toString('hex', at, at + 32)}`)).toBe(true);
  }

  function restoreObjects(objects: ReadonlyMap<string, Buffer>): void {
    store.objects.clear();
    for (const [key, bytes] of objects) store.objects.set(key, bytes);
  }
});

describe('what is not believed', () => {
  let subject: Subject;
  beforeEach(async () => {
    subject = await makeSubject();
  });

  /** Nothing may be removed or written. */
  async function refuses(expected: { readonly code: string; readonly words: RegExp }, options?: PruneOptions): Promise<void> {
    const before = [...store.objects.keys()];
    await expect(pruned(options)).rejects.toMatchObject({ code: expected.code, message: expect.stringMatching(expected.words) as string });
    expect([...store.objects.keys()]).toEqual(before);
  }

  /** Lists without the objects whose key matches, though they are there. */
  function hide(pattern: RegExp, times = Number.POSITIVE_INFINITY): void {
    let left = times;
    store.names = (type) => {
      const names = MemoryStore.prototype.names.call(store, type);
      const shown = names.filter((name) => !pattern.test(`${type}/${name}`));
      return shown.length < names.length && left-- > 0 ? shown : names;
    };
  }

  it('a list that fails', async () => {
    for (const type of ['snapshot', 'index', 'data'] as const) {
      const fail: Fault = (operation, handle) => {
        if (operation === 'list' && handle.type === type) throw new StorageError('permanent', 'the list failed');
      };
      store.fault = fail;
      await refuses({ code: 'STORAGE_FAILED', words: /the list failed/ });
      store.fault = undefined;
    }
  });

  it('a list without an indexed pack: the pack is named, and whether it is there', async () => {
    hide(new RegExp(subject.unused));
    await refuses({ code: 'STORAGE_FAILED', words: new RegExp(`${subject.unused} is there, but the storage memory does not list it`) });
    store.objects.delete(`data/${subject.unused}`);
    await refuses({ code: 'DAMAGED', words: new RegExp(`not in the storage: ${subject.unused}.*repair index`) });
  });

  it('an empty list of packs, of snapshots and of index files', async () => {
    hide(/^data/);
    await refuses({ code: 'STORAGE_FAILED', words: /does not list it/ });
    hide(/^snapshot/);
    await refuses({ code: 'USAGE', words: /lists no snapshot.*--unsafe-allow-remove-all/ });
    hide(/^index/);
    await refuses({ code: 'DAMAGED', words: /no index lists it/ });
    store.objects.delete(`snapshot/${subject.kept.id}`);
    await refuses({ code: 'DAMAGED', words: /no index that lists any of them.*repair index/ });
  });

  it('a list of snapshots that differs from the next one', async () => {
    const other = await raw.snapshot(Buffer.from(subject.kept.snapshot.tree, 'hex'));
    hide(new RegExp(other.id), 1);
    await refuses({ code: 'STORAGE_FAILED', words: new RegExp(`${other.id} is in one list`) });
  });

  it('a list of snapshots without one that another names', async () => {
    const hidden = await raw.save([raw.file('hidden', [noise(50, 20)])]);
    const { snapshot } = subject.kept;
    await raw.repository.writeUnpacked('snapshot', encodeSnapshot({ ...snapshot, parent: hidden.id }));
    hide(new RegExp(hidden.id));
    await refuses({ code: 'STORAGE_FAILED', words: new RegExp(`${hidden.id.slice(0, 12)} is there`) });
  });

  it('an index file that one list leaves out', async () => {
    raw.file('more', [noise(60, 21)]);
    await raw.pack();
    const index = await raw.index();
    hide(new RegExp(index), 2);
    await refuses({ code: 'STORAGE_FAILED', words: new RegExp(`${index} is in one list`) });
  });

  it('a pack of another size than the index says, if it is needed', async () => {
    const key = `data/${subject.partly}`;
    await withObject(store, key, Buffer.concat([objectOf(key), Buffer.from('x')]), () => refuses({ code: 'DAMAGED', words: new RegExp(`${subject.partly} has .*repair index`) }));
  });

  it('damaged trees, indexes and snapshots: the place is named, and what to do', async () => {
    const start = subject.kept.id.slice(0, 8);
    const trees = `data/${subject.trees}`;
    const index = keysOf('index')[0] as string;
    const snapshot = `snapshot/${subject.kept.id}`;
    await withObject(store, trees, flipped(objectOf(trees), 20), () => refuses({ code: 'DAMAGED', words: new RegExp(`needed by ${start}:/deep/.*repair index.*repair snapshots`) }));
    await withObject(store, trees, undefined, () => refuses({ code: 'DAMAGED', words: new RegExp(`needed by ${start}:/`) }));
    await withObject(store, index, flipped(objectOf(index), 20), () => refuses({ code: 'DAMAGED', words: new RegExp(`ndex ${index.slice('index/'.length)}`) }));
    await withObject(store, snapshot, flipped(objectOf(snapshot), 20), () => refuses({ code: 'DAMAGED', words: new RegExp(`napshot ${subject.kept.id}`) }));
  });

  it('an index without a needed blob: file and snapshot are named', async () => {
    for (const [type, place] of [['data', '/deep/one'], ['tree', '/deep/']] as const) {
      await withoutFirst(type, () => refuses({ code: 'DAMAGED', words: new RegExp(`${type === 'data' ? 'Data' : 'Tree'} blob .* no index lists it. It is needed by ${subject.kept.id.slice(0, 8)}:${place}\\.`) }));
    }
  });

  it('a folder without a tree', async () => {
    raw.treeText('{"nodes":[{"name":"x","type":"dir","content":null}]}\n');
    const tree = raw.tree([node('x', 'dir', { subtree: raw.treeText('{"nodes":[{"name":"y","type":"dir"}]}\n') })]);
    await raw.pack();
    await raw.index();
    const { id } = await raw.snapshot(tree);
    await refuses({ code: 'DAMAGED', words: new RegExp(`a folder has no list of what is in it. It is needed by ${id.slice(0, 8)}:/x/`) });
  });

  it('a storage that takes no removals', async () => {
    store.fault = (operation) => {
      if (operation === 'remove') throw new StorageError('denied', '403 Forbidden');
    };
    await refuses({ code: 'STORAGE_DENIED', words: /refuses removals.*append-only/ });
  });

  it('a lock that is not sure', async () => {
    const before = [...store.objects.keys()];
    const locked = Promise.reject(new Error('another program'));
    locked.catch(() => undefined);
    await expect(prune(raw.repository, everything, { locked })).rejects.toThrow('another program');
    expect([...store.objects.keys()]).toEqual(before);
  });

  it('a pack that does not come back as it was stored', async () => {
    store.fault = (operation, { type, name }) => {
      const key = `data/${name}`;
      if (operation === 'get' && type === 'data' && !known.has(key)) store.objects.set(key, flipped(objectOf(key), 3));
    };
    const known = new Set(store.objects.keys());
    await expect(pruned()).rejects.toMatchObject({ code: 'STORAGE_FAILED', message: expect.stringContaining('does not come back') as string });
    expect([...known].every((key) => store.objects.has(key) || key === `data/${subject.unreferenced}`)).toBe(true);
  });

  /** Runs the body while the index lacks the first blob of a type that the first folder needs. */
  async function withoutFirst(type: BlobType, body: () => Promise<void>): Promise<void> {
    const index = keysOf('index')[0] as string;
    const name = index.slice('index/'.length);
    const text = (await raw.repository.readUnpacked('index', name)).toString();
    const parsed = JSON.parse(text) as { packs: { blobs: { id: string; type: string }[] }[] };
    const lost = type === 'data' ? subject.lostContent : parsed.packs.flatMap(({ blobs }) => blobs).find((blob) => blob.type === 'tree')?.id;
    for (const pack of parsed.packs) pack.blobs = pack.blobs.filter(({ id }) => id !== lost);
    await withObject(store, index, undefined, async () => {
      const changed = await raw.repository.writeUnpacked('index', Buffer.from(JSON.stringify(parsed)));
      await body();
      store.objects.delete(`index/${changed}`);
    });
  }
});

it('removes everything where there is no snapshot only if told so', async () => {
  const { kept } = await makeSubject();
  store.objects.delete(`snapshot/${kept.id}`);
  await expect(pruned()).rejects.toMatchObject({ code: 'USAGE' });
  await pruned({ ...everything, allowRemoveAll: true });
  expect([...keysOf('data'), ...keysOf('index')]).toEqual([]);
});
