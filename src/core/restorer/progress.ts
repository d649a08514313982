/**
 * Counts of a running restore, told at most ten times a second.
 */
import type { Clock } from '../platform/clock.ts';
import { Pace } from '../platform/pace.ts';
import type { RestoreProgress, RestoreStages, RestoreSummary } from './options.ts';
import type { Problems } from './problems.ts';

const intervalMs = 100;

export class RestoreCounts {
  totalFiles = 0;
  totalBytes = 0;
  filesRestored = 0;
  othersRestored = 0;
  filesSkipped = 0;
  filesDeleted = 0;
  bytesRestored = 0;
  bytesSkipped = 0;
  /** How many ranges are worked on at once. */
  workers = 1;

  readonly #clock: Clock;
  readonly #problems: Problems;
  readonly #tell: ((progress: RestoreProgress) => void) | undefined;
  readonly #startedAt: number;
  #phase: RestoreProgress['phase'] = 'scan';
  #toldAt = Number.NEGATIVE_INFINITY;
  readonly #pace: Pace;
  readonly #download: StageMeter;
  readonly #write: StageMeter;

  constructor(clock: Clock, problems: Problems, tell?: (progress: RestoreProgress) => void) {
    this.#clock = clock;
    this.#problems = problems;
    this.#tell = tell;
    this.#startedAt = clock.monotonic();
    this.#pace = new Pace(this.#startedAt);
    this.#download = new StageMeter(this.#startedAt);
    this.#write = new StageMeter(this.#startedAt);
  }

  /** Runs one step of a worker and counts its time; `bytes` of its result passed the stage. */
  async measure<T>(stage: keyof RestoreStages, step: () => Promise<T>, bytes: (result: T) => number): Promise<T> {
    const start = this.#clock.monotonic();
    const result = await step();
    (stage === 'download' ? this.#download : this.#write).add(bytes(result), this.#clock.monotonic() - start);
    return result;
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
    const now = this.#startedAt + elapsed;
    this.#pace.note(now, this.bytesRestored);
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
      ...this.#pace.timeLeft(this.totalBytes - doneBytes),
      bytes_per_second: this.#pace.recent,
      stages: { download: this.#download.rates(now, this.workers), write: this.#write.rates(now, this.workers) },
    };
  }
}

/** Bytes and worker time of one stage. */
class StageMeter {
  readonly #bytes: Pace;
  /** Milliseconds of work, as bytes are counted. */
  readonly #work: Pace;
  #bytesInAll = 0;
  #workInAll = 0;

  constructor(now: number) {
    this.#bytes = new Pace(now);
    this.#work = new Pace(now);
  }

  add(bytes: number, milliseconds: number): void {
    this.#bytesInAll += bytes;
    this.#workInAll += milliseconds;
  }

  rates(now: number, workers: number): RestoreStages['write'] {
    this.#bytes.note(now, this.#bytesInAll);
    this.#work.note(now, this.#workInAll);
    return { bytes_per_second: this.#bytes.recent, busy: Math.min(1, this.#work.recent / 1000 / workers) };
  }
}
