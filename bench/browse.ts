/**
 * How fast a large folder opens: the first page of a folder of 100,000 entries, by each order, and a later page.
 *
 *   node bench/browse.ts [--entries 100000] [--runs 5]
 *
 * Each run is a browser of its own, so that nothing is in its memory; the repository lies on this machine.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FolderBrowser } from '../src/core/history/browse/folder-browser.ts';
import { folderOrders, type FolderOrder } from '../src/core/history/browse/row-order.ts';
import { loadAddon } from '../src/core/native/load-addon.ts';
import { systemClock } from '../src/core/platform/clock.ts';
import { createRepository, type Repository } from '../src/core/repository/repository.ts';
import { node, RawRepository } from '../src/core/restorer/testing/raw-repository.ts';
import { openStore } from '../src/core/storage/open-store.ts';
import { benchPassword } from './programs.ts';
import { median } from './report.ts';

export interface FolderOpening {
  readonly order: FolderOrder;
  /** Milliseconds of the clock and of the processor, one entry a run. */
  readonly firstPage: readonly number[];
  readonly firstPageProcessor: readonly number[];
  /** Milliseconds for a page in the middle, once the folder is open. */
  readonly laterPage: readonly number[];
}

const pageSize = 200;
const folderEvery = 50;

/** `work`: an existing folder; a repository is made below it. */
export async function measureFolders({ work, entries, runs }: { readonly work: string; readonly entries: number; readonly runs: number }): Promise<FolderOpening[]> {
  const addon = loadAddon();
  const store = openStore(path.join(work, 'browsed'), { addon, clock: systemClock });
  const repository = await createRepository({ store, addon, clock: systemClock }, { password: Buffer.from(benchPassword), kdf: { N: 1024, r: 8, p: 1 }, hostname: 'bench', username: 'bench' });
  try {
    const tree = await makeFolder(repository, entries);
    await repository.loadIndex();
    const openings: FolderOpening[] = [];
    for (const order of folderOrders) {
      const measured = { firstPage: [] as number[], firstPageProcessor: [] as number[], laterPage: [] as number[] };
      for (let run = 0; run < runs; run += 1) {
        const browser = new FolderBrowser(repository);
        const question = { order, descending: order !== 'name', foldersFirst: true, limit: pageSize } as const;
        const [begin, before] = [performance.now(), process.cpuUsage()];
        const { cursor = '' } = await browser.page(tree, question);
        const { user, system } = process.cpuUsage(before);
        measured.firstPage.push(performance.now() - begin);
        measured.firstPageProcessor.push((user + system) / 1000);
        const again = performance.now();
        await browser.page(tree, { ...question, cursor: cursor.replace(/\d+$/, String(entries >> 1)) });
        measured.laterPage.push(performance.now() - again);
      }
      openings.push({ order, ...measured });
    }
    return openings;
  } finally {
    await repository.close();
    await store.close();
  }
}

/** The id of its tree. Apart, so that nothing of the making stays in memory. */
async function makeFolder(repository: Repository, entries: number): Promise<Buffer> {
  const raw = new RawRepository(repository);
  const subtree = raw.tree([]);
  const second = 1_000_000_000n;
  const nodes = Array.from({ length: entries }, (_, i) => {
    const members = { mtime: 1_700_000_000n * second + BigInt((i * 7919) % entries) * second, inode: BigInt(i + 1), links: 1n };
    const content = repository.addon.sha256(Buffer.from(`content ${i}`));
    return i % folderEvery === 0 ? node(`folder-${String(i).padStart(6, '0')}`, 'dir', { ...members, subtree }) : node(`file-${String(i).padStart(6, '0')}.dat`, 'file', { ...members, content, size: BigInt((i * 104_729) % 1_000_003) });
  });
  const tree = raw.tree(nodes);
  await raw.save([node('large', 'dir', { subtree: tree })]);
  return tree;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { entries: { type: 'string', default: '100000' }, runs: { type: 'string', default: '5' } } });
  const work = mkdtempSync(path.join(os.tmpdir(), 'cyberbackup-browse-'));
  try {
    for (const { order, firstPage, firstPageProcessor, laterPage } of await measureFolders({ work, entries: Number(values.entries), runs: Number(values.runs) })) {
      process.stdout.write(`a folder of ${values.entries} entries by ${order}: first page ${median(firstPage).toFixed(0)} ms, ${median(firstPageProcessor).toFixed(0)} ms of the processor; a later page ${median(laterPage).toFixed(1)} ms\n`);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
