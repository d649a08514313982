/**
 * The reverse: repositories that restic made, of both versions. We check and restore them, go on with them, and restic
 * goes on after us; nothing is stored twice by either.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { noise } from '../support/noise.ts';
import { knownPassword, knownRepository } from '../../src/core/repository/testing/known-repository.ts';
import { loadAddon } from '../../src/core/native/load-addon.ts';
import { LocalStore } from '../../src/core/storage/local-store.ts';
import { cyberbackup, mustCyberbackup } from '../support/cli.ts';
import { resticPrograms } from '../support/restic.ts';
import { mustRun } from '../support/run-program.ts';
import { compareTrees } from '../support/compare-trees.ts';
import { dataSets } from '../support/data-sets.ts';
import { backupWith, initWith, judgeRepository, restoreWith, snapshotsOf, summaryOf } from '../support/judge.ts';
import type { Judge } from '../support/judge.ts';
import { buildNastyTree } from '../support/nasty-tree.ts';
import { createWorkspace } from '../support/workspace.ts';

const judges = resticPrograms();
const workspace = createWorkspace('restic-repositories');
const { env } = workspace;

afterAll(() => workspace.remove());

/** restic before 0.16 stores such a target as text: what comes back is what it stored. */
const withoutRawTarget = (lines: readonly string[]): string[] => lines.filter((line) => !line.startsWith('./"nasty"/"links"/"link-6": link target'));

async function buildSource(): Promise<string> {
  const source = workspace.folder('source');
  const place = (name: string): string => path.join(source, name);
  for (const name of ['nasty', 'small', 'noise']) mkdirSync(place(name));
  await buildNastyTree(place('nasty'), 2);
  dataSets['small files']?.(place('small'));
  dataSets['incompressible files']?.(place('noise'));
  return source;
}

async function ourRestore(repository: string, snapshot: string): Promise<string> {
  const target = workspace.folder('ours');
  await mustCyberbackup(['restore', snapshot, '-r', repository, '--target', target, '--verify'], { env });
  return target;
}

for (const judge of judges) {
  describe.each([1, 2] as const)(`repositories of version %i made by ${judge.name}`, (version) => {
    it('are checked, restored and continued by us, and by restic after us', async () => {
      const source = await buildSource();
      const repository = path.join(workspace.root, `repository-${version}-${path.basename(source)}`);
      await initWith(judge, repository, version, env);
      const first = await backupWith(judge, repository, source, env);
      await mustCyberbackup(['check', '-r', repository, '--read-data'], { env });
      expect(withoutRawTarget(await compareTrees(source, path.join(await ourRestore(repository, first.snapshot_id), source)))).toEqual([]);

      const unchanged = summaryOf(await mustCyberbackup(['backup', source, '-r', repository, '--json', '--force'], { env }));
      expect([unchanged.data_blobs, unchanged.total_bytes_processed]).toEqual([0, first.total_bytes_processed]);

      change(source);
      const ours = summaryOf(await mustCyberbackup(['backup', source, '-r', repository, '--json'], { env }));
      expect(ours.data_blobs).toBeGreaterThan(0);
      await judgeRepository(judge, repository, env);
      const theirs = await backupWith(judge, repository, source, env, ['--force']);
      expect(theirs.data_blobs).toBe(0);
      await prune(judge, repository, [ours.snapshot_id, theirs.snapshot_id]);

      await mustCyberbackup(['check', '-r', repository, '--read-data'], { env });
      for (const snapshot of [ours.snapshot_id, theirs.snapshot_id]) {
        expect(withoutRawTarget(await compareTrees(source, path.join(await ourRestore(repository, snapshot), source)))).toEqual([]);
      }
      const target = workspace.folder('theirs');
      await restoreWith(judge, repository, ours.snapshot_id, target, env);
      expect(withoutRawTarget(await compareTrees(source, path.join(target, source)))).toEqual([]);
    });
  });
}

/** Some files change, appear and vanish. */
function change(source: string): void {
  writeFileSync(path.join(source, 'noise', 'noise-0.bin'), noise(3_000_000, 900), { flag: 'r+' });
  writeFileSync(path.join(source, 'noise', 'added.bin'), noise(1_234_567, 901));
  rmSync(path.join(source, 'small', 'group-3'), { recursive: true });
}

/** restic removes the other snapshots and rewrites packs and index. */
async function prune(judge: Judge, repository: string, kept: readonly string[]): Promise<void> {
  // Old restic tells the first digits of an id only.
  const all = (await snapshotsOf(judge.program, repository, env)).map((snapshot) => snapshot.id);
  const old = all.filter((id) => !kept.some((one) => id.startsWith(one)));
  expect(old.length).toBe(2);
  await mustRun(judge.program, ['-r', repository, 'forget', ...old, '--prune', '--max-unused', '0', '--no-cache'], { env });
}

describe('the repository of 2,122 bytes (specification section 21.2)', () => {
  it('is checked, restored and continued by us', async () => {
    const repository = workspace.folder('known');
    const store = new LocalStore(repository, { addon: loadAddon() });
    const known = knownRepository();
    await store.create();
    for (const type of ['data', 'index', 'key', 'snapshot'] as const) {
      for await (const { name } of known.list(type)) await store.put({ type, name }, await known.get({ type, name }));
    }
    await store.put({ type: 'config', name: '' }, await known.get({ type: 'config', name: '' }));
    const knownEnv = { ...env, CYBERBACKUP_PASSWORD: knownPassword, RESTIC_PASSWORD: knownPassword };

    await mustCyberbackup(['check', '-r', repository, '--read-data'], { env: knownEnv });
    const targets = [workspace.folder('ours'), workspace.folder('theirs')] as const;
    await mustCyberbackup(['restore', 'latest', '-r', repository, '--target', targets[0]], { env: knownEnv });
    const newest = judges.at(-1);
    if (newest === undefined) throw new Error('no restic');
    await restoreWith(newest, repository, 'latest', targets[1], knownEnv);
    expect(await compareTrees(path.join(targets[0], 'dir'), path.join(targets[1], 'dir'))).toEqual([]);

    const source = path.join(targets[0], 'dir');
    const summary = summaryOf(await mustCyberbackup(['backup', source, '-r', repository, '--json'], { env: knownEnv }));
    expect(summary.total_files_processed).toBe(2);
    // After our backup restic finds nothing to add.
    expect((await backupWith(newest, repository, source, knownEnv, ['--force'])).data_blobs).toBe(0);
    for (const judge of judges) await judgeRepository(judge, repository, knownEnv);
  });

  it('refuses a wrong password', async () => {
    const repository = workspace.folder('known');
    const store = new LocalStore(repository, { addon: loadAddon() });
    await store.create();
    const known = knownRepository();
    for await (const { name } of known.list('key')) await store.put({ type: 'key', name }, await known.get({ type: 'key', name }));
    await store.put({ type: 'config', name: '' }, await known.get({ type: 'config', name: '' }));
    expect((await cyberbackup(['snapshots', '-r', repository], { env: { ...env, CYBERBACKUP_PASSWORD: 'wrong' } })).code).toBe(12);
  });
});
