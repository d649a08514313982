/** A backup and a restore over a line that breaks again and again: both end well, and restic finds nothing wrong. */
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTestRepository } from '../../src/cli/testing/test-repository.ts';
import type { RunningServer } from '../../src/server/server.ts';
import { mustCyberbackup, testPassword } from '../support/cli.ts';
import { resticPrograms } from '../support/restic.ts';
import { compareTrees } from '../support/compare-trees.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import type { CuttingProxy } from '../support/cutting-proxy.ts';
import { dataSets } from '../support/data-sets.ts';
import { judgeRepository } from '../support/judge.ts';
import { serveFolder } from '../support/our-server.ts';
import { createWorkspace } from '../support/workspace.ts';

const workspace = createWorkspace('bad-line');
const { env } = workspace;
let server: RunningServer;
let proxy: CuttingProxy;

beforeAll(async () => {
  server = await serveFolder(workspace.folder('data'));
  proxy = await startCuttingProxy(server.port);
});
afterAll(async () => {
  await proxy.close();
  await server.close();
  workspace.remove();
});

it('breaks at any byte of requests and answers, and nothing is lost', async () => {
  const source = workspace.folder('source');
  dataSets['incompressible files']?.(source);
  const repository = `rest:http://127.0.0.1:${proxy.port}/r/`;
  await makeTestRepository(repository, testPassword);

  proxy.cuts = [600, 100, 5_000_000, 2_000_000, 9_000_000, 300, 1, 700_000, 1300];
  await mustCyberbackup(['backup', source, '-r', repository], { env });
  expect(proxy.cuts).toEqual([]);
  expect(proxy.reset()).toBeGreaterThanOrEqual(6);

  const before = proxy.reset();
  proxy.cuts = [400, 2000, 6_000_000, 3_000_000, 10, 8_000_000, 1_000_000];
  const target = workspace.folder('ours');
  await mustCyberbackup(['restore', 'latest', '-r', repository, '--target', target, '--verify'], { env });
  expect(proxy.cuts).toEqual([]);
  expect(proxy.reset() - before).toBeGreaterThanOrEqual(4);
  expect(await compareTrees(source, path.join(target, source))).toEqual([]);

  for (const judge of resticPrograms()) await judgeRepository(judge, repository, env);
});
