/** Folders with nodes that nothing may be done with: everything beside them stays usable, and they are named. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { check } from '../checker/check.ts';
import { systemClock } from '../platform/clock.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { encodeTree } from '../repository/tree.ts';
import type { MemoryStore } from '../repository/testing/memory-store.ts';
import { dump } from '../history/archive/dump.ts';
import { walkNodes } from '../history/node-walk.ts';
import { writeToDisk } from './testing/damage.ts';
import { describeTree } from './testing/disk-tree.ts';
import { nodeText, rawPassword } from './testing/raw-repository.ts';
import type { RawRepository } from './testing/raw-repository.ts';
import { restic, resticApproves, resticPrograms } from '../../../test/support/restic.ts';
import { RestoreBench } from './testing/restore-bench.ts';

let bench: RestoreBench;
let raw: RawRepository;
let store: MemoryStore;

beforeEach(async () => {
  bench = new RestoreBench();
  ({ raw, store } = await bench.memoryRepository());
});
afterEach(() => bench.cleanUp());

/** `folder` holds the good files `a` and `z`, and these between them. */
async function snapshotWith(...odd: readonly string[]): Promise<StoredSnapshot> {
  const good = encodeTree([raw.file('a', ['first']), raw.file('z', ['last'])]).toString();
  const folder = raw.treeText(good.replace('},{', `},${[...odd, ''].join(',')}{`));
  const snapshot = await raw.save([raw.file('beside', ['fine']), { ...raw.dir('folder', []), subtree: folder }]);
  await raw.repository.loadIndex();
  return snapshot;
}

const odd = [nodeText('door', 'irregular'), nodeText('old', ''), nodeText('..', 'file', '"content":[]'), nodeText('b/c', 'symlink', '"linktarget":"/etc","content":null')];
const faults = ['folder/door: not restored: its type "irregular" is not known', 'folder/old: not restored: it has no type', 'folder/..: not restored: its name leads out of its folder', 'folder/b/c: not restored: its name holds a slash'];

it('a restore brings the neighbours, names the refused, and ends incomplete', async () => {
  const snapshot = await snapshotWith(...odd);
  const { summary, problems } = await bench.restore(raw.repository, snapshot, { verify: true });
  expect([...describeTree(bench.target).keys()].sort()).toEqual(['.', 'beside', 'folder', 'folder/a', 'folder/z']);
  expect(readFileSync(bench.at('folder/z'), 'utf8')).toBe('last');
  expect(problems).toEqual(faults.map((fault) => `name ${fault}`));
  expect(summary.errors).toBe(faults.length);
});

it('a restore of something else has nothing to complain about', async () => {
  const snapshot = await snapshotWith(...odd);
  expect((await bench.restore(raw.repository, snapshot, { excludes: ['/folder/door', '/folder/old', '..', 'b'] })).problems).toEqual([]);
  expect((await bench.restore(raw.repository, snapshot, { includes: ['/folder/z'] })).problems).toEqual([]);
});

it('a restore deletes nothing where it does not know all that belongs there', async () => {
  const snapshot = await snapshotWith(nodeText('door', 'irregular'));
  await bench.restore(raw.repository, await raw.save([raw.dir('folder', [raw.file('door', ['kept'])]), raw.file('extra', ['goes'])]));
  await bench.restore(raw.repository, snapshot, { delete: true });
  expect(readdirSync(bench.target).sort()).toEqual(['beside', 'folder']);
  expect(readFileSync(bench.at('folder/door'), 'utf8')).toBe('kept');
});

it('a listing names them, and a path that leads to one says what is wrong', async () => {
  const snapshot = await snapshotWith(...odd);
  const listed: string[] = [];
  for await (const found of walkNodes(raw.repository, Buffer.from(snapshot.snapshot.tree, 'hex'))) {
    if (found.kind !== 'left') listed.push(found.failure === undefined ? found.path.toString() : `${found.path.toString()}: ${found.failure.code}`);
  }
  expect(listed).toEqual(['/beside', '/folder', '/folder/a', '/folder/z', '/folder/door: DAMAGED', '/folder/old: DAMAGED', '/folder/..: DAMAGED', '/folder/b/c: DAMAGED']);
  for (const name of ['door', 'old', '..']) {
    await expect(dump(raw.repository, snapshot, Buffer.from(`/folder/${name}`), new PassThrough(), { archive: 'tar' })).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining(name) as string });
  }
  await expect(dump(raw.repository, snapshot, Buffer.from('/folder/b'), new PassThrough(), { archive: 'tar' })).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
  const output = new PassThrough();
  await dump(raw.repository, snapshot, Buffer.from('/folder/a'), output, { archive: 'tar' });
  expect(output.readableLength).toBe(5);
});

it('a check finds each', async () => {
  const snapshot = await snapshotWith(...odd);
  const report = await check(raw.repository, { readData: true }, { clock: systemClock });
  expect(report.errors.map(({ object, name, affects }) => [object, name, ...affects])).toEqual(['door', 'old', '..', 'b/c'].map((name) => ['file', `/folder/${name}`, `${snapshot.id.slice(0, 8)}:/folder/${name}`]));
});

// Of wrong names, restic says something on restoring only.
it.each(['irregular', ''])('restic, too, restores the neighbours of the type %j and finds an error', async (type) => {
  await snapshotWith(nodeText('door', type));
  const folder = path.join(bench.folder, 'repository');
  writeToDisk(store, folder);
  for (const { program } of resticPrograms()) {
    expect(resticApproves(program, folder, rawPassword)).toBe(false);
    const target = path.join(bench.folder, `target-${path.basename(path.dirname(program))}`);
    let complaint = '';
    try {
      restic(program, folder, ['--no-lock', 'restore', 'latest', '--target', target], { password: rawPassword });
    } catch (error) {
      complaint = (error as { stderr: string }).stderr;
    }
    expect(complaint).toContain('door');
    expect(readdirSync(path.join(target, 'folder'))).toEqual(['a', 'z']);
  }
});
