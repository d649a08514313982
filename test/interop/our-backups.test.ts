/**
 * What we back up, judged by restic: every byte checks, restic's restore and ours equal the source in every attribute, and
 * restic's own backup of the same folder finds nothing to add.
 */
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeKeyCheap, makeTestRepository } from '../../src/cli/testing/test-repository.ts';
import { mustCyberbackup, testPassword } from '../support/cli.ts';
import { resticPrograms } from '../support/restic.ts';
import { compareTrees } from '../support/compare-trees.ts';
import { dataSets } from '../support/data-sets.ts';
import { buildDeepTree } from '../support/deep-tree.ts';
import { backupWith, judgeRepository, restoreWith, summaryOf, treeOf } from '../support/judge.ts';
import { buildNastyTree } from '../support/nasty-tree.ts';
import { createWorkspace } from '../support/workspace.ts';

const judges = resticPrograms();
const workspace = createWorkspace('our-backups');
const { env } = workspace;

afterAll(() => workspace.remove());

if (judges.length < 2) {
  describe('the newest restic is not in CYBERBACKUP_PEERS', () => it('so only the restic of the distribution judges here', () => undefined));
}

const sources: Record<string, (root: string) => Promise<void> | void> = {
  ...dataSets,
  'a folder of nasty files': async (root) => {
    const { missing } = await buildNastyTree(root, 1);
    for (const what of missing) process.stderr.write(`not judged here: ${what}\n`);
  },
};

describe.each([1, 2] as const)('repositories of version %i', (version) => {
  for (const [name, build] of Object.entries(sources)) {
    // Version 1 differs in compression alone.
    if (version === 1 && name === 'small files') continue;
    it(`${name}: checked and restored by restic and by us, and nothing is stored twice`, async () => {
      const source = workspace.folder('source');
      await build(source);
      const repository = path.join(workspace.root, `repository-${version}-${path.basename(source)}`);
      await mustCyberbackup(['init', '-r', repository, '--repository-version', String(version)], { env });
      await makeKeyCheap(repository, testPassword);
      const ours = summaryOf(await mustCyberbackup(['backup', source, '-r', repository, '--json'], { env }));
      expect(ours.data_blobs).toBeGreaterThan(0);

      const again = summaryOf(await mustCyberbackup(['backup', source, '-r', repository, '--json'], { env }));
      expect([again.data_blobs, again.files_new, again.files_changed, again.dirs_new]).toEqual([0, 0, 0, 0]);
      await mustCyberbackup(['check', '-r', repository, '--read-data'], { env });

      const target = workspace.folder('ours');
      await mustCyberbackup(['restore', ours.snapshot_id, '-r', repository, '--target', target, '--verify'], { env });
      expect(await compareTrees(source, path.join(target, source))).toEqual([]);

      let last: string | undefined;
      for (const judge of judges) {
        await judgeRepository(judge, repository, env);
        const theirs = workspace.folder('theirs');
        await restoreWith(judge, repository, ours.snapshot_id, theirs, env);
        const differences = await compareTrees(source, path.join(theirs, source));
        expect([judge.name, differences.filter((line) => !isBeyondOldRestic(line))]).toEqual([judge.name, []]);
        if (judge === judges[1]) expect(differences).toEqual([]);
        // Forced to read: what restic cuts must be what we cut.
        const summary = await backupWith(judge, repository, source, env, ['--force']);
        expect([judge.name, summary.data_blobs, summary.total_bytes_processed]).toEqual([judge.name, 0, ours.total_bytes_processed]);
        last = summary.snapshot_id;
      }
      await judgeTrees(repository, source, ours.snapshot_id, last);
      for (const judge of judges) await judgeRepository(judge, repository, env);
    });
  }
});

/** Link targets that are not UTF-8 are kept since restic 0.16 (specification section 11); the distribution's may be older. */
function isBeyondOldRestic(difference: string): boolean {
  return difference.startsWith('./"links"/"link-6": link target');
}

/** The newest restic writes the same trees as we do, byte for byte; older ones know fewer members. */
async function judgeTrees(repository: string, source: string, ours: string, theirs: string | undefined): Promise<void> {
  const newest = judges[1];
  if (newest === undefined || theirs === undefined) return;
  const [our, their] = await Promise.all([ours, theirs].map((snapshot) => treeOf(newest, repository, snapshot, source, env)));
  expect(our).toBe(their);
}

describe('R19: paths beyond PATH_MAX', () => {
  it('2,000 levels: backed up, checked by every restic, restored by us', async () => {
    const source = workspace.folder('deep');
    buildDeepTree(source, 2000);
    const repository = path.join(workspace.root, 'repository-deep');
    await makeTestRepository(repository, testPassword);
    const ours = summaryOf(await mustCyberbackup(['backup', source, '-r', repository, '--json'], { env }));
    expect(ours.total_files_processed).toBe(40);
    for (const judge of judges) await judgeRepository(judge, repository, env);
    const target = workspace.folder('ours');
    await mustCyberbackup(['restore', 'latest', '-r', repository, '--target', target], { env });
    expect(await compareTrees(source, path.join(target, source))).toEqual([]);
  });
});
