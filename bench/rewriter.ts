/**
 * Rewriting and copying against restic's, in turns, on copies of one repository. Wall time of the command
 * and the peak of its memory.
 *
 *     node bench/rewriter.ts [--peers DIR] [--runs 5] [--scale 1]
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareCommand, environmentOf, MiB, runCommandBench, type CommandBench } from './command-bench.ts';
import type { CommandRow } from './report.ts';
import { writeIncompressible, writeLog, writeSmallFiles } from './datasets.ts';
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
    rows.push(await compareCommand(bench, { key, title, args: [...args(places), '--quiet'], repository: places[from], changesIt: true, env: { RESTIC_FROM_PASSWORD: benchPassword } }));
  }
  return rows;
}

/** Ten snapshots of files of which a part changes each time, and a repository that cuts files alike. */
function makeRepositories(bench: CommandBench): Places {
  const places = { filled: path.join(bench.work, 'filled'), empty: path.join(bench.work, 'empty') };
  const source = path.join(bench.work, 'rewrite-source');
  mkdirSync(source);
  const ours = (repository: string, ...args: string[]): void => void execFileSync(path.join(bench.root, 'bin/cyberbackup'), args, { env: { ...process.env, ...environmentOf(bench, repository), RESTIC_FROM_PASSWORD: benchPassword }, stdio: ['ignore', 'ignore', 'inherit'] });
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
