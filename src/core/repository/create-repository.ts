/**
 * Creating a repository. The order is restic's: folders, key file, and last the config, so that a repository is either
 * whole or recognisably not there. A creation that was killed between key and config is finished by the next one with the
 * same password: it takes the key that is there. Nothing can be lost, since nothing else is there yet.
 */
import { randomBytes } from 'node:crypto';
import { Failure } from '../../shared/errors.ts';
import type { KeySet } from '../native/addon.ts';
import { StorageError, type ObjectStore } from '../storage/object-store.ts';
import { decodeConfig, encodeConfig, isChunkerPolynomial, type RepositoryConfig } from './config.ts';
import { type NewKeyOptions, openWithPassword, storeKey } from './keys.ts';
import { listObjects } from './named-objects.ts';
import { OpenedRepository } from './opened-repository.ts';
import type { Repository, RepositoryPorts } from './repository.ts';

const configHandle = { type: 'config', name: '' } as const;

export interface CreateOptions extends NewKeyOptions {
  readonly password: Uint8Array;
  /** Default 2. */
  readonly version?: 1 | 2;
  /** Default: a random one. Equal polynomials let two repositories hold the same chunks. */
  readonly polynomial?: bigint;
}

export async function create(ports: RepositoryPorts, options: CreateOptions, signal?: AbortSignal): Promise<Repository> {
  const { store, addon } = ports;
  const polynomial = options.polynomial ?? addon.randomPolynomial();
  if (!isChunkerPolynomial(addon, polynomial)) {
    throw new Failure('USAGE', { what: 'The chunker polynomial is not irreducible of degree 53', next: 'Take the polynomial of an existing repository, or leave it out' });
  }
  const begun = await refuseExisting(ports, options.password, signal);
  const config: RepositoryConfig = { version: options.version ?? 2, id: randomBytes(32).toString('hex'), polynomial };
  const keys = begun?.keys ?? addon.generateKeySet();
  try {
    await store.create(signal);
    const keyName = begun?.name ?? (await storeKey(ports, keys, options.password, options, signal));
    await storeConfig(ports, keys, keyName, config, signal);
    return new OpenedRepository(ports, { keys, keyName, config });
  } catch (error) {
    keys.wipe();
    throw error;
  }
}

/** Resolves with the opened key of an interrupted creation, if there is one. */
async function refuseExisting(ports: RepositoryPorts, password: Uint8Array, signal?: AbortSignal): Promise<{ readonly name: string; readonly keys: KeySet } | undefined> {
  const { store } = ports;
  const configExists = async (): Promise<boolean> => {
    try {
      await store.stat(configHandle, signal);
      return true;
    } catch (error) {
      if (error instanceof StorageError && error.kind === 'not-found') return false;
      throw error;
    }
  };
  if (await configExists()) throw alreadyExists(store, 'a repository');
  for (const type of ['snapshot', 'index'] as const) {
    if ((await listObjects(store, type, signal)).length > 0) throw alreadyExists(store, `a ${type} of a repository without its config`);
  }
  const names = (await listObjects(store, 'key', signal)).map(({ name }) => name);
  if (names.length === 0) return undefined;
  try {
    return await openWithPassword(ports, names, password, undefined, signal);
  } catch (error) {
    if (error instanceof Failure) throw alreadyExists(store, 'a key of a repository without its config', error);
    throw error;
  }
}

function alreadyExists(store: ObjectStore, what: string, cause?: unknown): Failure {
  return new Failure(
    'REPOSITORY_EXISTS',
    { what: `There already is ${what} at ${store.location}`, safe: 'Nothing was changed', next: 'Use it as it is, or choose another place for the new one' },
    cause === undefined ? undefined : { cause },
  );
}

/** Stores the config. If that fails, the new key is taken back, unless the config may have arrived after all. */
async function storeConfig(ports: RepositoryPorts, keys: KeySet, keyName: string, config: RepositoryConfig, signal?: AbortSignal): Promise<void> {
  const { store, addon } = ports;
  const sealed = keys.seal(encodeConfig(config));
  decodeConfig(addon, keys, sealed);
  try {
    await store.put(configHandle, sealed, signal);
  } catch (error) {
    const stored = await storedConfig(store);
    if (stored?.equals(sealed) === true) return;
    // Someone else may have finished the creation that this key began: then the key is theirs.
    if (stored === undefined || !isSealedBy(addon, keys, stored)) await store.remove({ type: 'key', name: keyName });
    if (stored !== undefined) throw alreadyExists(store, 'a repository, made by someone else just now,', error);
    throw error;
  }
}

function isSealedBy(addon: RepositoryPorts['addon'], keys: KeySet, sealed: Buffer): boolean {
  try {
    decodeConfig(addon, keys, sealed);
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** The config that is there now, if any; asked after a failure, so without the signal that may have caused it. */
async function storedConfig(store: ObjectStore): Promise<Buffer | undefined> {
  try {
    return await store.get(configHandle);
  } catch (error) {
    if (error instanceof StorageError && error.kind === 'not-found') return undefined;
    throw error;
  }
}
