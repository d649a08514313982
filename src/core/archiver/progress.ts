/**
 * Progress of a backup: what is done, how fast, how long still, and which stage is the slow one.
 *
 * Vocabulary: a *sample* is taken at every update; the *window* is the samples of the last ten seconds. The time left
 * is a range: at the faster and at the slower of the speed in the window and the speed since the start.
 *
 * Invariants: at most one update a tenth of a second; the last update comes after everything is done.
 */
import type { BackupCounters } from '../native/addon.ts';
import type { Clock } from '../platform/clock.ts';
import type { BackupProgress, Bottleneck } from './options.ts';
import type { Tally } from './tally.ts';

const interval = 100;
const windowLength = 10_000;
/** Before that, speeds mean nothing. */
const settled = 1000;

export interface Totals {
  readonly files: number;
  readonly bytes: number;
  readonly known: boolean;
}

export interface ProgressPorts {
  readonly clock: Clock;
  readonly tally: Tally;
  readonly counters: () => BackupCounters;
  readonly totals: () => Totals;
  readonly currentFiles: () => readonly Buffer[];
  readonly onProgress: (progress: BackupProgress) => void;
}

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

export class ProgressReport {
  readonly #ports: ProgressPorts;
  readonly #start: number;
  readonly #stop = new AbortController();
  #samples: Sample[];
  #counters: BackupCounters;
  #bottleneck: Bottleneck = 'scan';

  constructor(ports: ProgressPorts) {
    this.#ports = ports;
    this.#start = ports.clock.monotonic();
    this.#samples = [{ at: this.#start, bytes: 0 }];
    this.#counters = ports.counters();
  }

  /** Sends updates until `end`; never rejects for that. */
  async run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#ports.clock.sleep(interval, signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      this.#ports.onProgress(this.#measure());
    }
  }

  /** No update follows the one that this sends. */
  end(): void {
    this.#stop.abort();
    this.#ports.onProgress(this.#measure());
  }

  #measure(): BackupProgress {
    const { clock, tally, totals, currentFiles } = this.#ports;
    const now = clock.monotonic();
    const counters = this.#ports.counters();
    this.#bottleneck = slowestStage(this.#counters, counters) ?? this.#bottleneck;
    this.#counters = counters;
    const bytes = tally.reusedBytes + counters.bytesRead;
    this.#samples.push({ at: now, bytes });
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > windowLength) this.#samples.shift();
    const { files: totalFiles, bytes: totalBytes, known } = totals();
    const elapsed = now - this.#start;
    const recent = this.#speedSince(this.#samples[0], now, bytes);
    const remaining = known && elapsed >= settled ? timeLeft(totalBytes - bytes, recent, (bytes / elapsed) * 1000) : undefined;
    return {
      percent_done: known ? Math.min(1, totalBytes > 0 ? bytes / totalBytes : share(tally.filesDone, totalFiles)) : 0,
      total_files: Math.max(totalFiles, tally.filesDone),
      total_bytes: Math.max(totalBytes, bytes),
      totals_known: known,
      files_done: tally.filesDone,
      bytes_done: bytes,
      current_files: currentFiles(),
      error_count: tally.errors,
      seconds_elapsed: elapsed / 1000,
      ...remaining,
      bytes_per_second: recent,
      bottleneck: this.#bottleneck,
    };
  }

  #speedSince(sample: Sample | undefined, now: number, bytes: number): number {
    return sample === undefined || now <= sample.at ? 0 : ((bytes - sample.bytes) / (now - sample.at)) * 1000;
  }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}

function timeLeft(bytes: number, recent: number, overall: number): Pick<BackupProgress, 'seconds_remaining' | 'seconds_remaining_low' | 'seconds_remaining_high'> | undefined {
  const fast = Math.max(recent, overall);
  const slow = Math.min(recent, overall);
  if (slow <= 0) return undefined;
  const left = Math.max(0, bytes);
  return { seconds_remaining: left / ((fast + slow) / 2), seconds_remaining_low: left / fast, seconds_remaining_high: left / slow };
}

/** The stage that took most of the threads' time between two counts; undefined if nothing happened. */
export function slowestStage(before: BackupCounters, after: BackupCounters): Bottleneck | undefined {
  const spent: readonly (readonly [Bottleneck, number])[] = [
    ['scan', after.inputWaitNs - before.inputWaitNs],
    ['read', after.readNs - before.readNs],
    ['chunk', after.chunkNs - before.chunkNs + after.hashNs - before.hashNs],
    ['compress', after.compressNs - before.compressNs],
    ['encrypt', after.encryptNs - before.encryptNs],
    ['upload', after.uploadWaitNs - before.uploadWaitNs],
  ];
  const [stage, time] = spent.reduce((most, next) => (next[1] > most[1] ? next : most));
  return time > 0 ? stage : undefined;
}
