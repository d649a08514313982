/** Plain files, which stay native from the scan to the tree, give what the general way gives. */
import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRoot } from '../../../test/support/rights.ts';
import { loadAddon } from '../native/load-addon.ts';
import type { BackupOptions, BackupSummary } from './options.ts';
import { listSnapshots } from '../repository/snapshots.ts';
import type { Repository } from '../repository/repository.ts';
import { Place, restics } from './testing/place.ts';
import { withScan } from './testing/with-scan.ts';

let place: Place;
let repository: Repository;
let general: Repository;
let reads: number;

beforeEach(async () => {
  place = new Place();
  reads = 0;
  const made = await place.open();
  const addon = loadAddon();
  const counting: typeof addon.createBackupEngine = (options) => {
    const engine = addon.createBackupEngine(options);
    const addFile = engine.addFile.bind(engine);
    return Object.defineProperty(engine, 'addFile', {
      value: (...args: Parameters<typeof addFile>) => {
        reads += 1;
        return addFile(...args);
      },
    });
  };
  repository = await place.reopen({ addon: { ...addon, createBackupEngine: counting } });
  general = await place.reopen({ addon: withScan(addon) });
  await made.close();
});

afterEach(() => place.close());

const at = (...names: string[]): string => path.join(place.source, ...names);

/** Backs up both ways; the counts and trees must be equal. Resolves with the summary of the quick one. */
async function both(options: Partial<BackupOptions> = {}): Promise<BackupSummary> {
  const quick = await place.backup(repository, options);
  const slow = await place.backup(general, { ...options, parent: 'none' });
  const snapshots = await listSnapshots(repository);
  const tree = (id: string | undefined): string | undefined => snapshots.find((stored) => stored.id === id)?.snapshot.tree;
  expect(tree(quick.snapshot_id)).toBe(tree(slow.snapshot_id));
  expect([quick.total_files_processed, quick.total_bytes_processed]).toEqual([slow.total_files_processed, slow.total_bytes_processed]);
  return quick;
}

const largestPlain = 512 * 1024;

function fill(): void {
  mkdirSync(at('folder/empty'), { recursive: true });
  for (let i = 0; i < 300; i++) writeFileSync(at(`file ${i}`), `content ${i % 250}`);
  for (const size of [0, 1, largestPlain, largestPlain + 1]) writeFileSync(at('folder', `size ${size}`), Buffer.alloc(size, size % 251));
  // Only root reads one that grants nothing.
  for (const mode of [isRoot ? 0 : 0o400, 0o444, 0o640, 0o4755, 0o2711, 0o1777]) {
    writeFileSync(at('folder', `mode ${mode}`), `${mode}`);
    chmodSync(at('folder', `mode ${mode}`), mode);
  }
  for (const [name, seconds] of Object.entries({ epoch: 0, leap: 951_782_400.25, fine: 1_700_000_000.000_001, century: 4_107_542_399.5, far: 9_000_000_000 })) {
    writeFileSync(at('folder', name), name);
    utimesSync(at('folder', name), seconds, seconds);
  }
  // A number below zero would mean now.
  writeFileSync(at('folder', 'past'), 'past');
  utimesSync(at('folder', 'past'), new Date(-1500), new Date(-1500));
  for (const name of ['a"b', 'a\\b', 'a<b', 'a&b', 'ümlaut', 'a\nb', '~', ' ']) writeFileSync(at(name), name);
  symlinkSync('file 1', at('link'));
}

describe('plain files', () => {
  it('make the tree that the general way makes', async () => {
    fill();
    const summary = await both();
    expect(place.errors).toEqual([]);
    expect(summary.files_new).toBe(300 + 4 + 6 + 6 + 8);
    // The largest, those with special bits, the oldest, and the names with escapes.
    expect(reads).toBe(1 + 3 + 1 + 6);
    for (const restic of restics) await place.check(restic, '--read-data');
  });

  it('that are unchanged are not looked at one by one', async () => {
    fill();
    await both();
    reads = 0;
    const summary = await both();
    expect(summary).toMatchObject({ files_new: 0, files_changed: 0, dirs_new: 0, dirs_changed: 0, data_blobs: 0, tree_blobs: 0 });
    expect(reads).toBe(0);
  });

  it.each([
    ['a changed file', () => writeFileSync(at('file 7'), 'another content'), { files_changed: 1, files_new: 0 }],
    ['a new file', () => writeFileSync(at('file 7b'), 'new'), { files_changed: 0, files_new: 1 }],
    ['a removed file', () => rmSync(at('file 7')), { files_changed: 0, files_new: 0 }],
    ['a change in a folder below', () => writeFileSync(at('folder/new'), 'new'), { files_changed: 0, files_new: 1 }],
    ['a changed link', () => (rmSync(at('link')), symlinkSync('file 2', at('link'))), { files_changed: 0, files_new: 0 }],
    ['no plain file any more', () => rmSync(at('folder'), { recursive: true }), { files_changed: 0, files_new: 0 }],
  ])('beside %s are stored rightly', async (_, change, counts) => {
    fill();
    await both();
    change();
    reads = 0;
    expect(await both()).toMatchObject(counts);
    expect(reads).toBe(counts.files_changed + counts.files_new);
    for (const restic of restics) await place.check(restic);
  });

  it('are read again where the index lacks their blobs', async () => {
    writeFileSync(at('one'), 'one');
    const dry = await place.backup(repository, { dryRun: true });
    expect(dry).toMatchObject({ files_new: 1, data_blobs: 1 });
    await both();
    const scan = await loadAddon().scanFolder(Buffer.from(place.source), { index: loadAddon().createIndex(), oldTree: await oldTree() });
    expect(scan.plain).toBeUndefined();
    expect(scan.entries.map(({ name }) => name.toString())).toEqual(['one']);
  });

  it.each(['', '{', '{"nodes":[', '{"nodes":[{', '{"nodes":[{"name":"\\', '{"nodes":[]}', '{"nodes":[{}{}]}\n', '{"nodes":[]}\n '])('take an old tree %j for no tree', async (text) => {
    writeFileSync(at('one'), 'one');
    const scan = await loadAddon().scanFolder(Buffer.from(place.source), { index: repository.index, oldTree: Buffer.from(text) });
    expect(scan.oldRest).toBeUndefined();
    expect(scan.plain?.unchanged ?? false).toBe(false);
  });

  it('have the same nodes cut short at every byte of the old tree taken for changed', async () => {
    writeFileSync(at('one'), 'one');
    await both();
    await repository.loadIndex();
    const whole = await oldTree();
    const scan = (tree: Buffer) => loadAddon().scanFolder(Buffer.from(place.source), { index: repository.index, oldTree: tree });
    expect((await scan(whole)).plain?.unchanged).toBe(true);
    for (let length = 1; length < whole.length; length++) expect((await scan(whole.subarray(0, length))).plain).toBeUndefined();
  });
});

/** The tree of the source folder in the newest snapshot. */
async function oldTree(): Promise<Buffer> {
  const newest = (await listSnapshots(repository)).at(-1);
  await repository.loadIndex();
  const root = await repository.readTree(Buffer.from(newest?.snapshot.tree ?? '', 'hex'));
  return repository.readBlob('tree', root.nodes[0]?.subtree ?? Buffer.alloc(32));
}
