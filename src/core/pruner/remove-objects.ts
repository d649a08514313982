/** Removing many objects, several at once. */
import { randomBytes } from 'node:crypto';
import { Failure } from '../../shared/errors.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import type { Repository } from '../repository/repository.ts';
import { StorageError } from '../storage/object-store.ts';

export interface Removal {
  readonly type: 'data' | 'index';
  readonly names: readonly string[];
  readonly signal?: AbortSignal | undefined;
  readonly onRemoved: () => void;
  /** Told of each that could not be removed; without it the first one ends the removal. */
  readonly onLeft?: (name: string, error: StorageError) => void;
}

/** Failure STORAGE_DENIED where the storage takes no removals. */
export async function removeObjects(repository: Repository, { type, names, signal, onRemoved, onLeft }: Removal): Promise<void> {
  const remove = async (name: string): Promise<void> => {
    try {
      await repository.store.remove({ type, name }, signal);
      onRemoved();
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      if (error.kind === 'denied') throw removalDenied(repository, error);
      if (onLeft === undefined) throw error;
      onLeft(name, error);
    }
  };
  await mapConcurrently(names, repository.store.smallOperations, remove, signal);
}

/**
 * Finds out whether the storage takes removals at all, before work is spent on what would only add to it: an append-only
 * server refuses also the removal of what does not exist. Failure STORAGE_DENIED.
 */
export async function assertRemovalsAllowed(repository: Repository, signal?: AbortSignal): Promise<void> {
  try {
    await repository.store.remove({ type: 'data', name: randomBytes(32).toString('hex') }, signal);
  } catch (error) {
    if (!(error instanceof StorageError) || error.kind !== 'denied') throw error;
    throw removalDenied(repository, error);
  }
}

function removalDenied(repository: Repository, cause: StorageError): Failure {
  return new Failure(
    'STORAGE_DENIED',
    {
      what: `The storage ${repository.store.location} refuses removals (${cause.message}), as an append-only server does`,
      safe: 'Nothing that a snapshot needs was removed',
      next: 'Prune with an account that may remove, or on the machine of the server, directly in its folder',
    },
    { cause },
  );
}
