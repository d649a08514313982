/**
 * A time-out by progress: it fires when nothing moved for a while, however long the whole takes.
 *
 * Vocabulary: the guard is *armed* while somebody waits for the other end, and *off* while the delay is our own (a slow
 * source, a slow consumer, a bandwidth limit). Progress is told with `touch`, or seen in a *counter* where nobody is
 * there to tell it; that is looked at four times within the limit, so a stall shows at most a quarter of it too late.
 */
import type { Clock } from '../platform/clock.ts';

/** Why the watch ends; made once, since an abort without a reason makes an error with its stack each time. */
const closed = new Error('the guard is closed');

export class StallGuard {
  readonly #clock: Clock;
  readonly #onStall: () => void;
  readonly #counter: (() => number) | undefined;
  readonly #closing = new AbortController();
  #limit = Infinity;
  #moved = 0;
  #counted = 0;
  #watching = false;
  #stalled = false;

  /** `counter`: any number that changes when something moved. */
  constructor(clock: Clock, onStall: () => void, counter?: () => number) {
    this.#clock = clock;
    this.#onStall = onStall;
    this.#counter = counter;
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
    this.#closing.abort(closed);
  }

  #look(): void {
    const count = this.#counter?.() ?? 0;
    if (count !== this.#counted) this.touch();
    this.#counted = count;
  }

  async #watch(): Promise<void> {
    this.#watching = true;
    try {
      while (this.#limit !== Infinity) {
        this.#look();
        const left = this.#moved + this.#limit - this.#clock.monotonic();
        if (left <= 0) {
          this.#stalled = true;
          this.#onStall();
          return;
        }
        await this.#clock.sleep(this.#counter === undefined ? left : Math.min(left, this.#limit / 4), this.#closing.signal);
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) throw error;
    } finally {
      this.#watching = false;
    }
  }
}
