/**
 * Lets at most one value of a key through in an interval, and always the last one.
 *
 * A key is *idle* or *cooling down*. Idle: a value goes through at once, and the key cools down for the interval. Cooling
 * down: the latest value is kept; at the end it goes through and the key cools down again, or, where there is none, the key
 * is idle and forgotten.
 */
import type { Clock } from '../../core/platform/clock.ts';

interface CoolingDown<Value> {
  latest: { readonly value: Value } | undefined;
  readonly stop: AbortController;
}

export class Throttle<Key, Value> {
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #send: (value: Value) => void;
  readonly #cooling = new Map<Key, CoolingDown<Value>>();
  readonly #timers = new Set<Promise<void>>();

  /** `interval`: milliseconds. `send` must not throw. */
  constructor(clock: Clock, interval: number, send: (value: Value) => void) {
    this.#clock = clock;
    this.#interval = interval;
    this.#send = send;
  }

  push(key: Key, value: Value): void {
    const cooling = this.#cooling.get(key);
    if (cooling !== undefined) {
      cooling.latest = { value };
      return;
    }
    const begun: CoolingDown<Value> = { latest: undefined, stop: new AbortController() };
    this.#cooling.set(key, begun);
    this.#send(value);
    const timer = this.#coolDown(key, begun);
    this.#timers.add(timer);
    void timer.finally(() => this.#timers.delete(timer));
  }

  /** Sends a value that must not wait; what was kept before is older, and dropped. */
  finish(key: Key, value: Value): void {
    this.#drop(key);
    this.#send(value);
  }

  /** Sends what is kept, and resolves when no timer is left. */
  async close(): Promise<void> {
    for (const [key, { latest }] of this.#cooling) {
      this.#drop(key);
      if (latest !== undefined) this.#send(latest.value);
    }
    await Promise.all(this.#timers);
  }

  #drop(key: Key): void {
    const cooling = this.#cooling.get(key);
    this.#cooling.delete(key);
    cooling?.stop.abort();
  }

  async #coolDown(key: Key, cooling: CoolingDown<Value>): Promise<void> {
    const { signal } = cooling.stop;
    do {
      cooling.latest = undefined;
      try {
        await this.#clock.sleep(this.#interval, signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      if (signal.aborted) return;
      if (cooling.latest !== undefined) this.#send((cooling.latest as { readonly value: Value }).value);
    } while (cooling.latest !== undefined);
    this.#cooling.delete(key);
  }
}
