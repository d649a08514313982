/**
 * A local copy of what is read again and again: index files, snapshots, and the trees of folders.
 *
 * Vocabulary: an *entry* is one file below the cache's folder, named after an object or a part of one; it holds the same
 * sealed bytes as the repository, never plaintext.
 *
 * Invariants: nothing in it is trusted: whoever reads an entry checks its hash or its tag, and an entry that fails is
 * dropped and read from the repository; the cache never makes an operation fail, it only logs; it can be deleted at any
 * time. Folders have mode 0700, files 0600 (on Windows they inherit the rights of the user's own folder).
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from '../platform/logger.ts';

export type CachedType = 'index' | 'snapshot' | 'tree';

const folderMode = 0o700;
const fileMode = 0o600;
/** What an entry may be called: digits of ids and of positions. */
const namePattern = /^[0-9a-f][0-9a-f-]{1,127}$/;

export class RepositoryCache {
  readonly #folder: string;
  readonly #logger: Logger;
  readonly #madeFolders = new Set<string>();

  /** `directory`: chosen by the caller, shared by all repositories. `repositoryId`: 64 hex digits, from the config. */
  constructor(directory: string, repositoryId: string, logger: Logger) {
    if (!/^[0-9a-f]{64}$/.test(repositoryId)) throw new RangeError('not an id that a cache can be named after');
    this.#folder = path.join(directory, repositoryId);
    this.#logger = logger;
  }

  /** The bytes of an entry, unchecked; undefined if there is none. */
  async get(type: CachedType, name: string): Promise<Buffer | undefined> {
    const file = this.#pathOf(type, name);
    try {
      return await readFile(file);
    } catch (error) {
      if (!isAbsent(error)) this.#warn(error, 'the cache cannot be read');
      return undefined;
    }
  }

  /** Keeps bytes under a name. They appear whole or not at all; they need not survive a crash. */
  async put(type: CachedType, name: string, bytes: Uint8Array): Promise<void> {
    const file = this.#pathOf(type, name);
    const temporary = `${file}.${randomUUID()}.tmp`;
    try {
      await this.#makeFolder(path.dirname(file));
      await writeFile(temporary, bytes, { mode: fileMode, flag: 'wx' });
      await rename(temporary, file);
    } catch (error) {
      this.#warn(error, 'the cache cannot be written');
      await rm(temporary, { force: true }).catch((second: unknown) => this.#warn(second, 'the cache cannot be tidied'));
    }
  }

  async drop(type: CachedType, name: string): Promise<void> {
    const file = this.#pathOf(type, name);
    try {
      await rm(file, { force: true });
    } catch (error) {
      this.#warn(error, 'the cache cannot be tidied');
    }
  }

  /** Removes all entries of a type but those named, and what interrupted writers left. */
  async keepOnly(type: 'index' | 'snapshot', names: ReadonlySet<string>): Promise<void> {
    const folder = path.join(this.#folder, type);
    try {
      for (const fan of await readdir(folder)) {
        for (const name of await readdir(path.join(folder, fan))) {
          if (!names.has(name)) await rm(path.join(folder, fan, name), { force: true });
        }
      }
    } catch (error) {
      if (!isAbsent(error)) this.#warn(error, 'the cache cannot be tidied');
    }
  }

  #pathOf(type: CachedType, name: string): string {
    if (!namePattern.test(name)) throw new RangeError('not the name of a cache entry');
    return path.join(this.#folder, type, name.slice(0, 2), name);
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#madeFolders.has(folder)) return;
    await mkdir(folder, { recursive: true, mode: folderMode });
    this.#madeFolders.add(folder);
  }

  #warn(error: unknown, message: string): void {
    this.#logger.warn({ folder: this.#folder, error: error instanceof Error ? error.message : String(error) }, message);
  }
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
