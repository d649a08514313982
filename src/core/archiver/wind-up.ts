/**
 * How long a backup that ends early may take to keep what it stored, in milliseconds: uploads under way may end, what is
 * stored is listed in an index, and the lock goes.
 */
import { Failure } from '../../shared/errors.ts';

export interface WindUp {
  /** 0: uploads under way are cut off at once. */
  readonly uploads: number;
  readonly index: number;
  readonly lock: number;
}

/** A person who pressed Ctrl-C waits for a prompt, a backup that failed may take its time. */
const afterInterrupt: WindUp = { uploads: 500, index: 1500, lock: 2000 };
const afterFailure: WindUp = { uploads: 2000, index: 10_000, lock: 10_000 };

/** What is usual for the reason of an abort. */
export function usualWindUp(reason: unknown): WindUp {
  return reason instanceof Failure && reason.code === 'INTERRUPTED' ? afterInterrupt : afterFailure;
}
