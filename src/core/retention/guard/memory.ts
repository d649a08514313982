/**
 * What this machine has seen of a repository, and what a person confirmed: `retention/<repository id>.json` in the home
 * folder (mode 0600, replaced whole).
 *
 * Invariants: a snapshot is remembered once a forget has looked at its group and found nothing odd, or a person has
 * confirmed it; a file that cannot be read, of another repository or of a newer version is never believed and never
 * replaced: with it gone, forged snapshots would look as good as the first.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../shared/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import { claimFolder, type FolderClaim } from '../../platform/folder-lock.ts';
import { makePrivateFolder } from '../../platform/home.ts';
import { replaceFiles } from '../../platform/replace-files.ts';

export interface SeenSnapshot {
  /** 64 hex digits. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Id of the snapshot that this one is an edited copy of, else its own. */
  readonly original: string;
}

export interface Confirmation {
  /** The group's key as `groupText` writes it. */
  readonly group: string;
  readonly codes: readonly string[];
  /** Full ids: it holds for these and no others. */
  readonly snapshots: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface Memory {
  readonly version: 1;
  /** Id of the repository. */
  readonly repository: string;
  /** The first and the last look, in milliseconds since the epoch. */
  readonly since: number;
  readonly lookedAt: number;
  /** By host, paths and tags (`groupText` of all three); what is gone stays for a while, since it tells the rhythm. */
  readonly seen: Readonly<Record<string, readonly SeenSnapshot[]>>;
  readonly confirmed: readonly Confirmation[];
}

/** Milliseconds: for how long another program is waited for, and between two looks. */
const patience = 30_000;
const pause = 50;

export class MemoryFile {
  readonly #path: string;
  readonly #folder: string;
  readonly #repository: string;

  /** `folder`: that of the configuration. `repository`: its id, 64 hex digits. */
  constructor(folder: string, repository: string) {
    if (!/^[0-9a-f]{64}$/.test(repository)) throw new TypeError('A repository id has 64 hex digits');
    this.#repository = repository;
    this.#folder = join(folder, 'retention');
    this.#path = join(this.#folder, `${repository}.json`);
  }

  /** Undefined before the first look. Failure CONFIGURATION. */
  read(): Memory | undefined {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw this.#unusable('cannot be read', error);
    }
    const value = parse(text);
    if (isMemory(value) && value.repository === this.#repository) return value;
    throw this.#unusable(typeof value === 'object' && value !== null && 'version' in value && value.version !== 1 ? 'was written by another version of this program' : 'is damaged');
  }

  /**
   * Reads and judges with `body`, then writes what it wants remembered, while no other program does so, nor another body of this
   * one. Nothing is written where that turns out not to be so, and then it rejects. Failures REPOSITORY_LOCKED, CONFIGURATION.
   */
  async alone<T>(clock: Clock, body: () => Promise<{ readonly result: T; readonly memory: Memory | undefined }>, signal?: AbortSignal): Promise<T> {
    const claim = await this.#claim(clock, signal);
    const [judged, confirmed] = await Promise.allSettled([body(), claim.confirmed()]);
    try {
      if (confirmed.status === 'rejected') throw this.#explained(confirmed.reason);
      if (judged.status === 'rejected') throw judged.reason;
      if (judged.value.memory !== undefined) this.write(judged.value.memory);
      return judged.value.result;
    } finally {
      if (confirmed.status === 'fulfilled') await confirmed.value.release();
    }
  }

  /** Waits a little for others: they look, and write a small file. */
  async #claim(clock: Clock, signal: AbortSignal | undefined): Promise<FolderClaim> {
    const busy = new Failure('REPOSITORY_LOCKED', { what: "What this machine remembers of the repository's snapshots is being written by another program", safe: 'No snapshot was removed', next: 'Try again in a moment' });
    const until = clock.monotonic() + patience;
    for (;;) {
      try {
        makePrivateFolder(this.#folder);
        return await claimFolder(this.#folder, { name: `${this.#repository}.lock`, inUse: () => busy }, clock);
      } catch (error) {
        if (error !== busy) throw this.#explained(error);
        if (clock.monotonic() >= until) throw busy;
      }
      await clock.sleep(pause, signal);
    }
  }

  /** Failure CONFIGURATION; then the earlier content stays. */
  write(memory: Memory): void {
    try {
      makePrivateFolder(this.#folder);
      replaceFiles([this.#path], JSON.stringify(memory));
    } catch (error) {
      throw this.#explained(error);
    }
  }

  #explained(error: unknown): unknown {
    return error instanceof Error && 'syscall' in error ? this.#unusable('cannot be written', error) : error;
  }

  #unusable(how: string, cause?: unknown): Failure {
    return new Failure(
      'CONFIGURATION',
      {
        what: `What this machine remembers of the repository's snapshots (${this.#path}) ${how}`,
        safe: 'No snapshot was removed',
        next: 'Look at the snapshots with `cyberbackup snapshots`; if all of them are yours, move that file away and run the command again',
      },
      { cause },
    );
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isMemory(value: unknown): value is Memory {
  if (!isRecord(value) || value['version'] !== 1 || typeof value['repository'] !== 'string') return false;
  const { since, lookedAt, seen, confirmed } = value;
  if (!Number.isFinite(since) || !Number.isFinite(lookedAt) || !isRecord(seen) || !Array.isArray(confirmed)) return false;
  return Object.values(seen).every((list) => Array.isArray(list) && list.every(isSeen)) && confirmed.every(isConfirmation);
}

function isSeen(value: unknown): value is SeenSnapshot {
  return isRecord(value) && isId(value['id']) && Number.isFinite(value['time']) && isId(value['original']);
}

function isConfirmation(value: unknown): value is Confirmation {
  if (!isRecord(value) || typeof value['group'] !== 'string' || !Number.isFinite(value['at'])) return false;
  const { codes, snapshots } = value;
  return Array.isArray(codes) && codes.every((code) => typeof code === 'string') && Array.isArray(snapshots) && snapshots.every(isId);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
