import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noise } from '../../../test/support/noise.ts';
import { hasNewestRestic, newestRestic, restic } from '../../../test/support/restic.ts';
import type { MemoryStore } from '../repository/testing/memory-store.ts';
import { flipped, makeDamageSubject, writeToDisk, type DamageSubject } from '../restorer/testing/damage.ts';
import { rawPassword, RawRepository } from '../restorer/testing/raw-repository.ts';
import { RestoreBench } from '../restorer/testing/restore-bench.ts';
import { StorageError } from '../storage/object-store.ts';
import { repairIndex, type IndexFinding, type RepairIndexOptions, type RepairIndexReport } from './repair-index.ts';
import { repairPacks, type RepairPacksReport } from './repair-packs.ts';

let bench: RestoreBench;
let raw: RawRepository;
let store: MemoryStore;
let subject: DamageSubject;

beforeEach(async () => {
  bench = new RestoreBench();
  ({ raw, store } = await bench.memoryRepository());
  subject = await makeDamageSubject(raw);
});
afterEach(() => bench.cleanUp());

const locked = Promise.resolve();
const keysOf = (type: string): string[] => [...store.objects.keys()].filter((key) => key.startsWith(`${type}/`));
const objectOf = (key: string): Buffer => store.objects.get(key) as Buffer;
const nameOf = (key: string): string => key.split('/')[1] ?? '';

async function problems(): Promise<readonly string[]> {
  await raw.repository.loadIndex();
  return (await bench.restore(raw.repository, subject.snapshot, { overwrite: 'always' })).problems;
}

function folderForRestic(name: string): string {
  const folder = path.join(bench.folder, name);
  writeToDisk(store, folder);
  return folder;
}

function check(folder: string): string {
  return restic(newestRestic(), folder, ['--no-lock', 'check', '--read-data'], { password: rawPassword });
}

describe('repair index', () => {
  const found: IndexFinding[] = [];
  const repaired = (options: RepairIndexOptions = {}): Promise<RepairIndexReport> => {
    found.length = 0;
    return repairIndex(raw.repository, options, { locked, onFinding: (finding) => found.push(finding) });
  };

  it('changes nothing where nothing is wrong', async () => {
    const objects = [...store.objects.keys()];
    expect(await repaired()).toMatchObject({ packsRead: 0, indexesWritten: 0, indexesRemoved: 0 });
    expect([...store.objects.keys()]).toEqual(objects);
  });

  it('makes a lost or damaged index anew from the packs', async () => {
    const [index = ''] = keysOf('index');
    for (const bytes of [undefined, flipped(objectOf(index), 20)]) {
      store.objects.delete(index);
      if (bytes !== undefined) store.objects.set(index, bytes);
      for (const key of keysOf('index')) if (key !== index) store.objects.delete(key);
      expect(await repaired()).toMatchObject({ damagedIndexes: bytes === undefined ? 0 : 1, unlistedPacks: 3, indexesWritten: 1 });
      expect(keysOf('index')).not.toContain(index);
      expect(await problems()).toEqual([]);
      expect(check(folderForRestic(`lost-${bytes?.length ?? 0}`))).toContain('no errors were found');
    }
  });

  it('reads every pack if asked to', async () => {
    const [index = ''] = keysOf('index');
    expect(await repaired({ readAllPacks: true })).toMatchObject({ packsRead: 3, indexesWritten: 1, indexesRemoved: 1 });
    expect(keysOf('index')).not.toContain(index);
    expect(await problems()).toEqual([]);
  });

  it.skipIf(!hasNewestRestic)('forgets a pack that is gone, leaves one out that is cut off, and lists one that was not, as restic does', async () => {
    const { a, b } = subject.packs;
    const other = new RawRepository(raw.repository);
    other.blob('data', noise(400, 40));
    const unlisted = await other.pack();
    store.objects.delete(`data/${a}`);
    store.objects.set(`data/${b}`, objectOf(`data/${b}`).subarray(0, 1000));
    const theirs = folderForRestic('theirs');
    restic(newestRestic(), theirs, ['repair', 'index'], { password: rawPassword });
    expect(await repaired()).toMatchObject({ missingPacks: 1, wrongSizes: 1, unlistedPacks: 1, unreadablePacks: 1 });
    expect(found.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([`missing-pack ${a}`, `unlisted-pack ${unlisted}`, `unreadable-pack ${b}`, `wrong-size ${b}`].sort());
    const list = (folder: string): string[] => restic(newestRestic(), folder, ['--no-lock', 'list', 'blobs'], { password: rawPassword }).trim().split('\n').sort();
    expect(list(folderForRestic('ours'))).toEqual(list(theirs));
  });

  it('reads a header that is longer than what is read of a pack first', async () => {
    for (let i = 0; i < 2000; i += 1) raw.blob('data', Buffer.from(`blob ${i}`));
    await raw.pack();
    for (const key of keysOf('index')) store.objects.delete(key);
    await repaired();
    await raw.repository.loadIndex();
    expect(raw.repository.index.blobCount).toBeGreaterThan(2000);
  });

  it('does not believe a list that lacks a pack', async () => {
    store.names = (type) => keysOf(type).map(nameOf).filter((name) => name !== subject.packs.a);
    const objects = [...store.objects.keys()];
    await expect(repaired()).rejects.toMatchObject({ code: 'STORAGE_FAILED', message: expect.stringContaining(`${subject.packs.a} is there`) as string });
    expect([...store.objects.keys()]).toEqual(objects);
  });

  it('removes no index file before the new one is there', async () => {
    const [index = ''] = keysOf('index');
    store.fault = (operation, { type }) => {
      if (operation === 'put' && type === 'index') throw new StorageError('full', 'no room');
    };
    await expect(repaired({ readAllPacks: true })).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect(keysOf('index')).toEqual([index]);
  });
});

describe('repair packs', () => {
  let copies: Map<string, Buffer>;
  const repaired = (ids: readonly string[]): Promise<RepairPacksReport> => {
    copies = new Map();
    return repairPacks(raw.repository, ids, {
      locked,
      keepCopy: async (name, body) => {
        const pieces: Buffer[] = [];
        for await (const piece of body) pieces.push(piece);
        copies.set(name, Buffer.concat(pieces));
      },
    });
  };

  it.skipIf(!hasNewestRestic)('saves what is intact, keeps a copy, and says what is lost, as restic does', async () => {
    const { a } = subject.packs;
    const damaged = flipped(objectOf(`data/${a}`), 50);
    store.objects.set(`data/${a}`, damaged);
    const theirs = folderForRestic('theirs');
    restic(newestRestic(), theirs, ['repair', 'packs', a], { password: rawPassword, cwd: bench.folder });
    const report = await repaired([a.slice(0, 12)]);
    expect(report).toMatchObject({ packs: [a], unreadable: [], blobsSaved: 2, packsLeft: [] });
    expect(report.lost).toHaveLength(1);
    expect(copies.get(a)).toEqual(damaged);
    expect(store.objects.has(`data/${a}`)).toBe(false);
    expect((await problems()).length).toBe(2); // a/one and mixed
    const ours = folderForRestic('ours');
    const list = (folder: string): string[] => restic(newestRestic(), folder, ['--no-lock', 'list', 'blobs'], { password: rawPassword }).trim().split('\n').sort();
    expect(list(ours)).toEqual(list(theirs));
  });

  it('takes blobs from other packs, and a truncated pack for what it is', async () => {
    const { b } = subject.packs;
    store.objects.set(`data/${b}`, objectOf(`data/${b}`).subarray(0, 3));
    const report = await repaired([b]);
    // `twice` lies in pack A, too.
    expect(report).toMatchObject({ blobsSaved: 0 });
    expect(report.lost).toHaveLength(2);
    expect((await problems()).some((problem) => problem.includes('twice'))).toBe(false);
  });

  it('saves nothing of a pack that neither an index nor its header describes', async () => {
    const other = new RawRepository(raw.repository);
    other.blob('data', noise(400, 40));
    const unlisted = await other.pack();
    store.objects.set(`data/${unlisted}`, noise(500, 41));
    expect(await repaired([unlisted])).toMatchObject({ unreadable: [unlisted], blobsSaved: 0, lost: [] });
    expect(await problems()).toEqual([]);
    expect(check(folderForRestic('after'))).toContain('no errors were found');
  });

  it('changes nothing where a name is wrong, or the copy cannot be kept', async () => {
    const objects = [...store.objects.keys()];
    await expect(repaired(['00000000'])).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining('No pack') as string });
    await expect(repaired([''])).rejects.toMatchObject({ code: 'USAGE', message: expect.stringContaining('Several packs') as string });
    const keepCopy = (): Promise<void> => Promise.reject(new Error('the disk is full'));
    await expect(repairPacks(raw.repository, [subject.packs.a], { locked, keepCopy })).rejects.toThrow('the disk is full');
    expect([...store.objects.keys()]).toEqual(objects);
  });
});
