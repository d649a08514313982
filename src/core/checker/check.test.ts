import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noise } from '../../../test/support/noise.ts';
import { systemClock } from '../platform/clock.ts';
import type { MemoryStore } from '../repository/testing/memory-store.ts';
import { flipped, makeDamageSubject, samplePositions, withObject, writeToDisk } from '../restorer/testing/damage.ts';
import type { DamageSubject } from '../restorer/testing/damage.ts';
import { node, rawPassword, sha256 } from '../restorer/testing/raw-repository.ts';
import type { RawRepository } from '../restorer/testing/raw-repository.ts';
import { RestoreBench } from '../restorer/testing/restore-bench.ts';
import { newestRestic, restic, resticApproves, resticPrograms } from '../../../test/support/restic.ts';
import { check, checkFailure } from './check.ts';
import type { CheckOptions, CheckProgress } from './check.ts';
import type { CheckReport } from './findings.ts';

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

const checked = (options: CheckOptions = { readData: true }): Promise<CheckReport> => check(raw.repository, options, { clock: systemClock });
const objectOf = (key: string): Buffer => store.objects.get(key) as Buffer;
const keysOf = (type: string): string[] => [...store.objects.keys()].filter((key) => key.startsWith(`${type}/`));

describe('check', () => {
  it('finds nothing where nothing is wrong', async () => {
    const report = await checked();
    expect(report).toMatchObject({ errors: [], hints: [], errorCount: 0, packs: 3, snapshots: 1, trees: 3, packsRead: 3 });
    expect(checkFailure(report)).toBeUndefined();
  });

  it('detects every flipped byte of packs, indexes and snapshots', async () => {
    let flips = 0;
    for (const key of [...keysOf('data'), ...keysOf('index'), ...keysOf('snapshot')]) {
      for (const position of samplePositions(objectOf(key).length, 20)) {
        const report = await withObject(store, key, flipped(objectOf(key), position, 1 << (position % 8)), () => checked());
        expect(report.errorCount, `${key} at ${position}`).toBeGreaterThan(0);
        expect(report.errors.some(({ name, what }) => what.includes(name)), `${key} at ${position} is named`).toBe(true);
        flips += 1;
      }
    }
    expect(flips).toBeGreaterThan(80);
  });

  it('names the files that a damaged pack concerns, and not those with another copy', async () => {
    const key = `data/${subject.packs.a}`;
    for (const bytes of [undefined, objectOf(key).subarray(0, 100), flipped(objectOf(key), 50)]) {
      const report = await withObject(store, key, bytes, () => checked());
      const finding = report.errors.find(({ object }) => object === 'pack');
      expect(finding?.name).toBe(subject.packs.a);
      const places = finding?.affects.map((place) => place.split(':')[1]).sort();
      expect(places).toEqual(bytes !== undefined && bytes.length > 100 ? ['/a/one', '/mixed'] : ['/a/one', '/a/two', '/mixed']);
      expect(finding?.affected).toBe(places?.length);
    }
  });

  it('without read-data sees what is missing or has a wrong size, and does not read packs', async () => {
    const key = `data/${subject.packs.b}`;
    expect((await withObject(store, key, undefined, () => checked({ readData: false }))).errorCount).toBe(1);
    expect((await withObject(store, key, Buffer.concat([objectOf(key), Buffer.from('x')]), () => checked({ readData: false }))).errorCount).toBe(1);
    const report = await withObject(store, key, flipped(objectOf(key), 9), () => checked({ readData: false }));
    expect(report).toMatchObject({ errorCount: 0, packsRead: 0 });
  });

  it('reads the share of packs that is asked for', async () => {
    for (let i = 0; i < 17; i += 1) {
      raw.blob('data', noise(100, 20 + i));
      await raw.pack();
    }
    await raw.index();
    for (const [percent, packs] of [[100, 20], [50, 10], [5, 1], [0.1, 1]] as const) expect((await checked({ readData: false, readDataSubset: percent })).packsRead).toBe(packs);
  });

  it('hints at what is harmless', async () => {
    raw.blob('data', noise(50, 30));
    raw.tree([]);
    const mixed = await raw.pack();
    const index = await raw.index();
    const text = await raw.repository.readUnpacked('index', index);
    await raw.repository.writeUnpacked('index', text);
    raw.blob('data', noise(50, 31));
    const unindexed = await raw.pack();
    const report = await checked();
    expect(report.errors).toEqual([]);
    expect(report.hints.map(({ name, what }) => `${name} ${/several|both|no index/.exec(what)?.[0]}`).sort()).toEqual([`${mixed} several`, `${mixed} both`, `${unindexed} no index`].sort());
  });

  it('does not call packs harmless whose index is damaged or gone', async () => {
    const [key = ''] = keysOf('index');
    const expected = [...keysOf('data')].map((name) => name.slice('data/'.length)).sort();
    const [harmless, damaged, gone] = [await checked(), await withObject(store, key, flipped(objectOf(key), 20), () => checked()), await withObject(store, key, undefined, () => checked())];
    expect(harmless.hints).toEqual([]);
    for (const [report, words] of [[damaged, /damaged one/], [gone, /may hold what is missing/]] as const) {
      expect(report.hints.map(({ name }) => name).sort()).toEqual(expected);
      for (const { what, next } of report.hints) {
        expect(what).toMatch(words);
        expect(next).toMatch(/copy of the repository.*cyberbackup repair index.*no prune/);
      }
    }
  });

  it('calls it an error when two indexes describe a pack differently', async () => {
    raw.blob('data', noise(50, 30));
    raw.blob('data', noise(60, 31));
    await raw.pack();
    const text = (await raw.repository.readUnpacked('index', await raw.index())).toString();
    const parsed = JSON.parse(text) as { packs: { blobs: unknown[] }[] };
    parsed.packs[0]?.blobs.pop();
    await raw.repository.writeUnpacked('index', Buffer.from(JSON.stringify(parsed)));
    const report = await checked({ readData: false });
    expect(report.errors.some(({ what }) => what.includes('described differently'))).toBe(true);
  });

  it('finds trees that cannot be, and content that no index lists', async () => {
    const gone = sha256(Buffer.from('never stored'));
    const time = '"mtime":"2024-01-02T03:04:05Z","atime":"2024-01-02T03:04:05Z","ctime":"2024-01-02T03:04:05Z","uid":0,"gid":0';
    const noContent = raw.treeText(`{"nodes":[{"name":"x","type":"file",${time},"content":null}]}\n`);
    const noSubtree = raw.treeText(`{"nodes":[{"name":"x","type":"dir",${time},"content":null}]}\n`);
    const notJson = raw.treeText('{"nodes":[{');
    const snapshot = await raw.save([
      node('lost', 'file', { content: Buffer.concat([gone, gone]) }),
      node('missing-tree', 'dir', { subtree: gone }),
      node('no-content', 'dir', { subtree: noContent }),
      node('no-subtree', 'dir', { subtree: noSubtree }),
      node('not-json', 'dir', { subtree: notJson }),
    ]);
    const report = await checked();
    const id = snapshot.id.slice(0, 8);
    expect(report.errors.flatMap(({ affects }) => affects).sort()).toEqual([`${id}:/lost`, `${id}:/missing-tree/`, `${id}:/no-content/x`, `${id}:/no-subtree/x`, `${id}:/not-json/`]);
    expect(checkFailure(report)).toMatchObject({ code: 'CHECK_FAILED' });
  });

  it('finds compressed blobs in a repository of version 1, as restic does', async () => {
    for (const compress of [false, true]) {
      const other = await bench.memoryRepository(1);
      const content = other.raw.blob('data', Buffer.alloc(1000, 0x61), compress);
      const snapshot = await other.raw.save([node('file', 'file', { content })]);
      const folder = path.join(bench.folder, `version 1, compressed ${compress}`);
      writeToDisk(other.store, folder);
      const [index] = [...other.store.objects.keys()].filter((key) => key.startsWith('index/')).map((key) => key.slice('index/'.length));
      const report = await check(other.raw.repository, { readData: true }, { clock: systemClock });
      expect(report.errors.some(({ object, name, what }) => object === 'index' && name === index && what.includes('version 1'))).toBe(compress);
      expect(report.errorCount > 0).toBe(compress);
      for (const { program } of resticPrograms()) {
        const list = (): string => restic(program, folder, ['--no-lock', 'ls', 'latest'], { password: rawPassword });
        if (compress) expect(list).toThrow('not supported by repository version 1');
        else expect(list()).toContain('/file');
      }
      const loaded = other.raw.repository.loadIndex();
      if (compress) await expect(loaded).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining(index ?? '') as string });
      else await loaded;
      expect((await bench.restore(other.raw.repository, snapshot)).summary.errors > 0).toBe(compress);
    }
  });

  it('stops with INTERRUPTED and tells how far it is', async () => {
    const controller = new AbortController();
    const told: CheckProgress[] = [];
    store.fault = (operation, handle) => {
      if (operation === 'get' && handle.type === 'data') controller.abort(new Error('enough'));
    };
    await expect(check(raw.repository, { readData: true }, { clock: systemClock, signal: controller.signal, onProgress: (progress) => told.push(progress) })).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(told[0]).toMatchObject({ phase: 'index', error_count: 0 });
  });

  it('agrees with restic', async () => {
    const program = newestRestic();
    const { a, trees } = subject.packs;
    const index = keysOf('index')[0] as string;
    const snapshot = keysOf('snapshot')[0] as string;
    const cases: readonly (readonly [string, Buffer | undefined])[] = [
      [snapshot, objectOf(snapshot)],
      [snapshot, flipped(objectOf(snapshot), 20)],
      [index, flipped(objectOf(index), 20)],
      [index, undefined],
      [`data/${a}`, undefined],
      [`data/${a}`, flipped(objectOf(`data/${a}`), 20)],
      [`data/${a}`, flipped(objectOf(`data/${a}`), objectOf(`data/${a}`).length - 20)],
      [`data/${a}`, Buffer.concat([objectOf(`data/${a}`), Buffer.from('x')])],
      [`data/${trees}`, flipped(objectOf(`data/${trees}`), 20)],
    ];
    for (const [i, [key, bytes]] of cases.entries()) {
      await withObject(store, key, bytes, async () => {
        const folder = path.join(bench.folder, `repository-${i}`);
        writeToDisk(store, folder);
        const report = await checked();
        expect(report.errorCount === 0, `${key} of case ${i}`).toBe(resticApproves(program, folder, rawPassword));
      });
    }
  });
});
