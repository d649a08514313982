/**
 * Time, injected.
 *
 * Vocabulary: *now* is the wall clock, milliseconds since 1970 UTC, and may jump; *monotonic* only ever grows and is
 * for durations. Core logic never asks the system for either: tests drive a `FakeClock` instead.
 */

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
  // Not `timers/promises`: for every sleep that ends early it makes two errors with their stacks, and sleeps that guard
  // requests nearly all do.
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const onAbort = (): void => {
        clearTimeout(timer);
        // The reason is the caller's own, whatever it is.
        // oxlint-disable-next-line prefer-promise-reject-errors
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};
