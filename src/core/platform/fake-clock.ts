/**
 * A clock for tests that moves only when told to.
 *
 * Invariant: sleepers wake in the order of their deadlines, and at each wake `now` is exactly that deadline, so code
 * under test sees the same times on every run.
 */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from './clock.ts';

interface Sleeper {
  readonly deadline: number;
  readonly wake: () => void;
}

export class FakeClock implements Clock {
  #elapsed = 0;
  readonly #start: number;
  readonly #sleepers = new Set<Sleeper>();

  /** `start`: milliseconds since the epoch; by default 2024-01-02T03:04:05Z. */
  constructor(start = Date.UTC(2024, 0, 2, 3, 4, 5)) {
    this.#start = start;
  }

  now(): number {
    return this.#start + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  /** How many calls of `sleep` are waiting. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason as Error);
      };
      const sleeper: Sleeper = {
        deadline: this.#elapsed + Math.max(0, ms),
        wake: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.add(sleeper);
    });
  }

  /** Moves time on by `ms`, waking every sleeper whose time comes; what they started in turn is woken too when due. */
  async advance(ms: number): Promise<void> {
    const target = this.#elapsed + ms;
    await setImmediate();
    for (;;) {
      const next = [...this.#sleepers].filter((sleeper) => sleeper.deadline <= target).sort((a, b) => a.deadline - b.deadline)[0];
      if (next === undefined) break;
      this.#elapsed = Math.max(this.#elapsed, next.deadline);
      this.#sleepers.delete(next);
      next.wake();
      // The woken code runs until it waits again, for files and the like at most one turn of the event loop.
      await setImmediate();
    }
    this.#elapsed = target;
    await setImmediate();
  }
}
