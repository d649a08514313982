/**
 * What the catalogue costs and how fast it answers, at one million files in a hundred snapshots.
 *
 *   node --max-old-space-size=6000 bench/catalogue.ts [--scale 1] [--folder DIR]
 *
 * The repository is made in the folder, or used again if it is there. Making it takes minutes and two gigabytes.
 */
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { NodeFilter } from '../src/core/catalogue/node-filter.ts';
import { openCatalogue, type Catalogue } from '../src/core/catalogue/open-catalogue.ts';
import { searchCatalogue, substringPattern } from '../src/core/catalogue/search-catalogue.ts';
import { updateCatalogue } from '../src/core/catalogue/update-catalogue.ts';
import { loadAddon } from '../src/core/native/load-addon.ts';
import { systemClock } from '../src/core/platform/clock.ts';
import { silentLogger } from '../src/core/platform/logger.ts';
import { createRepository, openRepository, type Repository } from '../src/core/repository/repository.ts';
import { listSnapshots } from '../src/core/repository/snapshots.ts';
import { openStore } from '../src/core/storage/open-store.ts';
import { makeBigHistory } from './big-history.ts';
import { benchPassword } from './programs.ts';

const files = 1_000_000;
const snapshots = 100;
const pageSize = 50;
const begin = 1_700_000_000_000_000_000n;
const day = 86_400_000_000_000n;

/** Times in milliseconds, sizes in bytes. */
export interface CatalogueUpdate {
  readonly title: string;
  readonly treesRead: number;
  readonly wall: number;
  readonly processor: number;
  /** Of the whole process, the repository's index among it. */
  readonly memory: number;
}

export interface CatalogueSearch {
  readonly title: string;
  /** Of the first page. */
  readonly rows: number;
  readonly wall: number;
  readonly processor: number;
}

export interface CatalogueFigures {
  readonly updates: readonly CatalogueUpdate[];
  readonly searches: readonly CatalogueSearch[];
  /** Bytes on the disk. */
  readonly size: number;
}

const searches = (newest: number): readonly (readonly [string, NodeFilter])[] => [
  ['a name', { patterns: ['report-invoice-123.pdf'] }],
  ['a name that many have', { patterns: ['main-3'] }],
  ['part of a name', { patterns: [substringPattern('invoice-12')] }],
  ['part of a name, any case', { patterns: [substringPattern('INVOICE-77')], ignoreCase: true }],
  ['part of a name, in another case than any', { patterns: [substringPattern('INVOICE-77')] }],
  ['two letters that no name has', { patterns: [substringPattern('zz')] }],
  ['two letters that many have', { patterns: [substringPattern('ea')] }],
  ['one letter, any case', { patterns: [substringPattern('E')], ignoreCase: true }],
  ['a letter outside of ASCII', { patterns: [substringPattern('é')] }],
  ['the begin of a name', { patterns: ['q*'] }],
  ['two letters, any', { patterns: ['??'] }],
  ['letters that no name begins with', { patterns: ['[xyz]*'] }],
  ['a glob that many match', { patterns: ['*.pdf'] }],
  ['a glob over folders', { patterns: ['photo-*/*/letter*7.md'] }],
  ['all that is in a folder', { patterns: ['moved-*/*'] }],
  ['all that is below a folder', { patterns: ['photo-7/**'] }],
  ['larger than 1 MB', { patterns: ['*'], larger: 1_000_000n }],
  ['larger than any', { patterns: ['*'], larger: 1_000_000_000n }],
  ['the smallest', { patterns: ['*'], smaller: 24n }],
  ['changed on the last day', { patterns: ['*'], oldest: begin + BigInt(newest) * day }],
  ['not changed for long', { patterns: ['*'], newest: begin - 990n * day }],
  ['links', { patterns: ['*'], types: new Set(['symlink']) }],
  ['folders of a name', { patterns: ['moved-*'], types: new Set(['dir']) }],
  ['a glob and a size', { patterns: ['*.pdf'], larger: 33_000_000n }],
  ['a glob and the last day', { patterns: ['*.pdf'], oldest: begin + BigInt(newest) * day }],
  ['a glob, a size and a week', { patterns: ['*.pdf'], larger: 1_000_000n, smaller: 2_000_000n, oldest: begin - 507n * day, newest: begin - 500n * day }],
  ['links of a name, any case', { patterns: [substringPattern('REPORT')], ignoreCase: true, types: new Set(['symlink']) }],
];

/** `work`: a folder for repository and catalogue; a repository that is there is used again, a catalogue is not. */
export async function measureCatalogue({ work, scale }: { readonly work: string; readonly scale: number }): Promise<CatalogueFigures> {
  const addon = loadAddon();
  const url = path.join(work, 'repository');
  const store = openStore(url, { addon, clock: systemClock });
  const ports = { store, addon, clock: systemClock };
  if (!existsSync(path.join(url, 'config'))) {
    const made = await createRepository(ports, { password: Buffer.from(benchPassword), kdf: { N: 1024, r: 8, p: 1 }, hostname: 'bench', username: 'bench' });
    await makeBigHistory(made, { files: Math.round(files * scale), snapshots });
    await made.close();
  }
  const repository = await openRepository(ports, { password: Buffer.from(benchPassword) });
  await repository.loadIndex();
  const home = path.join(work, 'catalogue');
  rmSync(home, { recursive: true, force: true });
  const catalogue = openCatalogue(home, repository.config.id, silentLogger);
  try {
    const updates = await measureUpdates(catalogue, repository);
    catalogue.database.pragma('wal_checkpoint(TRUNCATE)');
    const found: CatalogueSearch[] = [];
    for (const [title, filter] of searches(snapshots - 1)) {
      const { result, ...times } = await timed(async () => (await searchCatalogue(catalogue, filter, { limit: pageSize })).rows.length);
      found.push({ title, rows: result, ...times });
    }
    return { updates, searches: found, size: statSync(catalogue.file).size };
  } finally {
    catalogue.close();
    await repository.close();
    await store.close();
  }
}

/** The first snapshot, all but the newest, then that, and then nothing new. */
async function measureUpdates(catalogue: Catalogue, repository: Repository): Promise<CatalogueUpdate[]> {
  const all = await listSnapshots(repository);
  const updates: CatalogueUpdate[] = [];
  for (const [title, count] of [['the first snapshot', 1], [`${all.length - 2} more`, all.length - 1], ['the newest', all.length], ['nothing new', all.length]] as const) {
    const { result, ...times } = await timed(async () => await updateCatalogue(catalogue, repository, all.slice(0, count)));
    updates.push({ title, treesRead: result.treesRead, ...times, memory: process.memoryUsage().rss });
  }
  return updates;
}

async function timed<T>(body: () => Promise<T>): Promise<{ readonly result: T; readonly wall: number; readonly processor: number }> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const result = await body();
  const { user, system } = process.cpuUsage(before);
  return { result, wall: performance.now() - start, processor: (user + system) / 1000 };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { scale: { type: 'string', default: '1' }, folder: { type: 'string', default: '' } } });
  const work = values.folder === '' ? mkdtempSync(path.join(os.tmpdir(), 'cyberbackup-catalogue-')) : path.resolve(values.folder);
  try {
    const figures = await measureCatalogue({ work, scale: Number(values.scale) });
    const times = ({ processor, wall }: { readonly processor: number; readonly wall: number }): string => `${processor.toFixed(0)} ms of the processor, ${wall.toFixed(0)} ms`;
    for (const update of figures.updates) process.stdout.write(`${update.title}: ${update.treesRead} trees, ${times(update)}, ${update.memory >> 20} MiB of memory\n`);
    for (const search of figures.searches) process.stdout.write(`${search.title}: ${search.rows} rows, ${times(search)}\n`);
    process.stdout.write(`on the disk: ${Math.round(figures.size / (1 << 20))} MiB\n`);
  } finally {
    if (values.folder === '') rmSync(work, { recursive: true });
  }
}
