/**
 * `forget` of what a policy does not keep, against the newest restic, in turns, each run on a fresh copy: a repository of three
 * computers with thousands of snapshots.
 *
 *     node bench/forget.ts [--peers DIR] [--runs 5] [--scale 1]
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadAddon } from '../src/core/native/load-addon.ts';
import { systemClock } from '../src/core/platform/clock.ts';
import { openRepository } from '../src/core/repository/repository.ts';
import { saveSnapshot } from '../src/core/repository/snapshots.ts';
import { openStore } from '../src/core/storage/open-store.ts';
import { compareCommand, runCommandBench, type CommandBench } from './command-bench.ts';
import type { CommandRow } from './report.ts';
import { benchPassword } from './programs.ts';

const policy = ['--keep-last', '10', '--keep-hourly', '24', '--keep-daily', '30', '--keep-weekly', '26', '--keep-monthly', '24', '--keep-within', '7d'];
const sizes = [2000, 20_000] as const;

/** A row for each number of snapshots. */
export async function compareForget(bench: CommandBench): Promise<CommandRow[]> {
  const rows: CommandRow[] = [];
  for (const size of sizes) {
    const count = Math.max(100, Math.round(size * bench.scale));
    const repository = path.join(bench.work, `forget-${size}`);
    execFileSync(path.join(bench.root, 'bin/cyberbackup'), ['init', '--quiet', '--repo', repository], { env: { ...process.env, CYBERBACKUP_PASSWORD: benchPassword, CYBERBACKUP_HOME: path.join(bench.work, 'home') } });
    await fill(repository, count);
    rows.push(await compareCommand(bench, { key: `forget-${size}`, title: `forget by rules, ${count.toLocaleString('en')} snapshots`, args: ['forget', '--quiet', ...policy], repository, changesIt: true }));
  }
  return rows;
}

/** Snapshots of three hosts, an hour apart, and nothing else: forget looks at no tree. */
async function fill(folder: string, count: number): Promise<void> {
  const addon = loadAddon();
  const store = openStore(folder, { addon, clock: systemClock });
  const repository = await openRepository({ store, addon, clock: systemClock }, { password: Buffer.from(benchPassword) });
  const parents = new Map<string, string>();
  const now = Date.now();
  for (let at = count; at > 0; at--) {
    const hostname = `host-${at % 3}`;
    const parent = parents.get(hostname);
    const time = new Date(now - at * 3_600_000).toISOString();
    const summary = { backup_start: time, backup_end: time, files_new: 12, files_changed: 34, files_unmodified: 123_456, dirs_new: 1, dirs_changed: 60, dirs_unmodified: 4567, data_blobs: 50, tree_blobs: 61, data_added: 12_345_678, data_added_packed: 4_567_890, total_files_processed: 123_502, total_bytes_processed: 98_765_432_100 };
    parents.set(hostname, await saveSnapshot(repository, { time, ...(parent === undefined ? {} : { parent }), tree: at.toString(16).padStart(64, '0'), paths: ['/etc', '/home', '/srv'], hostname, username: 'root', tags: ['nightly'], program_version: 'restic 0.19.1', summary }));
  }
  await repository.close();
  await store.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runCommandBench('forget', compareForget);
