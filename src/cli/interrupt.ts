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

export interface InterruptActions {
  /** The work has not ended a while after the first signal. */
  onSlow(): void;
  /** Called on the second signal. */
  leave(): never;
}

/** Milliseconds; most work ends sooner, and a hint would only flash. */
const slowAfter = 1500;

export function watchInterrupt(actions: InterruptActions): Interrupt {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) actions.leave();
    controller.abort(interruptedFailure());
    setTimeout(() => actions.onSlow(), slowAfter).unref();
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose() {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
