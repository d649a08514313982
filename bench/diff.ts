/**
 * `diff` against the newest restic, in turns: of two snapshots that follow each other, and of two that are far apart, in a
 * repository with a million files.
 *
 *     node bench/diff.ts [--peers DIR] [--runs 5] [--scale 1]
 */
import { fileURLToPath } from 'node:url';
import { bigRepository } from './big-repository.ts';
import { compareCommand, runCommandBench, type CommandBench } from './command-bench.ts';
import type { CommandRow } from './report.ts';

const pairs = [
  { key: 'diff-day', title: 'diff of two days', apart: 1 },
  { key: 'diff-weeks', title: 'diff over fifty days', apart: 50 },
] as const;

/** A row for each pair. */
export async function compareDiff(bench: CommandBench): Promise<CommandRow[]> {
  const { folder, snapshots, title: what } = await bigRepository(bench);
  const rows: CommandRow[] = [];
  for (const { key, title, apart } of pairs) {
    const ids = [snapshots.at(-1 - apart), snapshots.at(-1)].map((stored) => stored?.id ?? '');
    rows.push(await compareCommand(bench, { key, title: `${title}, ${what}`, args: ['diff', ...ids], repository: folder }));
  }
  return rows;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runCommandBench('diff', compareDiff);
