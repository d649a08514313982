/**
 * The passwords of a repository: one key file each, all holding the same master key (specification section 4).
 *
 * Invariants: passwords are bytes that the caller owns and wipes; a new key file is durable before an old one is
 * removed; the last key is never removed, for without one nothing can be read again.
 */
import { hostName, userName } from '../platform/identity.ts';
import { Failure } from '../../shared/errors.ts';
import type { Addon, KeySet } from '../native/addon.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Clock } from '../platform/clock.ts';
import { chooseParameters, type KeyDerivation } from './key-derivation.ts';
import { type KeyFile, openKeyFile, parseKeyFile, sealKeyFile } from './key-file.ts';
import type { DamagedObject } from './load-options.ts';
import { listObjects, loadNamed, nameOf } from './named-objects.ts';
import type { Repository } from './repository.ts';
import { formatTime, instantFromMilliseconds } from './times.ts';

export interface KeyPorts {
  readonly store: ObjectStore;
  readonly addon: Addon;
  readonly clock: Clock;
}

export interface NewKeyOptions {
  /** Default: measured on this machine. */
  readonly kdf?: KeyDerivation;
  /** Default: of the running user. */
  readonly username?: string;
  /** Default: of this machine. */
  readonly hostname?: string;
}

export interface StoredKey {
  readonly id: string;
  readonly created?: string;
  readonly username?: string;
  readonly hostname?: string;
  /** The key that opened this repository. */
  readonly current: boolean;
}

export interface OpenedKey {
  readonly name: string;
  readonly keys: KeySet;
}

/**
 * Tries the password on the hinted key, then on every other. Failures: WRONG_PASSWORD when none fits, DAMAGED when
 * none fits and a key could not be tried.
 */
export async function openWithPassword(ports: KeyPorts, names: readonly string[], password: Uint8Array, hint: string | undefined, signal?: AbortSignal): Promise<OpenedKey> {
  const isHinted = (name: string): boolean => hint !== undefined && hint !== '' && name.startsWith(hint);
  const damagedKeys: Failure[] = [];
  for (const name of [...names.filter(isHinted), ...names.filter((candidate) => !isHinted(candidate))]) {
    signal?.throwIfAborted();
    try {
      const file = parseKeyFile(name, await loadNamed(ports, { type: 'key', name }, signal));
      const keys = await openKeyFile(ports.addon, name, file, password);
      if (keys !== undefined) return { name, keys };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      damagedKeys.push(error);
    }
  }
  if (damagedKeys[0] !== undefined) throw damagedKeys[0];
  throw new Failure('WRONG_PASSWORD', {
    what: 'The password is wrong: it opens no key of this repository',
    safe: 'Nothing was changed',
    next: 'Try again with the right password, or with another one that was added to this repository',
  });
}

/** Seals `master` under a password and stores the key file; resolves with its name. */
export async function storeKey(ports: KeyPorts, master: KeySet, password: Uint8Array, options: NewKeyOptions, signal?: AbortSignal): Promise<string> {
  const kdf = options.kdf ?? (await chooseParameters(ports.addon, ports.clock));
  const label = {
    created: formatTime(instantFromMilliseconds(ports.clock.now())),
    username: options.username ?? userName(),
    hostname: options.hostname ?? hostName(),
  };
  const file = await sealKeyFile(ports.addon, master, password, kdf, label);
  const name = nameOf(ports.addon, file);
  await ports.store.put({ type: 'key', name }, file, signal);
  return name;
}

/** Adds a password; resolves with the name of its key. */
export function addKey(repository: Repository, newPassword: Uint8Array, options: NewKeyOptions = {}, signal?: AbortSignal): Promise<string> {
  return storeKey(repository, repository.keys, newPassword, options, signal);
}

/** All keys, those that cannot be read reported apart. */
export async function listKeys(repository: Repository, signal?: AbortSignal): Promise<{ keys: StoredKey[]; damaged: DamagedObject[] }> {
  const keys: StoredKey[] = [];
  const damagedKeys: DamagedObject[] = [];
  for (const { name } of await listObjects(repository.store, 'key', signal)) {
    try {
      const file = parseKeyFile(name, await loadNamed(repository, { type: 'key', name }, signal));
      keys.push({ id: name, ...labelOf(file), current: name === repository.keyName });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      damagedKeys.push({ name, failure: error });
    }
  }
  return { keys, damaged: damagedKeys };
}

function labelOf({ created, username, hostname }: KeyFile): Pick<StoredKey, 'created' | 'username' | 'hostname'> {
  return {
    ...(created === undefined ? {} : { created }),
    ...(username === undefined ? {} : { username }),
    ...(hostname === undefined ? {} : { hostname }),
  };
}

/** Removes the key whose name starts with `selector`. Failure USAGE: none or several match, or it is the key in use. */
export async function removeKey(repository: Repository, selector: string, signal?: AbortSignal): Promise<string> {
  const names = (await listObjects(repository.store, 'key', signal)).map(({ name }) => name).filter((name) => selector !== '' && name.startsWith(selector));
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw new Failure('USAGE', { what: `${names.length === 0 ? 'No key' : 'More than one key'} of this repository starts with "${selector}"`, next: 'List the keys and name one of them' });
  }
  if (name === repository.keyName) {
    throw new Failure('USAGE', { what: 'This is the key of the password in use, and it is not removed', next: 'Open the repository with another password, then remove this one' });
  }
  await repository.store.remove({ type: 'key', name }, signal);
  return name;
}

/** Stores a key for the new password, then removes the one in use; resolves with the new name. Both work if it is interrupted. */
export async function changePassword(repository: Repository, newPassword: Uint8Array, options: NewKeyOptions = {}, signal?: AbortSignal): Promise<string> {
  const name = await addKey(repository, newPassword, options, signal);
  // A key that cannot be read back would leave nobody a way in.
  await loadNamed(repository, { type: 'key', name }, signal);
  await repository.store.remove({ type: 'key', name: repository.keyName }, signal);
  return name;
}
