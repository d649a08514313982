/**
 * `/health`: can this server store (interfaces, section 2).
 *
 * Invariants: asked without a token, so no path and no name is told; one check at a time, its result kept for some
 * seconds, so that a flood of questions costs nothing; an answer comes even while the disk hangs.
 */
import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../core/platform/clock.ts';

export type Problem = 'not-writable' | 'no-space' | 'little-space' | 'quota-used-up' | 'storage-slow';

export interface HealthReport {
  readonly status: 'ok' | 'degraded';
  /** False: uploads fail now, and the answer is 503. */
  readonly canStore: boolean;
  readonly problems: readonly Problem[];
}

export interface HealthSources {
  readonly folder: string;
  readonly clock: Clock;
  /** Bytes that may still be written to the disk. */
  readonly freeSpace: () => Promise<number>;
  /** Bytes left of the quota. */
  readonly quotaRemaining: () => number;
}

const keptMs = 5000;
const patienceMs = 800;
const noSpace = 16 * 1024 * 1024;
const littleSpace = 1024 * 1024 * 1024;

export class ServerHealth {
  readonly #sources: HealthSources;
  #disk: readonly Problem[] = [];
  #checkedAt = Number.NEGATIVE_INFINITY;
  #checking: Promise<void> | undefined;

  constructor(sources: HealthSources) {
    this.#sources = sources;
  }

  async report(): Promise<HealthReport> {
    const { clock, quotaRemaining } = this.#sources;
    const slow = clock.monotonic() - this.#checkedAt >= keptMs && !(await this.#checkWithin(patienceMs));
    const problems: Problem[] = [...this.#disk, ...(slow ? (['storage-slow'] as const) : []), ...(quotaRemaining() <= 0 ? (['quota-used-up'] as const) : [])];
    const canStore = problems.every((problem) => problem === 'little-space');
    return { status: problems.length === 0 ? 'ok' : 'degraded', canStore, problems };
  }

  /** False if the check did not end in time; it goes on. */
  async #checkWithin(ms: number): Promise<boolean> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    const stop = new AbortController();
    const tired = this.#sources.clock.sleep(ms, stop.signal).then(
      () => false,
      () => true,
    );
    const done = await Promise.race([this.#checking.then(() => true), tired]);
    stop.abort();
    return done;
  }

  async #check(): Promise<void> {
    const problems: Problem[] = [];
    try {
      const free = await this.#sources.freeSpace();
      if (free < noSpace) problems.push('no-space');
      else if (free < littleSpace) problems.push('little-space');
      await this.#tryWriting();
    } catch (error) {
      problems.push(error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT') ? 'no-space' : 'not-writable');
    }
    this.#disk = [...new Set(problems)];
    this.#checkedAt = this.#sources.clock.monotonic();
  }

  async #tryWriting(): Promise<void> {
    const path = join(this.#sources.folder, `.health-${randomBytes(6).toString('hex')}`);
    const file = await open(path, 'wx', 0o600);
    try {
      await file.write('health');
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
  }
}
