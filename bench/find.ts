/**
 * `find` against restic's, in turns, on one repository: in the newest snapshot, in all, with many matches, and with a catalogue.
 * Wall time of the command and the peak of its memory.
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
import { bigRepository } from './big-repository.ts';
import { compareCommand, runCommandBench, type CommandBench } from './command-bench.ts';
import { measure } from './measured-run.ts';
import { benchPassword } from './programs.ts';
import type { CommandRow } from './report.ts';

const files = 20_000;
const snapshots = 20;

const searches = [
  { key: 'find-latest', title: 'find in the newest snapshot', args: ['-s', 'latest', 'report-invoice-1*'], catalogue: false },
  { key: 'find-all', title: 'find in all snapshots', args: ['report-invoice-1*'], catalogue: false },
  { key: 'find-many', title: 'find in all snapshots, many matches, JSON', args: ['--json', '*-budget-*'], catalogue: false },
  { key: 'find-catalogue', title: 'find in all snapshots, ours with its catalogue', args: ['report-invoice-1*'], catalogue: true },
] as const;

/** A row for each search, and one for a repository with a million files. */
export async function compareFind(bench: CommandBench): Promise<CommandRow[]> {
  const repository = path.join(bench.work, 'searched');
  await prepare(bench, repository, path.join(bench.work, 'home/cache'));
  const rows: CommandRow[] = [];
  for (const { key, title, args, catalogue } of searches) {
    rows.push(await compareCommand(bench, { key, title, args: ['find', ...args], repository, ...(catalogue ? {} : { onlyOurs: ['--no-cache'] }) }));
  }
  rmSync(repository, { recursive: true });
  const big = await bigRepository(bench);
  rows.push(await compareCommand(bench, { key: 'find-big', title: `find in the newest of ${big.title}`, args: ['find', '-s', 'latest', 'report-invoice-12*'], repository: big.folder }));
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
