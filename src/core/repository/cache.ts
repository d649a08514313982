/**
 * A local copy of what is read again and again: index files, snapshots, and the trees of folders.
 *
 * Index files and snapshots leave the cache with the repository; trees leave it by age: what was not used for a while, and
 * beyond a size what was not used for longest (`trimTrees`). A use is noted in the entry's time of change, once a day.
 *
 * Vocabulary: an *entry* is one file below the cache's folder, named after an object or a part of one; it holds the same
 * sealed bytes as the repository, never plaintext.
 *
 * Invariants: nothing in it is trusted: whoever reads an entry checks its hash or its tag, and an entry that fails is
 * dropped and read from the repository; the cache never makes an operation fail, it only logs; it can be deleted at any
 * time. Folders have mode 0700, files 0600 (on Windows they inherit the rights of the user's own folder).
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from '../platform/logger.ts';

export type CachedType = 'index' | 'snapshot' | 'tree';

/** When `trimTrees` removes. */
export interface TreeLimits {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Milliseconds without use. */
  readonly age: number;
  /** Bytes of all trees. */
  readonly size: number;
}

const day = 24 * 3600 * 1000;
/** What the commands keep. */
export const usualTreeLimits = { age: 30 * day, size: 512 * 2 ** 20 } as const;

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

  /** Notes the use of an entry, so that it stays; at most once a day. */
  async touch(type: CachedType, name: string, now: number): Promise<void> {
    const file = this.#pathOf(type, name);
    try {
      if (now - (await stat(file)).mtimeMs > day) await utimes(file, now / 1000, now / 1000);
    } catch (error) {
      if (!isAbsent(error)) this.#warn(error, 'the cache cannot be written');
    }
  }

  /** Removes trees by age and size, and what interrupted writers left. Does nothing if that was done in the last day. */
  async trimTrees({ now, age, size }: TreeLimits): Promise<void> {
    const marker = path.join(this.#folder, 'trimmed');
    try {
      if (Math.abs(now - (await changedAt(marker))) < day) return;
      const entries = await this.#trees();
      entries.sort((a, b) => b.time - a.time);
      let kept = 0;
      for (const entry of entries) {
        const unfinished = entry.file.endsWith('.tmp') && now - entry.time > day;
        if (unfinished || now - entry.time > age || kept + entry.size > size) await rm(entry.file, { force: true });
        else kept += entry.size;
      }
      await this.#makeFolder(this.#folder);
      await writeFile(marker, '', { mode: fileMode });
      await utimes(marker, now / 1000, now / 1000);
    } catch (error) {
      this.#warn(error, 'the cache cannot be tidied');
    }
  }

  async #trees(): Promise<{ readonly file: string; readonly time: number; readonly size: number }[]> {
    const folder = path.join(this.#folder, 'tree');
    const entries: { file: string; time: number; size: number }[] = [];
    for (const fan of await namesIn(folder)) {
      for (const name of await namesIn(path.join(folder, fan))) {
        const file = path.join(folder, fan, name);
        try {
          const { mtimeMs, size } = await stat(file);
          entries.push({ file, time: mtimeMs, size });
        } catch (error) {
          // Another program tidies, too.
          if (!isAbsent(error)) throw error;
        }
      }
    }
    return entries;
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

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return [];
  }
}

/** Long ago for what is not there. */
async function changedAt(file: string): Promise<number> {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return Number.NEGATIVE_INFINITY;
  }
}
