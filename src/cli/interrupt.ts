/**
 * SIGINT, SIGTERM and SIGHUP: the first aborts the work, which releases its lock and ends with exit code 130; the
 * second ends the process at once.
 */
import { Failure } from '../shared/errors.ts';

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Gives the signals back to the system. */
  dispose(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function interruptedFailure(): Failure {
  return new Failure('INTERRUPTED', { what: 'Interrupted', safe: 'Nothing half-written is visible; run the same command to continue' });
}

/** @param leave called on the second signal; must not return. */
export function watchInterrupt(leave: () => never): Interrupt {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) leave();
    controller.abort(interruptedFailure());
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose() {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
