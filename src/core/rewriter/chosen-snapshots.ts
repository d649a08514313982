/** Which snapshots a command means: those named, or all that match the filter. */
import { Failure } from '../../shared/errors.ts';
import type { DamagedObject } from '../repository/load-options.ts';
import type { Repository } from '../repository/repository.ts';
import { findSnapshot, listSnapshots, matchesFilter, type SnapshotFilter, type StoredSnapshot } from '../repository/snapshots.ts';

export interface SnapshotChoice {
  /** Begins of ids, or `latest`, to which alone the filter then applies. Default: every snapshot that matches. */
  readonly ids?: readonly string[];
  readonly filter?: SnapshotFilter;
}

export interface ChosenSnapshots {
  /** By time, or in the order named; each once. */
  readonly snapshots: readonly StoredSnapshot[];
  /** Why some are left out: damaged, or not found. */
  readonly ignored: readonly Failure[];
}

export async function chooseSnapshots(repository: Repository, { ids = [], filter = {} }: SnapshotChoice, signal?: AbortSignal): Promise<ChosenSnapshots> {
  if (ids.length === 0) {
    const damaged: DamagedObject[] = [];
    const all = await listSnapshots(repository, signal, { tolerateDamage: true, damaged });
    return { snapshots: all.filter(({ snapshot }) => matchesFilter(snapshot, filter)), ignored: damaged.map(({ failure }) => failure) };
  }
  const found = new Map<string, StoredSnapshot>();
  const ignored: Failure[] = [];
  for (const selector of ids) {
    try {
      const stored = await findSnapshot(repository, selector, filter, signal);
      found.set(stored.id, stored);
    } catch (error) {
      if (!(error instanceof Failure) || (error.code !== 'SNAPSHOT_NOT_FOUND' && error.code !== 'DAMAGED')) throw error;
      ignored.push(error);
    }
  }
  return { snapshots: [...found.values()], ignored };
}
