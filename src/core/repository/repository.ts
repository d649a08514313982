/**
 * A repository: creating, opening, and reading and writing what it holds (specification sections 1 to 9).
 *
 * Vocabulary: a *blob* is a piece of a file or a folder's tree, named by the SHA-256 of its plaintext; *packs* hold
 * blobs; the *index* says which blob lies where. Index, snapshots and locks are *unpacked files*, named by the SHA-256 of
 * what is stored.
 *
 * Invariants: objects are written once and never changed; an object is decoded and compared before it is stored, and its
 * name checked whenever it is read; nothing is written to a repository whose version is not known.
 */
import type { Addon, BlobType, KeySet } from '../native/addon.ts';
import type { BlobIndex } from '../native/blob-index.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { RepositoryCache } from './cache.ts';
import type { RepositoryConfig } from './config.ts';
import { create, type CreateOptions } from './create-repository.ts';
import type { DamagedObject, IndexLoadOptions } from './load-options.ts';
import { open, type OpenOptions } from './open-repository.ts';
import type { Tree } from './tree.ts';
import type { UnpackedType } from './unpacked-files.ts';

export interface RepositoryPorts {
  readonly store: ObjectStore;
  readonly addon: Addon;
  readonly clock: Clock;
  readonly logger?: Logger;
  /** Where copies of index files, snapshots and trees are kept (cache.ts); without it there is no cache, as a check needs it. */
  readonly cacheDirectory?: string;
}

export interface IndexLoadReport {
  /** Number of index files that were loaded. */
  readonly files: number;
  readonly damaged: readonly DamagedObject[];
}

export interface Repository {
  readonly config: RepositoryConfig;
  /** Name of the key file that the password opened. */
  readonly keyName: string;
  readonly keys: KeySet;
  readonly store: ObjectStore;
  readonly addon: Addon;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cache?: RepositoryCache;
  /** Empty until `loadIndex`, which replaces it. */
  readonly index: BlobIndex;
  /** Loads every index file. A damaged one throws Failure DAMAGED, or with `tolerateDamage` is left out and reported. */
  loadIndex(signal?: AbortSignal, options?: IndexLoadOptions): Promise<IndexLoadReport>;
  /** The JSON text of a file; its name is checked and it is loaded once more if wrong. Failure DAMAGED names it. */
  readUnpacked(type: UnpackedType, name: string, signal?: AbortSignal): Promise<Buffer>;
  /** The JSON texts of many small files in one go, where the store can do that: undefined for each that is to be read alone, whatever the reason. */
  readTogether(type: UnpackedType, names: readonly string[]): Promise<readonly (Buffer | undefined)[]>;
  /** Seals and stores a JSON text; resolves with its name when it is durable. */
  writeUnpacked(type: UnpackedType, json: Uint8Array, signal?: AbortSignal): Promise<string>;
  /** The plaintext of a blob, verified against its id (32 bytes). Every stored copy is tried. Failure DAMAGED. */
  readBlob(type: BlobType, id: Buffer, signal?: AbortSignal): Promise<Buffer>;
  readTree(id: Buffer, signal?: AbortSignal): Promise<Tree>;
  /** Wipes the keys; the store stays open, it belongs to the caller. */
  close(): Promise<void>;
}

/**
 * Makes a new repository: folders, key file, and last the config, which marks it as whole.
 * Failure REPOSITORY_EXISTS if a config, a key or a snapshot is there. The caller wipes the password.
 */
export function createRepository(ports: RepositoryPorts, options: CreateOptions, signal?: AbortSignal): Promise<Repository> {
  return create(ports, options, signal);
}

/** Opens a repository. Failures: REPOSITORY_MISSING, WRONG_PASSWORD, REPOSITORY_VERSION, DAMAGED. The caller wipes the password. */
export function openRepository(ports: RepositoryPorts, options: OpenOptions, signal?: AbortSignal): Promise<Repository> {
  return open(ports, options, signal);
}
