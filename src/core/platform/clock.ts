/**
 * Time, injected.
 *
 * Vocabulary: *now* is the wall clock, milliseconds since 1970 UTC, and may jump; *monotonic* only ever grows and is
 * for durations. Core logic never asks the system for either: tests drive a `FakeClock` instead.
 */
import { setTimeout as timer } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonic(): number;
  /** Resolves after `ms`; rejects at once with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    try {
      await timer(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // Node wraps the reason in its own AbortError; callers want the reason itself.
      signal?.throwIfAborted();
      throw error;
    }
  },
};
