/** What a test may break in the fake parts. */
import { Failure } from '../../shared/errors.ts';
import type { FailureCode } from '../../shared/errors.ts';

/** When everything fake was made. */
export const epoch = '2026-11-27T08:00:00.000Z';

export function refused(code: FailureCode): Failure {
  return new Failure(code, { what: `refused with ${code}` });
}

/** What a test may break: the next call of the named kind throws this. */
export interface Faults {
  enqueue?: Failure;
  repositories?: Failure;
  readers?: Failure;
  plans?: Failure;
  settings?: Failure;
  companion?: Failure;
  serverUsers?: Failure;
  network?: Failure;
  unexpected?: Error;
}
