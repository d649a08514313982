/**
 * The repositories below the data folder.
 *
 * Invariants: one store a repository path; no path reached through the server leaves the data folder, not even by a
 * symbolic link that lies in it: the real path of every repository folder is compared before its store is used.
 */
import { lstat, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { StorageError } from '../core/storage/object-store.ts';
import type { ObjectStore } from '../core/storage/object-store.ts';

/** Opens the store of one repository folder. */
export type OpenStore = (root: string) => ObjectStore;

export class Repositories {
  readonly #root: string;
  readonly #open: OpenStore;
  /** Only of folders that exist, so that requests for invented names take no memory. */
  readonly #stores = new Map<string, ObjectStore>();

  /** `root`: the real path of the data folder. */
  constructor(root: string, open: OpenStore) {
    this.#root = root;
    this.#open = open;
  }

  /** The store of an existing repository; kind `not-found` where its folder is missing or lies elsewhere. */
  async existing(folders: readonly string[]): Promise<ObjectStore> {
    const name = folders.join('/');
    const known = this.#stores.get(name);
    if (known !== undefined) return known;
    const path = join(this.#root, ...folders);
    if ((await realPathOf(path)) !== path) throw new StorageError('not-found', 'this repository does not exist');
    const store = this.#stores.get(name) ?? this.#open(path);
    this.#stores.set(name, store);
    return store;
  }

  /** Makes the folders of a repository; idempotent. */
  async create(folders: readonly string[]): Promise<void> {
    const path = join(this.#root, ...folders);
    for (let parent = path; parent.length > this.#root.length && parent.startsWith(this.#root + sep); parent = dirname(parent)) {
      const real = await realPathOf(parent);
      if (real !== undefined && real !== parent) throw new StorageError('not-found', 'this repository does not exist');
    }
    await this.#open(path).create();
  }

  async close(): Promise<void> {
    for (const store of this.#stores.values()) await store.close();
    this.#stores.clear();
  }
}

/** Undefined where nothing is there; the empty string for a link that leads nowhere, or in a circle. */
async function realPathOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return (await isLink(path)) ? '' : undefined;
    if (code === 'ENOTDIR') return undefined;
    if (code === 'ELOOP') return '';
    throw error;
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
