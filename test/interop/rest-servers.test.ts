/**
 * Both programs over both servers: restic backs up to our server and restores from it, we do the same over restic's
 * rest-server, and what each left is read by the other.
 */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../src/server/server.ts';
import { makeKeyCheap } from '../../src/cli/testing/test-repository.ts';
import { mustCyberbackup, testPassword } from '../support/cli.ts';
import { resticPrograms } from '../support/restic.ts';
import { compareTrees } from '../support/compare-trees.ts';
import { dataSets } from '../support/data-sets.ts';
import { foreignServerProgram, startForeignServer } from '../support/foreign-server.ts';
import type { ForeignServer } from '../support/foreign-server.ts';
import { backupWith, initWith, judgeRepository, restoreWith, summaryOf } from '../support/judge.ts';
import { serveFolder } from '../support/our-server.ts';
import { createWorkspace } from '../support/workspace.ts';

const judges = resticPrograms();
const workspace = createWorkspace('rest-servers');
const { env } = workspace;
const source = workspace.folder('source');

beforeAll(() => dataSets['small files']?.(source));
afterAll(() => workspace.remove());

describe('our server', () => {
  let server: RunningServer;
  const data = workspace.folder('data');

  beforeAll(async () => {
    server = await serveFolder(data);
  });
  afterAll(() => server.close());

  it.each(judges)('$name: init, backup, check, restore, prune; then we read it, over the server and from the folder', async (judge) => {
    const name = path.basename(judge.program) + String(judges.indexOf(judge));
    const repository = `rest:${server.url}/${name}/`;
    await initWith(judge, repository, 2, env);
    const first = await backupWith(judge, repository, source, env);
    const second = await backupWith(judge, repository, source, env, ['--force']);
    expect(second.data_blobs).toBe(0);
    await judgeRepository(judge, repository, env);
    const theirs = workspace.folder('theirs');
    await restoreWith(judge, repository, first.snapshot_id, theirs, env);
    expect(await compareTrees(source, path.join(theirs, source))).toEqual([]);

    for (const place of [repository, path.join(data, name)]) {
      await mustCyberbackup(['check', '-r', place, '--read-data'], { env });
      const ours = workspace.folder('ours');
      await mustCyberbackup(['restore', second.snapshot_id, '-r', place, '--target', ours], { env });
      expect(await compareTrees(source, path.join(ours, source))).toEqual([]);
    }
  });

  it('we: init, backup and restore, judged over the server and from the folder', async () => {
    const repository = `rest:${server.url}/deep/ours/`;
    await weBackUpAndRestore(repository);
    for (const judge of judges) {
      await judgeRepository(judge, repository, env);
      await judgeRepository(judge, path.join(data, 'deep/ours'), env);
    }
  });
});

const program = foreignServerProgram('rest-server');
if (program === undefined) {
  describe('rest-server is not in CYBERBACKUP_PEERS', () => it('so our client over it is not judged here', () => undefined));
} else {
  describe('rest-server', () => {
    let server: ForeignServer;

    beforeAll(async () => {
      server = await startForeignServer('rest-server', program, workspace.folder('foreign'));
    });
    afterAll(() => server.close());

    it('we: init, backup and restore, judged over the server', async () => {
      const repository = `rest:${server.url}ours/`;
      await weBackUpAndRestore(repository);
      for (const judge of judges) await judgeRepository(judge, repository, env);
    });
  });
}

async function weBackUpAndRestore(repository: string): Promise<void> {
  await mustCyberbackup(['init', '-r', repository], { env });
  await makeKeyCheap(repository, testPassword);
  const summary = summaryOf(await mustCyberbackup(['backup', source, '-r', repository, '--json'], { env }));
  expect(summary.data_blobs).toBeGreaterThan(0);
  const again = summaryOf(await mustCyberbackup(['backup', source, '-r', repository, '--json', '--force'], { env }));
  expect(again.data_blobs).toBe(0);
  await mustCyberbackup(['check', '-r', repository, '--read-data'], { env });
  const target = workspace.folder('ours');
  await mustCyberbackup(['restore', 'latest', '-r', repository, '--target', target, '--verify'], { env });
  expect(await compareTrees(source, path.join(target, source))).toEqual([]);
}
