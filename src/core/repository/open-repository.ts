/** Opening a repository: config and keys are fetched side by side, since every round trip delays each command. */
import { Failure } from '../../shared/errors.ts';
import { StorageError, type ObjectStore } from '../storage/object-store.ts';
import { decodeConfig } from './config.ts';
import { damaged } from './damage.ts';
import { openWithPassword } from './keys.ts';
import { listObjects } from './named-objects.ts';
import { OpenedRepository } from './opened-repository.ts';
import type { Repository, RepositoryPorts } from './repository.ts';

export interface OpenOptions {
  readonly password: Uint8Array;
  /** Start of the name of the key to try first. */
  readonly keyHint?: string;
}

export async function open(ports: RepositoryPorts, options: OpenOptions, signal?: AbortSignal): Promise<Repository> {
  const { store, addon } = ports;
  const [sealed, listed] = await Promise.allSettled([loadConfig(store, signal), listObjects(store, 'key', signal)]);
  if (sealed.status === 'rejected') throw sealed.reason;
  if (listed.status === 'rejected') throw listed.reason;
  const names = listed.value.map(({ name }) => name);
  if (names.length === 0) {
    throw damaged(`The repository at ${store.location} has no key file`, { next: 'Restore its folder `keys` from a copy of the repository; without a key nothing can be read' });
  }
  const { name, keys } = await openWithPassword(ports, names, options.password, options.keyHint, signal);
  try {
    return new OpenedRepository(ports, { keys, keyName: name, config: decodeConfig(addon, keys, sealed.value) });
  } catch (error) {
    keys.wipe();
    throw error;
  }
}

async function loadConfig(store: ObjectStore, signal?: AbortSignal): Promise<Buffer> {
  try {
    return await store.get({ type: 'config', name: '' }, undefined, signal);
  } catch (error) {
    if (!(error instanceof StorageError && error.kind === 'not-found')) throw error;
    throw new Failure(
      'REPOSITORY_MISSING',
      { what: `There is no repository at ${store.location}`, next: 'Check the address, or make a repository there with `cyberbackup init`' },
      { cause: error },
    );
  }
}
