/** .ci/run: a run without the newest restic says so, whether its tests passed or failed. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../test/support/temporary-folder.ts';

const place = temporaryFolder('ci-run');
const project = path.join(place, 'project');
const notRun = /^ci: NOT RUN: comparisons with the newest restic/m;

beforeAll(() => {
  for (const folder of ['project/.ci', 'project/node_modules/node/bin', 'bin', 'peers']) mkdirSync(path.join(place, folder), { recursive: true });
  copyFileSync(fileURLToPath(new URL('../.ci/run', import.meta.url)), path.join(project, '.ci/run'));
  const script = (name: string, text: string): void => writeFileSync(path.join(place, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  script('bin/npm', 'exit "${NPM_STATUS:-0}"');
  script('project/node_modules/node/bin/node', 'exit 0');
  script('peers/restic', 'exit 0');
});

afterAll(() => rmSync(place, { recursive: true, force: true }));

function run(env: NodeJS.ProcessEnv): { readonly status: number | null; readonly stdout: string } {
  return spawnSync('bash', [path.join(project, '.ci/run')], { env: { PATH: `${path.join(place, 'bin')}:${process.env['PATH']}`, ...env }, encoding: 'utf8' });
}

it.skipIf(process.platform === 'win32').each<[string, NodeJS.ProcessEnv, number, boolean]>([
  ['without peers', {}, 0, true],
  ['without peers, where tests fail', { NPM_STATUS: '3' }, 3, true],
  ['with a folder of peers that is empty', { CYBERBACKUP_PEERS: project }, 0, true],
  ['with the newest restic', { CYBERBACKUP_PEERS: path.join(place, 'peers') }, 0, false],
])('%s, the check says what did not run, and ends as its tests do', (_, env, status, says) => {
  const outcome = run(env);
  expect([outcome.status, notRun.test(outcome.stdout)]).toEqual([status, says]);
});
