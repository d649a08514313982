/** One repository with a million files and a hundred snapshots for all benches that look back; made once in a run. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { loadAddon } from '../src/core/native/load-addon.ts';
import { systemClock } from '../src/core/platform/clock.ts';
import { createRepository, openRepository } from '../src/core/repository/repository.ts';
import { listSnapshots, type StoredSnapshot } from '../src/core/repository/snapshots.ts';
import { openStore } from '../src/core/storage/open-store.ts';
import { makeBigHistory } from './big-history.ts';
import { environmentOf, type CommandBench } from './command-bench.ts';
import { measure } from './measured-run.ts';
import { benchPassword } from './programs.ts';

const snapshotCount = 100;

export interface BigRepository {
  /** Not to be changed: benches share it. */
  readonly folder: string;
  /** By time ascending. */
  readonly snapshots: readonly StoredSnapshot[];
  /** "1,000,000 files in 100 snapshots". */
  readonly title: string;
}

/** restic has its cache filled by a search of the newest snapshot, as people have it. */
export async function bigRepository({ work, scale, restic }: Pick<CommandBench, 'work' | 'scale' | 'restic'>): Promise<BigRepository> {
  const files = Math.max(1000, Math.round(1_000_000 * scale));
  const folder = path.join(work, 'big');
  const addon = loadAddon();
  const store = openStore(folder, { addon, clock: systemClock });
  const ports = { store, addon, clock: systemClock };
  try {
    if (!existsSync(path.join(folder, 'config'))) {
      const made = await createRepository(ports, { password: Buffer.from(benchPassword), hostname: 'bench', username: 'bench' });
      await makeBigHistory(made, { files, snapshots: snapshotCount });
      await made.close();
      await measure([restic, 'find', '-s', 'latest', 'nothing of that name'], environmentOf({ work }, folder));
    }
    const repository = await openRepository(ports, { password: Buffer.from(benchPassword) });
    const snapshots = await listSnapshots(repository);
    await repository.close();
    return { folder, snapshots, title: `${files.toLocaleString('en')} files in ${snapshotCount} snapshots` };
  } finally {
    await store.close();
  }
}
