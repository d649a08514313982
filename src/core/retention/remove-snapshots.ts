/** Removing snapshots: many in one go where the store can, the others one by one. */
import { mapConcurrently } from '../platform/concurrently.ts';
import type { Repository } from '../repository/repository.ts';
import { removeSnapshot } from '../repository/snapshots.ts';

/** The signal is looked at, and progress told, between batches. */
const batchSize = 256;
const batchesAtOnce = 2;

export interface RemovalProgress {
  readonly done: number;
  readonly total: number;
}

export interface Removal {
  readonly removed: readonly string[];
  readonly failed: readonly { readonly id: string; readonly error: unknown }[];
}

/** One that the storage keeps does not stop the rest. Needs an exclusive lock that is confirmed. Rejects with the signal's reason. */
export async function removeSnapshots(repository: Repository, ids: readonly string[], options: { readonly signal?: AbortSignal; readonly onProgress?: (progress: RemovalProgress) => void } = {}): Promise<Removal> {
  const { signal, onProgress } = options;
  const { store } = repository;
  const removed: string[] = [];
  const failed: { id: string; error: unknown }[] = [];
  const tell = (): void => onProgress?.({ done: removed.length, total: ids.length });
  const left: string[] = [];
  const removeBatch = async (batch: readonly string[]): Promise<void> => {
    const gone = (await store.batches?.remove('snapshot', batch)) ?? [];
    for (const [i, id] of batch.entries()) (gone[i] === true ? removed : left).push(id);
    if (gone.length > 0) tell();
  };
  const batches = Array.from({ length: Math.ceil(ids.length / batchSize) }, (_, i) => ids.slice(i * batchSize, (i + 1) * batchSize));
  await mapConcurrently(batches, batchesAtOnce, removeBatch, signal);
  const removeAlone = async (id: string): Promise<void> => {
    try {
      await removeSnapshot(repository, id, signal);
      removed.push(id);
    } catch (error) {
      signal?.throwIfAborted();
      failed.push({ id, error });
    }
    tell();
  };
  await mapConcurrently(left, store.smallOperations, removeAlone, signal);
  return { removed, failed };
}
