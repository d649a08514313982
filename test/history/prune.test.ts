/**
 * Pruning, compared with the newest restic on copies of the same history from which snapshots were forgotten: the same
 * figures, afterwards the same blobs, no more unused than the limit, and every byte checks.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { withLock } from '../../src/core/repository/with-lock.ts';
import { outcomeOf, type PruneOptions, type PruneReport } from '../../src/core/pruner/options.ts';
import { prune } from '../../src/core/pruner/prune.ts';
import { hasNewestRestic, newestRestic, restic } from '../support/restic.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { copyOfRepository, historyPassword, makeHistory, openHistory, removeHistory, type HistoryOptions } from './make-history.ts';
import { Random } from './random.ts';

const root = temporaryFolder('prune');
afterAll(() => removeHistory(root));
/** Milliseconds, on a machine that is busy with other work. */
const patience = 600_000;
let count = 0;

function newPlace(): string {
  return path.join(root, `place-${++count}`);
}

function ask(repository: string, ...args: string[]): string {
  return restic(newestRestic(), repository, args, { password: historyPassword });
}

/** A history's repository without about `share` of its snapshots. */
async function forgetful(options: HistoryOptions, share: number): Promise<string> {
  const folder = newPlace();
  mkdirSync(folder);
  const { repository } = await makeHistory(folder, options);
  const random = new Random(options.seed);
  const snapshots = path.join(repository, 'snapshots');
  for (const name of readdirSync(snapshots).sort()) if (random.chance(share)) rmSync(path.join(snapshots, name));
  return repository;
}

async function pruned(repositoryPath: string, options: PruneOptions): Promise<PruneReport> {
  const { repository, close } = await openHistory(repositoryPath);
  try {
    return await withLock(repository, { exclusive: true, hostname: 'test', onKept: (error) => expect.fail(String(error)) }, (lock) => prune(repository, options, { locked: lock.confirmed, signal: lock.signal }));
  } finally {
    await close();
  }
}

/** Blobs and packs in restic's words. */
function figuresOf(output: string): Record<string, number> {
  const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0);
  return {
    used: number(/^used:\s+(\d+) blobs/m),
    duplicates: number(/^duplicates:\s+(\d+) blobs/m),
    unused: number(/^unused:\s+(\d+) blobs/m),
    repack: number(/^to repack:\s+(\d+) blobs/m),
    repackRemoves: number(/^this removes:\s+(\d+) blobs/m),
    remove: number(/^to delete:\s+(\d+) blobs/m),
    remaining: number(/^remaining:\s+(\d+) blobs/m),
    packsUsed: number(/^totally used packs:\s+(\d+)/m),
    packsPartly: number(/^partly used packs:\s+(\d+)/m),
    packsUnused: number(/^unused packs:\s+(\d+)/m),
    keep: number(/^to keep:\s+(\d+) packs/m),
    repackPacks: number(/^to repack:\s+(\d+) packs/m),
    removePacks: number(/^to delete:\s+(\d+) packs/m),
  };
}

function ownFigures({ figures }: PruneReport): Record<string, number> {
  const { packs } = figures;
  return {
    used: figures.used.blobs,
    duplicates: figures.duplicates.blobs,
    unused: figures.unused.blobs,
    repack: figures.repack.blobs,
    repackRemoves: figures.repackRemoves.blobs,
    remove: figures.remove.blobs,
    remaining: outcomeOf(figures).remaining.blobs,
    packsUsed: packs.used,
    packsPartly: packs.partlyUsed,
    packsUnused: packs.unused,
    keep: packs.keep,
    repackPacks: packs.repack,
    removePacks: packs.remove + figures.unreferenced.packs,
  };
}

function blobsOf(repository: string): string[] {
  return [...new Set(ask(repository, 'list', 'blobs').trim().split('\n'))].sort();
}

const cases: readonly (readonly [string, readonly string[], PruneOptions])[] = [
  ['as usual', [], {}],
  ['without a rest', ['--max-unused', '0'], { maxUnused: { bytes: 0 } }],
  ['of whole packs', ['--max-unused', 'unlimited'], { maxUnused: 'unlimited' }],
  ['up to a fifth', ['--max-unused', '20%'], { maxUnused: { percent: 20 } }],
  ['of folders only', ['--max-unused', '0', '--repack-cacheable-only'], { maxUnused: { bytes: 0 }, repackCacheableOnly: true }],
  ['of small packs', ['--repack-smaller-than', '1M'], { repackSmallerThan: 1024 * 1024 }],
];

describe.skipIf(!hasNewestRestic).each([
  { seed: 3, version: 2, snapshots: 50, share: 0.6 },
  { seed: 4, version: 1, snapshots: 16, share: 0.5 },
] as const)('a history of $snapshots snapshots in version $version', ({ share, ...options }) => {
  let repository = '';

  it('plans what restic plans', async () => {
    repository = await forgetful(options, share);
    for (const [name, args, own] of options.version === 2 ? cases : cases.slice(0, 1)) {
      const report = await pruned(repository, { ...own, dryRun: true });
      expect([name, ownFigures(report)]).toEqual([name, figuresOf(ask(repository, 'prune', '--dry-run', '-v', '-v', ...args))]);
    }
    // Among packs that are as good as each other restic's choice is by chance, so only the limit can be compared.
    const free = (await pruned(repository, { maxUnused: { bytes: 0 }, dryRun: true })).figures.repack.bytes;
    const limited = (await pruned(repository, { maxUnused: { bytes: 0 }, maxRepackSize: free / 2, dryRun: true })).figures.repack.bytes;
    expect(limited).toBeGreaterThan(0);
    expect(limited).toBeLessThan(free / 2);
  }, patience);

  it('is left with what restic leaves, and clean', async () => {
    for (const [name, args, own] of cases.slice(0, 2)) {
      const ours = copyOfRepository(repository, newPlace());
      const theirs = copyOfRepository(repository, newPlace());
      const report = await pruned(ours, own);
      expect(report.packsLeft).toEqual([]);
      ask(theirs, 'prune', ...args);
      expect(ask(ours, 'check', '--read-data')).toContain('no errors were found');
      expect(readdirSync(path.join(ours, 'snapshots')).sort()).toEqual(readdirSync(path.join(theirs, 'snapshots')).sort());
      const { unusedAfter, remaining } = outcomeOf(report.figures);
      const again = figuresOf(ask(ours, 'prune', '--dry-run', '-v', '-v', '--max-unused', 'unlimited'));
      expect([name, again]).toMatchObject([name, { used: report.figures.used.blobs, duplicates: 0, removePacks: 0 }]);
      if (name === 'without a rest') {
        expect(unusedAfter).toBe(0);
        expect(blobsOf(ours)).toEqual(blobsOf(theirs));
        // Nothing is left to do.
        expect(await pruned(ours, own)).toMatchObject({ packsWritten: 0, packsRemoved: 0, indexesWritten: 0 });
      } else {
        expect(unusedAfter / remaining.bytes).toBeLessThan(0.05);
      }
    }
  }, patience);
});
