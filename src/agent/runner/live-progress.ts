/** How far a running attempt is, in memory: always the latest word of its worker. */
import type { SkippedItem } from '../../shared/contract/schemas/job.ts';
import type { FromWorker, WorkerProgress } from '../../shared/worker-protocol.ts';

/** Milliseconds between two checkpoints in the queue, unless the phase changes. */
const checkpointInterval = 1000;
const keptItemErrors = 5;
/** The first of them are listed one by one. */
const listedItems = 500;

export type RetryMessage = Extract<FromWorker, { readonly type: 'retry' }>;

/** A storage operation that failed and waits until it is tried again: what holds the job up. */
export interface Holdup {
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** What failed, and why. */
  readonly message: string;
}

export type ItemError = Extract<FromWorker, { readonly type: 'item-error' }>;

export class LiveProgress {
  #latest: WorkerProgress | null = null;
  #savedAt = Number.NEGATIVE_INFINITY;
  #savedPhase: WorkerProgress['phase'] | undefined;
  #unsaved = false;
  #itemErrors = 0;
  readonly #lastItemErrors: string[] = [];
  readonly #skipped: SkippedItem[] = [];
  /** By operation. */
  readonly #holdups = new Map<string, Holdup>();

  get latest(): WorkerProgress | null {
    return this.#latest && { ...this.#latest, errorCount: Math.max(this.#latest.errorCount, this.#itemErrors) };
  }

  /** Items that could not be saved or restored in this attempt. */
  get itemErrors(): number {
    return Math.max(this.#itemErrors, this.#latest?.errorCount ?? 0);
  }

  /** The latest of them, one a text. */
  get lastItemErrors(): readonly string[] {
    return this.#lastItemErrors;
  }

  /** The first of them, in the order in which they were told. */
  get skipped(): readonly SkippedItem[] {
    return this.#skipped;
  }

  note(progress: WorkerProgress): void {
    // While other bytes move, nothing holds the job up.
    if (progress.bytesDone !== this.#latest?.bytesDone) this.#holdups.clear();
    this.#latest = progress;
    this.#unsaved = true;
  }

  /** `now`: milliseconds since the epoch. */
  noteRetry({ operation, message, delay }: RetryMessage, now: number): void {
    this.#holdups.set(operation, { until: now + delay, message });
  }

  /** The operation that is tried again first; undefined where none waits. `now`: milliseconds since the epoch. */
  holdup(now: number): Holdup | undefined {
    for (const [operation, { until }] of this.#holdups) if (until <= now) this.#holdups.delete(operation);
    return [...this.#holdups.values()].toSorted((a, b) => a.until - b.until)[0];
  }

  noteItemError({ item, during, message }: ItemError): void {
    this.#itemErrors++;
    this.#unsaved = this.#latest !== null;
    if (this.#skipped.length < listedItems) this.#skipped.push({ path: item, during, message });
    this.#lastItemErrors.push(`${item}: ${during}: ${message}`);
    if (this.#lastItemErrors.length > keptItemErrors) this.#lastItemErrors.shift();
  }

  /** What a checkpoint should keep now; undefined where there is nothing new, or it is too early. `now`: monotonic. */
  dueCheckpoint(now: number, isLast = false): WorkerProgress | undefined {
    const { latest } = this;
    if (latest === null || !this.#unsaved) return undefined;
    if (!isLast && latest.phase === this.#savedPhase && now - this.#savedAt < checkpointInterval) return undefined;
    this.#savedAt = now;
    this.#savedPhase = latest.phase;
    this.#unsaved = false;
    return latest;
  }
}
