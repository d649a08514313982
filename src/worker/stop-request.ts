/**
 * The wish of the agent that an attempt ends early: the reason with which everything is aborted.
 *
 * Vocabulary: the *grace* is the time within which an attempt ends by itself; then the worker leaves it behind. What was
 * stored by then is valid in any case; a lock that stays is stale, and the next attempt removes it.
 */
import type { WindUp } from '../core/archiver/wind-up.ts';
import { usualWindUp } from '../core/archiver/wind-up.ts';
import { Failure } from '../shared/errors.ts';
import type { StopReason } from '../shared/worker-protocol.ts';

export class StopRequest extends Failure {
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super('INTERRUPTED', { what: 'The work was stopped', safe: 'What was stored stays stored, and earlier snapshots are untouched', next: 'Start it again: it continues' });
    this.name = 'StopRequest';
    this.reason = reason;
  }
}

/** Milliseconds. Somebody waits for the end of a cancel; what a pause or the end of the agent interrupts goes on later, so a moment for what is almost stored, and for its index, spares sending it again. */
export const graces: Readonly<Record<StopReason, number>> = { cancel: 700, pause: 3000, shutdown: 3000 };

const windUps: Readonly<Record<StopReason, WindUp>> = {
  cancel: { uploads: 0, index: 400, lock: 200 },
  pause: { uploads: 500, index: 1500, lock: 500 },
  shutdown: { uploads: 500, index: 1500, lock: 500 },
};

export function windUpAfter(reason: unknown): WindUp {
  return reason instanceof StopRequest ? windUps[reason.reason] : usualWindUp(reason);
}
