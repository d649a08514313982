import type { Clock } from '../core/platform/clock.ts';

/** Calls at once and then every `interval` milliseconds, until the returned function is called. */
export function repeatEvery(clock: Clock, interval: number, call: () => void): () => void {
  const stop = new AbortController();
  const run = async (): Promise<void> => {
    try {
      for (;;) {
        call();
        await clock.sleep(interval, stop.signal);
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  };
  void run();
  return () => stop.abort();
}
