/**
 * What the catalogue costs and how fast it answers, at one million files in a hundred snapshots.
 *
 *   node bench/catalogue.ts [--files 1000000] [--snapshots 100] [--folder DIR]
 *
 * The repository is made in the folder, or used again if it is there; times are of the processor and of the clock.
 */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { NodeFilter } from '../src/core/catalogue/node-filter.ts';
import { openCatalogue } from '../src/core/catalogue/open-catalogue.ts';
import { searchCatalogue, substringPattern } from '../src/core/catalogue/search-catalogue.ts';
import { updateCatalogue } from '../src/core/catalogue/update-catalogue.ts';
import { loadAddon } from '../src/core/native/load-addon.ts';
import { systemClock } from '../src/core/platform/clock.ts';
import { silentLogger } from '../src/core/platform/logger.ts';
import { createRepository, openRepository } from '../src/core/repository/repository.ts';
import { listSnapshots } from '../src/core/repository/snapshots.ts';
import { openStore } from '../src/core/storage/open-store.ts';
import { makeBigHistory } from './big-history.ts';
import { benchPassword } from './programs.ts';

const { values } = parseArgs({ options: { files: { type: 'string', default: '1000000' }, snapshots: { type: 'string', default: '100' }, folder: { type: 'string', default: '' } } });
const place = values.folder === '' ? mkdtempSync(path.join(os.tmpdir(), 'cyberbackup-catalogue-')) : path.resolve(values.folder);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1000);
};

const addon = loadAddon();
const url = path.join(place, 'repository');
const store = openStore(url, { addon, clock: systemClock });
const ports = { store, addon, clock: systemClock };
const password = (): Buffer => Buffer.from(benchPassword);
if (!existsSync(path.join(url, 'config'))) {
  const made = await createRepository(ports, { password: password(), kdf: { N: 1024, r: 8, p: 1 }, hostname: 'bench', username: 'bench' });
  await makeBigHistory(made, { files: Number(values.files), snapshots: Number(values.snapshots) });
  await made.close();
}
const repository = await openRepository(ports, { password: password() });
await repository.loadIndex();
const snapshots = await listSnapshots(repository);
const catalogue = openCatalogue(path.join(place, 'home'), repository.config.id, silentLogger);

/** All but the newest, then the newest: what a first build and what a further backup cost. */
for (const [title, some] of [
  [`${snapshots.length - 1} snapshots`, snapshots.slice(0, -1)],
  ['one more snapshot', snapshots],
  ['nothing new', snapshots],
] as const) {
  const [processor, wall] = [processorMs(), performance.now()];
  const { treesRead } = await updateCatalogue(catalogue, repository, some);
  say(`${title}: ${treesRead} trees, ${processorMs() - processor} ms of the processor, ${Math.round(performance.now() - wall)} ms, ${process.memoryUsage().rss >> 20} MiB of memory`);
}
catalogue.database.pragma('wal_checkpoint(TRUNCATE)');
say(`on the disk: ${statSync(catalogue.file).size >> 20} MiB`);

const searches: readonly (readonly [string, NodeFilter])[] = [
  ['a name', { patterns: ['report-invoice-123.pdf'] }],
  ['part of a name', { patterns: [substringPattern('invoice-12')] }],
  ['part of a name, any case', { patterns: [substringPattern('INVOICE-77')], ignoreCase: true }],
  ['two letters that no name has', { patterns: [substringPattern('zz')] }],
  ['a glob that many match', { patterns: ['*.pdf'] }],
  ['a glob over folders', { patterns: ['photo-*/*/letter*7.md'] }],
  ['larger than 1 MB', { patterns: ['*'], larger: 1_000_000n }],
  ['changed on the last day', { patterns: ['*'], oldest: 1_700_000_000_000_000_000n + BigInt(snapshots.length - 1) * 86_400_000_000_000n }],
  ['links', { patterns: ['*'], types: new Set(['symlink']) }],
];
for (const [title, filter] of searches) {
  const [processor, wall] = [processorMs(), performance.now()];
  const { rows } = await searchCatalogue(catalogue, filter, { limit: 50 });
  say(`${title}: ${rows.length} rows, ${processorMs() - processor} ms of the processor, ${Math.round(performance.now() - wall)} ms`);
}
catalogue.close();
await repository.close();
await store.close();
if (values.folder === '') rmSync(place, { recursive: true });
