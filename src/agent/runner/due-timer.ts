/** Calls back when a time comes; one time at once, the latest that was set. */
import type { Clock } from '../../core/platform/clock.ts';

/** The longest single sleep: timers count at most 24 days, do not count while the machine sleeps, and the wall clock may jump. */
const longestSleep = 60_000;

export class DueTimer {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #stop: AbortController | undefined;
  readonly #waits = new Set<Promise<void>>();

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** `at`: milliseconds since the epoch; undefined for never. */
  set(at: number | undefined): void {
    this.#stop?.abort();
    this.#stop = undefined;
    if (at === undefined) return;
    const stop = new AbortController();
    this.#stop = stop;
    const wait = this.#wait(at, stop.signal);
    this.#waits.add(wait);
    void wait.finally(() => this.#waits.delete(wait));
  }

  async close(): Promise<void> {
    this.set(undefined);
    await Promise.all(this.#waits);
  }

  async #wait(at: number, signal: AbortSignal): Promise<void> {
    try {
      do await this.#clock.sleep(Math.min(longestSleep, Math.max(0, at - this.#clock.now())), signal);
      while (at > this.#clock.now());
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (!signal.aborted) this.#onDue();
  }
}
