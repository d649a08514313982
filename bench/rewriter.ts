/**
 * Rewriting and copying against restic's, in turns, on copies of one repository. Wall time of the command, and in a run of
 * its own the peak of its memory.
 *
 *     node bench/rewriter.ts [--peers DIR] [--runs 5] [--scale 1]
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { MiB, runCommandBench, type CommandBench, type CommandRow } from './command-bench.ts';
import { writeIncompressible, writeLog, writeSmallFiles } from './datasets.ts';
import { measure } from './measured-run.ts';
import { benchPassword } from './programs.ts';

const rounds = 10;

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
export async function compareRewriter(bench: CommandBench): Promise<CommandRow[]> {
  const places = makeRepositories(bench);
  const rows: CommandRow[] = [];
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

function environment({ work }: CommandBench, repository: string): Record<string, string> {
  return { RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: benchPassword, RESTIC_FROM_PASSWORD: benchPassword, RESTIC_CACHE_DIR: path.join(work, 'restic-cache'), RESTIC_PROGRESS_FPS: '0.1', CYBERBACKUP_HOME: path.join(work, 'home') };
}

async function onCopy(bench: CommandBench, repository: string, command: readonly string[], sampleMemory: boolean): Promise<Awaited<ReturnType<typeof measure>>> {
  const copy = path.join(bench.work, 'changed');
  cpSync(repository, copy, { recursive: true });
  try {
    return await measure(command, environment(bench, copy), sampleMemory);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** Ten snapshots of files of which a part changes each time, and a repository that cuts files alike. */
function makeRepositories(bench: CommandBench): Places {
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

if (process.argv[1] === fileURLToPath(import.meta.url)) await runCommandBench('rewriter', compareRewriter);
