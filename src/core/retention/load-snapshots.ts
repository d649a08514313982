/** Every snapshot of a repository, or a refusal: what cannot be read cannot be judged, nor what depends on it. */
import { Failure } from '../../shared/errors.ts';
import type { DamagedObject } from '../repository/load-options.ts';
import type { Repository } from '../repository/repository.ts';
import { listSnapshots, type StoredSnapshot } from '../repository/snapshots.ts';
import { StorageError } from '../storage/object-store.ts';

export interface AllSnapshots {
  /** By time ascending. */
  readonly snapshots: readonly StoredSnapshot[];
  /** When the storage got a snapshot, by id, in milliseconds since the epoch; nothing where it does not tell. */
  readonly arrivals: ReadonlyMap<string, number>;
}

/** Failure DAMAGED, which names each snapshot that is damaged or gone. */
export async function loadAllSnapshots(repository: Repository, signal?: AbortSignal): Promise<AllSnapshots> {
  const damaged: DamagedObject[] = [];
  const arrivals = new Map<string, number>();
  const snapshots = await load(repository, { damaged, arrivals }, signal);
  if (damaged.length === 0) return { snapshots, arrivals };
  const names = damaged.map(({ name }) => name).sort().join(', ');
  throw new Failure(
    'DAMAGED',
    {
      what: `${damaged.length === 1 ? 'A snapshot is' : `${damaged.length} snapshots are`} damaged: ${names}`,
      safe: 'No snapshot was removed: without them it cannot be told what the rules keep',
      next: 'Run `cyberbackup repair snapshots`, or bring back their files in the folder `snapshots` from a copy of the repository; then run the command again',
    },
    { cause: damaged[0]?.failure },
  );
}

async function load(repository: Repository, { damaged, arrivals }: { readonly damaged: DamagedObject[]; readonly arrivals: Map<string, number> }, signal?: AbortSignal): Promise<StoredSnapshot[]> {
  try {
    return await listSnapshots(repository, signal, { tolerateDamage: true, damaged, received: arrivals });
  } catch (error) {
    if (!(error instanceof StorageError) || error.kind !== 'not-found') throw error;
    throw new Failure(
      'DAMAGED',
      { what: `The storage lists a snapshot that it does not have: ${error.message}`, safe: 'No snapshot was removed', next: 'Run the command again; if that does not help, run `cyberbackup check`' },
      { cause: error },
    );
  }
}
