/** Whether a place holds a repository: asked before a person has to type a password for it. */
import { StorageError, type ObjectStore } from '../core/storage/object-store.ts';
import { Failure } from '../shared/errors.ts';
import { visibleText } from './output/visible-text.ts';

export async function hasRepository(store: ObjectStore, signal: AbortSignal): Promise<boolean> {
  try {
    await store.stat({ type: 'config', name: '' }, signal);
    return true;
  } catch (error) {
    if (error instanceof StorageError && error.kind === 'not-found') return false;
    throw error;
  }
}

/** Throws `REPOSITORY_MISSING`. */
export async function requireRepository(store: ObjectStore, signal: AbortSignal): Promise<void> {
  if (await hasRepository(store, signal)) return;
  throw new Failure('REPOSITORY_MISSING', {
    what: `There is no repository at ${visibleText(store.location)}`,
    next: 'Check the address, or make a repository there with "cyberbackup init"',
  });
}
