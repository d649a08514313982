/**
 * Progress of a backup: what is done, how fast, how long still, and which stage is the slow one.
 *
 * Vocabulary: a *sample* is taken at every update; the *window* is the samples of the last ten seconds. The time left
 * is a range: at the faster and at the slower of the speed in the window and the speed since the start.
 *
 * Invariants: at most one update a tenth of a second; the last update comes after everything is done.
 */
import type { Clock } from '../platform/clock.ts';
import { timeLeft } from '../platform/pace.ts';
import type { BackupProgress, Bottleneck } from './options.ts';
import { slowestStage, stageRates } from './stage-rates.ts';
import type { StageCounters, StageSample } from './stage-rates.ts';
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
  readonly counters: () => StageCounters;
  /** Processing threads of the engine. */
  readonly threads: number;
  readonly isFinishing: () => boolean;
  readonly totals: () => Totals;
  readonly currentFiles: () => readonly Buffer[];
  readonly onProgress: (progress: BackupProgress) => void;
}

interface Sample extends StageSample {
  readonly bytes: number;
}

export class ProgressReport {
  readonly #ports: ProgressPorts;
  readonly #start: number;
  readonly #stop = new AbortController();
  #samples: Sample[];
  #counters: StageCounters;
  #bottleneck: Bottleneck = 'scan';

  constructor(ports: ProgressPorts) {
    this.#ports = ports;
    this.#start = ports.clock.monotonic();
    this.#counters = ports.counters();
    this.#samples = [{ at: this.#start, bytes: 0, counters: this.#counters, scanned: 0 }];
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
    const { clock, tally, totals, currentFiles, threads, isFinishing } = this.#ports;
    const now = clock.monotonic();
    const counters = this.#ports.counters();
    this.#bottleneck = slowestStage(this.#counters, counters) ?? this.#bottleneck;
    this.#counters = counters;
    const bytes = tally.reusedBytes + counters.bytesRead;
    const { files: totalFiles, bytes: totalBytes, known } = totals();
    const sample: Sample = { at: now, bytes, counters, scanned: totalBytes };
    this.#samples.push(sample);
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > windowLength) this.#samples.shift();
    const oldest = this.#samples[0] ?? sample;
    const elapsed = now - this.#start;
    const recent = speedBetween(oldest, sample);
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
      phase: isFinishing() ? 'finish' : known ? 'transfer' : 'scan',
      stages: stageRates(oldest, sample, threads),
    };
  }
}

function speedBetween(from: Sample, to: Sample): number {
  return to.at > from.at ? ((to.bytes - from.bytes) / (to.at - from.at)) * 1000 : 0;
}

function share(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}
