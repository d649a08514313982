/** What benches of single commands share: their rows, their folder, and how they are run by themselves. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, ratio, type Row } from './report.ts';

export const MiB = 1 << 20;

export interface CommandRow extends Row {
  /** Peak memory in bytes, one entry a run. */
  readonly ourMemory: readonly number[];
  readonly theirMemory: readonly number[];
}

export interface CommandBench {
  /** The project. */
  readonly root: string;
  /** An existing folder for data and repositories, best on a RAM disk. */
  readonly work: string;
  readonly restic: string;
  readonly runs: number;
  readonly scale: number;
}

/** Runs `compare` as the command line says (`[--peers DIR] [--runs 5] [--scale 1]`) and prints a line a row. */
export async function runCommandBench(name: string, compare: (bench: CommandBench) => Promise<readonly CommandRow[]>): Promise<void> {
  const { values } = parseArgs({ options: { peers: { type: 'string', default: process.env['CYBERBACKUP_PEERS'] ?? '' }, runs: { type: 'string', default: '5' }, scale: { type: 'string', default: '1' } } });
  const ramDisk = process.platform === 'linux' && existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir();
  const work = mkdtempSync(path.join(ramDisk, `cyberbackup-bench-${name}-`));
  try {
    const rows = await compare({ root: path.dirname(path.dirname(fileURLToPath(import.meta.url))), work, restic: path.resolve(values.peers, 'restic'), runs: Number(values.runs), scale: Number(values.scale) });
    for (const row of rows) {
      const memory = (bytes: readonly number[]): string => `${Math.round(median(bytes) / MiB)} MiB`;
      process.stdout.write(`${row.title}: ${median(row.ours).toFixed(2)} s, restic ${median(row.theirs).toFixed(2)} s, ratio ${ratio(row)?.toFixed(2) ?? '–'}; memory ${memory(row.ourMemory)}, restic ${memory(row.theirMemory)}\n`);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
