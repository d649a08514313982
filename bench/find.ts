/**
 * `find` against restic's, in turns, on one repository: in the newest snapshot, in all, with many matches, and with a catalogue.
 * Wall time of the command, and in a run of its own the peak of its memory.
 *
 *     node bench/find.ts [--peers DIR] [--runs 5] [--scale 1]
 *
 * Scale 1 is 20,000 files in 20 snapshots. Both sides have the repository on their own disk; restic has filled its cache before.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCatalogue } from '../src/core/catalogue/open-catalogue.ts';
import { updateCatalogue } from '../src/core/catalogue/update-catalogue.ts';
import { loadAddon } from '../src/core/native/load-addon.ts';
import { systemClock } from '../src/core/platform/clock.ts';
import { silentLogger } from '../src/core/platform/logger.ts';
import { createRepository } from '../src/core/repository/repository.ts';
import { listSnapshots } from '../src/core/repository/snapshots.ts';
import { openStore } from '../src/core/storage/open-store.ts';
import { makeBigHistory } from './big-history.ts';
import { runCommandBench, type CommandBench, type CommandRow } from './command-bench.ts';
import { measure } from './measured-run.ts';
import { benchPassword } from './programs.ts';

const files = 20_000;
const snapshots = 20;

const searches = [
  { key: 'find-latest', title: 'find in the newest snapshot', args: ['-s', 'latest', 'report-invoice-1*'], catalogue: false },
  { key: 'find-all', title: 'find in all snapshots', args: ['report-invoice-1*'], catalogue: false },
  { key: 'find-many', title: 'find in all snapshots, many matches, JSON', args: ['--json', '*-budget-*'], catalogue: false },
  { key: 'find-catalogue', title: 'find in all snapshots, ours with its catalogue', args: ['report-invoice-1*'], catalogue: true },
] as const;

/** A row for each search. */
export async function compareFind(bench: CommandBench): Promise<CommandRow[]> {
  const repository = path.join(bench.work, 'repository');
  const home = path.join(bench.work, 'home');
  await prepare(bench, repository, path.join(home, 'cache'));
  const environment = { RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: benchPassword, RESTIC_CACHE_DIR: path.join(bench.work, 'restic-cache'), CYBERBACKUP_HOME: home };
  const rows: CommandRow[] = [];
  for (const { key, title, args, catalogue } of searches) {
    const programs = {
      ours: [path.join(bench.root, 'bin/cyberbackup'), ...(catalogue ? [] : ['--no-cache']), 'find', ...args],
      theirs: [bench.restic, 'find', ...args],
    };
    const seconds = { ours: [] as number[], theirs: [] as number[] };
    const memory = { ours: [] as number[], theirs: [] as number[] };
    for (let run = 0; run < bench.runs; run += 1) {
      for (const side of run % 2 === 0 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const)) {
        seconds[side].push((await measure(programs[side], environment)).seconds);
        // Once: it does not vary, and restic takes long.
        if (run === 0) memory[side].push((await measure(programs[side], environment, true)).peakMemory ?? Number.NaN);
      }
    }
    rows.push({ key, title, ours: seconds.ours, theirs: seconds.theirs, ourMemory: memory.ours, theirMemory: memory.theirs });
  }
  rmSync(repository, { recursive: true });
  return rows;
}

async function prepare(bench: CommandBench, url: string, cacheFolder: string): Promise<void> {
  const addon = loadAddon();
  const store = openStore(url, { addon, clock: systemClock });
  const repository = await createRepository({ store, addon, clock: systemClock }, { password: Buffer.from(benchPassword), hostname: 'bench', username: 'bench' });
  await makeBigHistory(repository, { files: Math.round(files * bench.scale), snapshots });
  await repository.loadIndex();
  const catalogue = openCatalogue(cacheFolder, repository.config.id, silentLogger);
  await updateCatalogue(catalogue, repository, await listSnapshots(repository));
  catalogue.close();
  await repository.close();
  await store.close();
  await measure([bench.restic, 'find', '-s', 'latest', 'nothing'], { RESTIC_REPOSITORY: url, RESTIC_PASSWORD: benchPassword, RESTIC_CACHE_DIR: path.join(bench.work, 'restic-cache') });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runCommandBench('find', compareFind);
