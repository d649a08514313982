/**
 * Rewriting and copying against restic's, in turns, on copies of one repository. Wall time of the command, and in a run of
 * its own the peak of its memory.
 *
 *     node bench/rewriter.ts [--peers DIR] [--runs 5] [--scale 1]
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeIncompressible, writeLog, writeSmallFiles } from './datasets.ts';
import { measure } from './measured-run.ts';
import { benchPassword } from './programs.ts';
import { median, ratio, type Row } from './report.ts';

const MiB = 1 << 20;
const rounds = 10;

export interface RewriterRow extends Row {
  /** Peak memory in bytes, one entry a run. */
  readonly ourMemory: readonly number[];
  readonly theirMemory: readonly number[];
}

export interface RewriterBench {
  /** The project. */
  readonly root: string;
  /** An existing folder for data and repositories, best on a RAM disk. */
  readonly work: string;
  readonly restic: string;
  readonly runs: number;
  readonly scale: number;
}

interface Places {
  readonly filled: string;
  readonly empty: string;
}

/** `from`: what the command changes a copy of. */
const commands: readonly { readonly key: string; readonly title: string; readonly from: keyof Places; readonly args: (places: Places) => readonly string[] }[] = [
  { key: 'rewrite', title: 'rewrite of all snapshots', from: 'filled', args: () => ['rewrite', '--exclude', '*7.txt', '--forget'] },
  { key: 'copy', title: 'copy of all snapshots', from: 'empty', args: ({ filled }) => ['copy', '--from-repo', filled] },
];

/** A row for each command. */
export async function compareRewriter(bench: RewriterBench): Promise<RewriterRow[]> {
  const places = makeRepositories(bench);
  const rows: RewriterRow[] = [];
  for (const { key, title, from, args } of commands) {
    const programs = { ours: path.join(bench.root, 'bin/cyberbackup'), theirs: bench.restic };
    const seconds = { ours: [] as number[], theirs: [] as number[] };
    const memory = { ours: [] as number[], theirs: [] as number[] };
    for (let run = 0; run < bench.runs; run += 1) {
      for (const side of run % 2 === 0 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const)) {
        const command = [programs[side], ...args(places), '--quiet'];
        seconds[side].push((await onCopy(bench, places[from], command, false)).seconds);
        memory[side].push((await onCopy(bench, places[from], command, true)).peakMemory ?? Number.NaN);
      }
    }
    rows.push({ key, title, ours: seconds.ours, theirs: seconds.theirs, ourMemory: memory.ours, theirMemory: memory.theirs });
  }
  return rows;
}

function environment({ work }: RewriterBench, repository: string): Record<string, string> {
  return { RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: benchPassword, RESTIC_FROM_PASSWORD: benchPassword, RESTIC_CACHE_DIR: path.join(work, 'restic-cache'), RESTIC_PROGRESS_FPS: '0.1', CYBERBACKUP_HOME: path.join(work, 'home') };
}

async function onCopy(bench: RewriterBench, repository: string, command: readonly string[], sampleMemory: boolean): Promise<Awaited<ReturnType<typeof measure>>> {
  const copy = path.join(bench.work, 'changed');
  cpSync(repository, copy, { recursive: true });
  try {
    return await measure(command, environment(bench, copy), sampleMemory);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** Ten snapshots of files of which a part changes each time, and a repository that cuts files alike. */
function makeRepositories(bench: RewriterBench): Places {
  const places = { filled: path.join(bench.work, 'filled'), empty: path.join(bench.work, 'empty') };
  const source = path.join(bench.work, 'source');
  mkdirSync(source);
  const ours = (repository: string, ...args: string[]): void => void execFileSync(path.join(bench.root, 'bin/cyberbackup'), args, { env: { ...process.env, ...environment(bench, repository) }, stdio: ['ignore', 'ignore', 'inherit'] });
  ours(places.filled, 'init', '--quiet');
  ours(places.empty, 'init', '--quiet', '--copy-chunker-params', '--from-repo', places.filled);
  for (let round = 0; round < rounds; round += 1) {
    writeIncompressible(path.join(source, `data-${round}.bin`), Math.ceil(24 * bench.scale) * MiB, `rewriter ${round}`);
    writeLog(path.join(source, `log-${round % 4}.log`), Math.ceil(16 * bench.scale) * MiB, round + 1);
    writeSmallFiles(path.join(source, `small-${round % 5}`), Math.round(3000 * bench.scale), round);
    ours(places.filled, 'backup', '--quiet', source);
  }
  rmSync(source, { recursive: true });
  return places;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { peers: { type: 'string', default: process.env['CYBERBACKUP_PEERS'] ?? '' }, runs: { type: 'string', default: '5' }, scale: { type: 'string', default: '1' } } });
  const ramDisk = process.platform === 'linux' && existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  const work = mkdtempSync(path.join(ramDisk, 'cyberbackup-bench-rewriter-'));
  try {
    const rows = await compareRewriter({ root: path.dirname(path.dirname(fileURLToPath(import.meta.url))), work, restic: path.resolve(values.peers, 'restic'), runs: Number(values.runs), scale: Number(values.scale) });
    for (const row of rows) {
      const memory = (bytes: readonly number[]): string => `${Math.round(median(bytes) / MiB)} MiB`;
      process.stdout.write(`${row.title}: ${median(row.ours).toFixed(2)} s, restic ${median(row.theirs).toFixed(2)} s, ratio ${ratio(row)?.toFixed(2) ?? '–'}; memory ${memory(row.ourMemory)}, restic ${memory(row.theirMemory)}\n`);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
