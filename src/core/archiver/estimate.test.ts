import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { loadAddon } from '../native/load-addon.ts';
import { FakeClock } from '../platform/fake-clock.ts';
import { Estimate } from './estimate.ts';
import { loadExcludes } from './excludes.ts';
import { prepareTargets } from './prepared-targets.ts';
import { Tally } from './tally.ts';

let root: string;

beforeEach(() => {
  root = temporaryFolder('estimate');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function estimateOf(prepare: (estimate: Estimate, tally: Tally) => void = () => undefined): Promise<Estimate> {
  const addon = loadAddon();
  const clock = new FakeClock();
  const tally = new Tally(undefined);
  const excludes = await loadExcludes({ patterns: ['*.tmp'], largerThan: 500, caches: true }, {}, 'posix');
  const { nodes } = await prepareTargets([Buffer.from(root)], { addon, tally, folder: '/', platform: 'posix' });
  const estimate = new Estimate({ addon, clock, excludes, tally, oneFileSystem: true });
  prepare(estimate, tally);
  const running = estimate.run(nodes);
  await clock.advance(5000);
  await running;
  return estimate;
}

it('counts what a backup would take', async () => {
  mkdirSync(path.join(root, 'a/b'), { recursive: true });
  mkdirSync(path.join(root, 'cache'));
  for (const [name, size] of [['one', 10], ['a/two', 20], ['a/b/three', 30], ['a/x.tmp', 5], ['a/large', 501], ['cache/x', 7]] as const) writeFileSync(path.join(root, name), Buffer.alloc(size));
  writeFileSync(path.join(root, 'cache/CACHEDIR.TAG'), 'Signature: 8a477f597d28d172789f06886806bc55');
  symlinkSync('one', path.join(root, 'link'));
  expect((await estimateOf()).totals()).toEqual({ files: 4, bytes: 60 + 43, known: true });
});

it('gives way to the walk, which knows better', async () => {
  writeFileSync(path.join(root, 'one'), 'x');
  const estimate = await estimateOf((_, tally) => {
    tally.filesSeen = 7;
    tally.bytesSeen = 70;
    tally.walkFinished = true;
  });
  expect(estimate.totals()).toEqual({ files: 7, bytes: 70, known: true });
});

it('counts nothing once it is ended', async () => {
  writeFileSync(path.join(root, 'one'), 'x');
  const estimate = await estimateOf((made) => made.end());
  expect(estimate.totals()).toEqual({ files: 0, bytes: 0, known: false });
});
