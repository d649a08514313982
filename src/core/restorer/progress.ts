/**
 * Counts of a running restore, told at most ten times a second.
 */
import type { Clock } from '../platform/clock.ts';
import type { RestoreProgress, RestoreSummary } from './options.ts';
import type { Problems } from './problems.ts';

const intervalMs = 100;
/** Before this a speed says nothing. */
const settledMs = 1000;

export class RestoreCounts {
  totalFiles = 0;
  totalBytes = 0;
  filesRestored = 0;
  othersRestored = 0;
  filesSkipped = 0;
  filesDeleted = 0;
  bytesRestored = 0;
  bytesSkipped = 0;

  readonly #clock: Clock;
  readonly #problems: Problems;
  readonly #tell: ((progress: RestoreProgress) => void) | undefined;
  readonly #startedAt: number;
  #phase: RestoreProgress['phase'] = 'scan';
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, problems: Problems, tell?: (progress: RestoreProgress) => void) {
    this.#clock = clock;
    this.#problems = problems;
    this.#tell = tell;
    this.#startedAt = clock.monotonic();
  }

  /** One more entry that is no folder has come back. */
  countRestored(isFile: boolean): void {
    if (isFile) this.filesRestored += 1;
    else this.othersRestored += 1;
  }

  enter(phase: RestoreProgress['phase']): void {
    this.#phase = phase;
    this.tell();
  }

  /** To be called after every step; most calls do nothing. */
  tell(last = false): void {
    if (this.#tell === undefined) return;
    const now = this.#clock.monotonic();
    if (!last && now - this.#toldAt < intervalMs) return;
    this.#toldAt = now;
    this.#tell(this.#progress(now - this.#startedAt));
  }

  summary(): RestoreSummary {
    return {
      files_restored: this.filesRestored,
      others_restored: this.othersRestored,
      files_skipped: this.filesSkipped,
      files_deleted: this.filesDeleted,
      bytes_restored: this.bytesRestored,
      total_files: this.totalFiles,
      total_bytes: this.totalBytes,
      errors: this.#problems.count,
      problems: this.#problems.kept,
      total_duration: (this.#clock.monotonic() - this.#startedAt) / 1000,
    };
  }

  #progress(elapsed: number): RestoreProgress {
    const doneBytes = this.bytesRestored + this.bytesSkipped;
    const share = this.totalBytes > 0 ? doneBytes / this.totalBytes : this.totalFiles > 0 ? (this.filesRestored + this.filesSkipped) / this.totalFiles : 0;
    const speed = elapsed > 0 ? (this.bytesRestored * 1000) / elapsed : 0;
    const left = Math.max(0, this.totalBytes - doneBytes);
    return {
      phase: this.#phase,
      percent_done: Math.min(1, share),
      total_files: this.totalFiles,
      files_restored: this.filesRestored,
      files_skipped: this.filesSkipped,
      files_deleted: this.filesDeleted,
      total_bytes: this.totalBytes,
      bytes_restored: this.bytesRestored,
      bytes_skipped: this.bytesSkipped,
      error_count: this.#problems.count,
      seconds_elapsed: elapsed / 1000,
      ...(elapsed >= settledMs && speed > 0 ? { seconds_remaining: left / speed } : {}),
      bytes_per_second: speed,
    };
  }
}
