/**
 * `find` of CyberBackup and of the newest restic, in turns, on a repository made for it.
 *
 *   node bench/find.ts --peers DIR [--files 200000] [--snapshots 20] [--runs 3] [--folder DIR]
 *
 * Neither side has searched the repository before its first run; ours has no catalogue in any.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadAddon } from '../src/core/native/load-addon.ts';
import { systemClock } from '../src/core/platform/clock.ts';
import { createRepository } from '../src/core/repository/repository.ts';
import { openStore } from '../src/core/storage/open-store.ts';
import { makeBigHistory } from './big-history.ts';
import { measure, type Measure } from './measured-run.ts';
import { benchPassword } from './programs.ts';
import { median } from './report.ts';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: process.env['CYBERBACKUP_PEERS'] ?? '' },
    files: { type: 'string', default: '200000' },
    snapshots: { type: 'string', default: '20' },
    runs: { type: 'string', default: '3' },
    folder: { type: 'string', default: '' },
  },
});
const place = values.folder === '' ? mkdtempSync(path.join(os.tmpdir(), 'cyberbackup-find-')) : path.resolve(values.folder);
const url = path.join(place, 'repository');

if (!existsSync(path.join(url, 'config'))) {
  const addon = loadAddon();
  const store = openStore(url, { addon, clock: systemClock });
  const made = await createRepository({ store, addon, clock: systemClock }, { password: Buffer.from(benchPassword), hostname: 'bench', username: 'bench' });
  await makeBigHistory(made, { files: Number(values.files), snapshots: Number(values.snapshots) });
  await made.close();
  await store.close();
}

const sides = { cyberbackup: path.join(root, 'bin/cyberbackup'), restic: path.join(values.peers, 'restic') } as const;
const env = { RESTIC_REPOSITORY: url, RESTIC_PASSWORD: benchPassword, RESTIC_CACHE_DIR: path.join(place, 'restic-cache'), CYBERBACKUP_HOME: path.join(place, 'home') };
const searches: readonly (readonly [string, readonly string[]])[] = [
  ['the latest snapshot, few matches', ['-s', 'latest', 'report-invoice-12*']],
  ['all snapshots, few matches', ['report-invoice-12*']],
  ['all snapshots, JSON, many matches', ['--json', '*-budget-*']],
];
for (const [title, args] of searches) {
  const found: Record<keyof typeof sides, Measure[]> = { cyberbackup: [], restic: [] };
  for (let run = 0; run < Number(values.runs); run += 1) {
    for (const name of ['cyberbackup', 'restic'] as const) found[name].push(await measure([sides[name], 'find', ...args], env, true));
  }
  const seconds = (name: keyof typeof sides): number => median(found[name].map((one) => one.seconds));
  const mebibytes = (name: keyof typeof sides): number => Math.max(...found[name].map((one) => one.peakMemory ?? 0)) / (1 << 20);
  process.stdout.write(
    `${title}: ${seconds('cyberbackup').toFixed(2)} s and ${seconds('restic').toFixed(2)} s, ratio ${(seconds('cyberbackup') / seconds('restic')).toFixed(2)}; memory ${mebibytes('cyberbackup').toFixed(0)} and ${mebibytes('restic').toFixed(0)} MiB, ratio ${(mebibytes('cyberbackup') / mebibytes('restic')).toFixed(2)}\n`,
  );
}
if (values.folder === '') rmSync(place, { recursive: true });
