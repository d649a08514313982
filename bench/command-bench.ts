/** What benches of single commands share: their rows, their folder, and how they are run by themselves. */
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measure } from './measured-run.ts';
import { benchPassword } from './programs.ts';
import { commandLine, type CommandRow } from './report.ts';

export const MiB = 1 << 20;

export interface CommandBench {
  /** The project. */
  readonly root: string;
  /** An existing folder for data and repositories, best on a RAM disk. */
  readonly work: string;
  readonly restic: string;
  readonly runs: number;
  readonly scale: number;
}

export interface ComparedCommand {
  readonly key: string;
  readonly title: string;
  /** The same for both programs. */
  readonly args: readonly string[];
  /** Before them, for ours alone. */
  readonly onlyOurs?: readonly string[];
  /** A repository in a local folder. */
  readonly repository: string;
  /** Every run works on a fresh copy of it. */
  readonly changesIt?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the command with both programs in turns, each the first in every other run; wall time and peak memory of the same runs. Says the row, too. */
export async function compareCommand(bench: CommandBench, command: ComparedCommand): Promise<CommandRow> {
  const programs = { ours: path.join(bench.root, 'bin/cyberbackup'), theirs: bench.restic };
  const seconds = { ours: [] as number[], theirs: [] as number[] };
  const memory = { ours: [] as number[], theirs: [] as number[] };
  for (let run = 0; run < bench.runs; run += 1) {
    for (const side of run % 2 === 0 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const)) {
      const measured = await runOnce(bench, command, side === 'ours' ? [programs.ours, ...(command.onlyOurs ?? [])] : [programs.theirs]);
      seconds[side].push(measured.seconds);
      memory[side].push(measured.peakMemory ?? Number.NaN);
    }
  }
  const row: CommandRow = { key: command.key, title: command.title, ours: seconds.ours, theirs: seconds.theirs, ourMemory: memory.ours, theirMemory: memory.theirs };
  process.stderr.write(`${commandLine(row)}\n`);
  return row;
}

async function runOnce(bench: CommandBench, { args, repository, changesIt = false, env = {} }: ComparedCommand, program: readonly string[]): ReturnType<typeof measure> {
  const copy = path.join(bench.work, 'copy');
  const home = path.join(bench.work, 'home');
  if (changesIt) cpSync(repository, copy, { recursive: true, preserveTimestamps: true });
  try {
    return await measure([...program, ...args], { ...environmentOf(bench, changesIt ? copy : repository), ...env }, true);
  } finally {
    // What our side remembers of a copy is not to meet the next one. Both keep their caches, as people have them: restic that of
    // the repository, ours the compiled program.
    if (changesIt) for (const folder of [copy, ...rememberedIn(home)]) rmSync(folder, { recursive: true, force: true });
  }
}

/** All in the home of our side, but for the compiled program in its cache. */
function rememberedIn(home: string): string[] {
  const below = (folder: string, kept: string): string[] => (existsSync(folder) ? readdirSync(folder).filter((name) => name !== kept).map((name) => path.join(folder, name)) : []);
  return [...below(home, 'cache'), ...below(path.join(home, 'cache'), 'compiled')];
}

export function environmentOf({ work }: Pick<CommandBench, 'work'>, repository: string): Record<string, string> {
  return { RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: benchPassword, RESTIC_CACHE_DIR: path.join(work, 'restic-cache'), RESTIC_PROGRESS_FPS: '0.1', CYBERBACKUP_HOME: path.join(work, 'home') };
}

/** Runs `compare` as the command line says (`[--peers DIR] [--runs 5] [--scale 1]`) and prints a line a row. */
export async function runCommandBench(name: string, compare: (bench: CommandBench) => Promise<readonly CommandRow[]>): Promise<void> {
  const { values } = parseArgs({ options: { peers: { type: 'string', default: process.env['CYBERBACKUP_PEERS'] ?? '' }, runs: { type: 'string', default: '5' }, scale: { type: 'string', default: '1' } } });
  const ramDisk = process.platform === 'linux' && existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  const work = mkdtempSync(path.join(ramDisk, `cyberbackup-bench-${name}-`));
  try {
    const rows = await compare({ root: path.dirname(path.dirname(fileURLToPath(import.meta.url))), work, restic: path.resolve(values.peers, 'restic'), runs: Number(values.runs), scale: Number(values.scale) });
    for (const row of rows) process.stdout.write(`${commandLine(row)}\n`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
