import { readFileSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noise } from '../../../test/support/noise.ts';
import type { MemoryStore } from '../repository/testing/memory-store.ts';
import { StorageError } from '../storage/object-store.ts';
import { incompleteFailure } from './problems.ts';
import { flipped, makeDamageSubject, samplePositions, withObject } from './testing/damage.ts';
import type { DamageSubject } from './testing/damage.ts';
import { describeTree } from './testing/disk-tree.ts';
import { sha256 } from './testing/raw-repository.ts';
import type { RawRepository } from './testing/raw-repository.ts';
import { RestoreBench } from './testing/restore-bench.ts';

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

/** Restores into a fresh target; every file there must be right. Returns the ones that are missing. */
async function restoredWithout(): Promise<{ readonly missing: string[]; readonly problems: readonly string[] }> {
  rmSync(bench.target, { recursive: true, force: true });
  const { summary, problems } = await bench.restore(raw.repository, subject.snapshot);
  const found = describeTree(bench.target, { xattrs: false });
  for (const [name, { mode }] of found) {
    if (mode.startsWith('100')) expect(readFileSync(bench.at(name)).equals(subject.files.get(name) ?? Buffer.from('unknown')), `${name} has the right content`).toBe(true);
  }
  const missing = [...subject.files.keys()].filter((name) => !found.has(name));
  if (missing.length > 0) expect(summary.errors).toBeGreaterThan(0);
  return { missing: missing.sort(), problems };
}

const objectOf = (key: string): Buffer => store.objects.get(key) as Buffer;

describe('a damaged repository', () => {
  it('restores whole as long as nothing is damaged', async () => {
    expect(await restoredWithout()).toEqual({ missing: [], problems: [] });
  });

  it.each(['a', 'b', 'trees'] as const)('with any byte of pack %s flipped gives right files or none, and all that are not concerned', async (which) => {
    const key = `data/${subject.packs[which]}`;
    const untouched: Readonly<Record<typeof which, readonly string[]>> = { a: ['b/one', 'b/twice', 'b/two', 'twice'], b: ['a/one', 'a/two', 'b/twice', 'twice'], trees: [] };
    let losses = 0;
    for (const position of samplePositions(objectOf(key).length, 24)) {
      const { missing } = await withObject(store, key, flipped(objectOf(key), position, 1 << (position % 8)), restoredWithout);
      for (const name of untouched[which]) expect(missing).not.toContain(name);
      // One flipped bit concerns one blob.
      if (which !== 'trees') expect(missing.length).toBeLessThanOrEqual(2);
      losses += missing.length;
    }
    expect(losses).toBeGreaterThan(0);
  });

  it('without pack A names what is missing and takes the other copy where there is one', async () => {
    const { missing, problems } = await withObject(store, `data/${subject.packs.a}`, undefined, restoredWithout);
    expect(missing).toEqual(['a/one', 'a/two', 'mixed']);
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(expect.arrayContaining(['read a/one', 'read a/two', 'read mixed']));
    expect(problems.join()).toContain(subject.packs.a);
  });

  it('with pack B cut short restores what lies before the cut', async () => {
    const key = `data/${subject.packs.b}`;
    const { missing } = await withObject(store, key, objectOf(key).subarray(0, 2550), restoredWithout);
    expect(missing).toEqual(['b/two', 'mixed']);
  });

  it('with two packs exchanged restores only what needs neither', async () => {
    const [a, b] = [`data/${subject.packs.a}`, `data/${subject.packs.b}`];
    const { missing } = await withObject(store, a, objectOf(b), restoredWithout);
    expect(missing).toEqual(['a/one', 'a/two', 'mixed']);
  });

  it('with a damaged index restores what other indexes list', async () => {
    const index = [...store.objects.keys()].find((key) => key.startsWith('index/')) as string;
    for (const position of samplePositions(objectOf(index).length, 6)) {
      const { missing, problems } = await withObject(store, index, flipped(objectOf(index), position), restoredWithout);
      expect(missing).toHaveLength(subject.files.size);
      expect(problems[0]).toMatch(/^tree \/: the list of this folder cannot be read/);
    }
    const extra = raw.file('extra', ['listed elsewhere']);
    const tree = raw.tree([extra]);
    await raw.pack();
    await raw.index();
    const snapshot = await raw.snapshot(tree);
    await withObject(store, index, flipped(objectOf(index), 40), async () => {
      const { summary } = await bench.restore(raw.repository, snapshot);
      expect(summary).toMatchObject({ errors: 0, files_restored: 1 });
    });
  });

  it('ends when the storage cannot be reached, rather than calling it damage', async () => {
    store.fault = (operation, handle) => {
      if (operation === 'get' && handle.name === subject.packs.a) throw new StorageError('unreachable', 'connection refused');
    };
    await expect(bench.restore(raw.repository, subject.snapshot)).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
  });

  it('says in one failure what is missing', async () => {
    const { summary } = await withObject(store, `data/${subject.packs.a}`, undefined, () => bench.restore(raw.repository, subject.snapshot));
    const failure = incompleteFailure({ count: summary.errors, kept: summary.problems });
    expect(failure.code).toBe('RESTORE_INCOMPLETE');
    expect(failure.message).toMatch(/3 items were not restored: .*a\/one.*a\/two/);
  });
});

describe('a lying index', () => {
  async function restoreLied(lie: (records: Buffer) => Buffer): Promise<readonly string[]> {
    const tree = raw.tree([raw.file('first', ['a piece of text', 'and another piece']), raw.file('second', ['untouched'])]);
    await raw.pack(lie);
    await raw.index();
    const { problems } = await bench.restore(raw.repository, await raw.snapshot(tree));
    for (const [name, { mode }] of describeTree(bench.target, { xattrs: false })) {
      if (mode.startsWith('100')) expect(readFileSync(bench.at(name), 'utf8')).toBe(name === 'first' ? 'a piece of textand another piece' : 'untouched');
    }
    return problems;
  }

  it.each([1, 14, 16, 1000, 0x7fff_ffff])('with the uncompressed length %i names the file and nothing else', async (length) => {
    const problems = await restoreLied((records) => {
      records.writeUInt32LE(length, 12);
      return records;
    });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['read first']);
  });

  it('with a wrong offset names the file', async () => {
    const problems = await restoreLied((records) => {
      records.writeUInt32LE(3, 4);
      return records;
    });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['read first']);
  });

  it('with an offset beyond the pack names the file', async () => {
    const problems = await restoreLied((records) => {
      records.writeUInt32LE(0x7000_0000, 4);
      return records;
    });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['read first']);
  });

  it('cannot make a bomb of a small blob', async () => {
    const bomb = raw.addon.compress(Buffer.alloc(64 * 1024 * 1024), 3);
    const id = sha256(Buffer.from('something else'));
    raw.sealedBlob('data', id, raw.repository.keys.seal(bomb), 14);
    const tree = raw.tree([raw.file('good', [noise(100, 4)]), { ...raw.file('bomb', []), content: id }]);
    await raw.pack();
    await raw.index();
    const { problems, summary } = await bench.restore(raw.repository, await raw.snapshot(tree));
    expect(summary).toMatchObject({ files_restored: 1, errors: 1 });
    expect(problems[0]).toMatch(/^read bomb:/);
  });
});
