/**
 * `forget` of a repository with thousands of snapshots, against restic: time and peak memory of removing what a policy does
 * not keep, in turns, each run on a fresh copy in a local folder.
 *
 *   node bench/forget.ts --peers DIR [--snapshots 2000] [--runs 5]
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { loadAddon } from '../src/core/native/load-addon.ts';
import { systemClock } from '../src/core/platform/clock.ts';
import { openRepository } from '../src/core/repository/repository.ts';
import { saveSnapshot } from '../src/core/repository/snapshots.ts';
import { openStore } from '../src/core/storage/open-store.ts';
import { measure, type Measure } from './measured-run.ts';
import { benchPassword } from './programs.ts';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const policy = ['--keep-last', '10', '--keep-hourly', '24', '--keep-daily', '30', '--keep-weekly', '26', '--keep-monthly', '24', '--keep-within', '7d'];

export interface ForgetComparison {
  readonly snapshots: number;
  readonly removed: number;
  readonly ours: readonly Measure[];
  readonly theirs: readonly Measure[];
}

/** A repository with snapshots of three hosts, an hour apart, and nothing else: forget looks at no tree. */
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

/** In turns; restic keeps its cache between runs, as people have it. */
export async function compareForget(work: string, restic: string, options: { readonly snapshots: number; readonly runs: number }): Promise<ForgetComparison> {
  const template = path.join(work, 'forget-template');
  execFileSync(path.join(root, 'bin/cyberbackup'), ['init', '--quiet', '--repo', template], { env: { ...process.env, CYBERBACKUP_PASSWORD: benchPassword, CYBERBACKUP_HOME: path.join(work, 'home') } });
  await fill(template, options.snapshots);
  const [ours, theirs]: [Measure[], Measure[]] = [[], []];
  let removed = 0;
  const once = async (command: readonly string[], run: number): Promise<Measure> => {
    const copy = path.join(work, 'forget-copy');
    cpSync(template, copy, { recursive: true, preserveTimestamps: true });
    const home = path.join(work, `home-${run}`);
    // The first run of each side fills its cache.
    const env = { RESTIC_REPOSITORY: copy, RESTIC_PASSWORD: benchPassword, RESTIC_CACHE_DIR: path.join(work, 'restic-cache'), CYBERBACKUP_HOME: home };
    try {
      const measured = await measure([...command, 'forget', '--quiet', ...policy], env, true);
      removed = options.snapshots - readdirSync(path.join(copy, 'snapshots')).length;
      return measured;
    } finally {
      rmSync(copy, { recursive: true });
      rmSync(home, { recursive: true, force: true });
    }
  };
  for (let run = -1; run < options.runs; run++) {
    const pair = [await once([path.join(root, 'bin/cyberbackup')], run), await once([restic], run)] as const;
    if (run < 0) continue;
    ours.push(pair[0]);
    theirs.push(pair[1]);
  }
  return { snapshots: options.snapshots, removed, ours, theirs };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({ options: { peers: { type: 'string', default: process.env['CYBERBACKUP_PEERS'] ?? '' }, snapshots: { type: 'string', default: '2000' }, runs: { type: 'string', default: '5' } } });
  const work = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'cyberbackup-forget-'));
  try {
    const result = await compareForget(work, path.join(values.peers, 'restic'), { snapshots: Number(values.snapshots), runs: Number(values.runs) });
    const show = (name: string, list: readonly Measure[]): string => `${name}: ${median(list.map(({ seconds }) => seconds)).toFixed(2)} s, ${(median(list.map(({ peakMemory }) => peakMemory ?? 0)) / 2 ** 20).toFixed(0)} MiB`;
    process.stdout.write(`${result.removed} of ${result.snapshots} snapshots forgotten\n${show('cyberbackup', result.ours)}\n${show('restic', result.theirs)}\n`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
