/**
 * Prune against restic's, in turns, on copies of one repository: whole packs only, and with everything unneeded taken out. Wall
 * time of the command, and in a run of its own the peak of its memory.
 *
 *     node bench/prune.ts [--peers DIR] [--runs 5] [--scale 1]
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bigRepository } from './big-repository.ts';
import { compareCommand, environmentOf, MiB, runCommandBench, type CommandBench } from './command-bench.ts';
import type { CommandRow } from './report.ts';
import { writeIncompressible, writeLog, writeSmallFiles } from './datasets.ts';
import { benchPassword } from './programs.ts';

const rounds = 12;
const keptEvery = 3;

const modes = [
  { key: 'prune-whole', title: 'prune of whole packs', limit: 'unlimited' },
  { key: 'prune-repack', title: 'prune that leaves nothing unneeded', limit: '0' },
] as const;

/** A row for each way to prune, and one for a repository with a million files. */
export async function comparePrune(bench: CommandBench): Promise<CommandRow[]> {
  const repository = makeRepository(bench);
  const rows: CommandRow[] = [];
  for (const { key, title, limit } of modes) rows.push(await compareCommand(bench, { key, title, args: ['prune', '--quiet', '--max-unused', limit], repository, changesIt: true }));
  const big = await bigRepository(bench);
  const thinned = path.join(bench.work, 'thinned');
  cpSync(big.folder, thinned, { recursive: true });
  for (const [i, { id }] of big.snapshots.entries()) if (i % keptEvery !== 0) rmSync(path.join(thinned, 'snapshots', id));
  rows.push(await compareCommand(bench, { key: 'prune-big', title: `prune of ${big.title}`, args: ['prune', '--quiet'], repository: thinned, changesIt: true }));
  rmSync(thinned, { recursive: true });
  return rows;
}

/** Twelve snapshots of files of which a part changes each time; four of them are kept. */
function makeRepository(bench: CommandBench): string {
  const repository = path.join(bench.work, 'pruned');
  const source = path.join(bench.work, 'prune-source');
  mkdirSync(source);
  const ours = (...args: string[]): void => void execFileSync(path.join(bench.root, 'bin/cyberbackup'), args, { env: { ...process.env, ...environmentOf(bench, repository), CYBERBACKUP_PASSWORD: benchPassword }, stdio: ['ignore', 'ignore', 'inherit'] });
  ours('init', '--quiet');
  for (let round = 0; round < rounds; round += 1) {
    for (let file = 0; file < 4; file += 1) writeIncompressible(path.join(source, `data-${(round * 3 + file) % 24}.bin`), Math.ceil(8 * bench.scale) * MiB, `prune ${round} ${file}`);
    writeLog(path.join(source, `log-${round % 4}.log`), Math.ceil(16 * bench.scale) * MiB, round + 1);
    writeSmallFiles(path.join(source, `small-${round % 5}`), Math.round(3000 * bench.scale), round);
    ours('backup', '--quiet', source);
  }
  rmSync(source, { recursive: true });
  const snapshots = path.join(repository, 'snapshots');
  for (const [i, name] of readdirSync(snapshots).sort().entries()) if (i % keptEvery !== 0) rmSync(path.join(snapshots, name));
  return repository;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runCommandBench('prune', comparePrune);
