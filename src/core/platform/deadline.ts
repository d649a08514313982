/** Work that must end by a time. */
import type { Clock } from './clock.ts';

/**
 * Runs `operation` with a signal that is aborted after `limit` milliseconds, or with `parent`; settles as the operation
 * does, so an operation that does not heed the signal is waited for all the same.
 */
export async function withDeadline<T>(clock: Clock, limit: number, parent: AbortSignal | undefined, operation: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = new AbortController();
  const ended = new AbortController();
  const watch = async (): Promise<void> => {
    try {
      await clock.sleep(limit, ended.signal);
      deadline.abort(new Error(`not done after ${Math.round(limit / 1000)} s`));
    } catch (error) {
      if (!ended.signal.aborted) throw error;
    }
  };
  const watching = watch();
  try {
    return await operation(parent === undefined ? deadline.signal : AbortSignal.any([parent, deadline.signal]));
  } finally {
    ended.abort(new Error('done'));
    await watching;
  }
}
