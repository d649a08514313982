/**
 * A time-out by progress: it fires when nothing moved for a while, however long the whole takes.
 *
 * Vocabulary: the guard is *armed* while somebody waits for the other end, and *off* while the delay is our own (a slow
 * source, a slow consumer, a bandwidth limit).
 */
import type { Clock } from '../platform/clock.ts';

export class StallGuard {
  readonly #clock: Clock;
  readonly #onStall: () => void;
  readonly #closing = new AbortController();
  #limit = Infinity;
  #moved = 0;
  #watching = false;
  #stalled = false;

  constructor(clock: Clock, onStall: () => void) {
    this.#clock = clock;
    this.#onStall = onStall;
  }

  get stalled(): boolean {
    return this.#stalled;
  }

  /** Milliseconds without progress after which the guard fires. */
  get limit(): number {
    return this.#limit;
  }

  /** From now on nothing may stand still for `limit` milliseconds. */
  arm(limit: number): void {
    this.#limit = limit;
    this.#moved = this.#clock.monotonic();
    if (!this.#watching && !this.#closing.signal.aborted) void this.#watch();
  }

  /** Something moved. */
  touch(): void {
    this.#moved = this.#clock.monotonic();
  }

  off(): void {
    this.#limit = Infinity;
  }

  close(): void {
    this.#limit = Infinity;
    this.#closing.abort();
  }

  async #watch(): Promise<void> {
    this.#watching = true;
    try {
      while (this.#limit !== Infinity) {
        const left = this.#moved + this.#limit - this.#clock.monotonic();
        if (left <= 0) {
          this.#stalled = true;
          this.#onStall();
          return;
        }
        await this.#clock.sleep(left, this.#closing.signal);
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) throw error;
    } finally {
      this.#watching = false;
    }
  }
}
