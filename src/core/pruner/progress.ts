/** Where a prune or a repair stands, told at most ten times a second. */
import type { Clock } from '../platform/clock.ts';

const interval = 100;

/** `total` and `bytes_total` are 0 where they are not known. */
export interface PhaseProgress<Phase extends string> {
  readonly phase: Phase;
  readonly done: number;
  readonly total: number;
  readonly bytes_done: number;
  readonly bytes_total: number;
}

export class Progress<Phase extends string> {
  readonly #clock: Clock;
  readonly #tell: ((progress: PhaseProgress<Phase>) => void) | undefined;
  #phase: Phase | undefined;
  #done = 0;
  #total = 0;
  #bytesDone = 0;
  #bytesTotal = 0;
  #toldAt = 0;

  constructor(clock: Clock, tell: ((progress: PhaseProgress<Phase>) => void) | undefined) {
    this.#clock = clock;
    this.#tell = tell;
  }

  enter(phase: Phase, total = 0, bytesTotal = 0): void {
    this.#phase = phase;
    this.#done = 0;
    this.#total = total;
    this.#bytesDone = 0;
    this.#bytesTotal = bytesTotal;
    this.#toldAt = Number.NEGATIVE_INFINITY;
    this.add(0);
  }

  /** More to do than was known. */
  expect(more: number): void {
    this.#total += more;
  }

  add(count: number, bytes = 0): void {
    this.#done += count;
    this.#bytesDone += bytes;
    const now = this.#clock.monotonic();
    if (this.#tell === undefined || this.#phase === undefined || now - this.#toldAt < interval) return;
    this.#toldAt = now;
    this.#tell({ phase: this.#phase, done: this.#done, total: this.#total, bytes_done: this.#bytesDone, bytes_total: this.#bytesTotal });
  }
}
