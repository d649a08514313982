/**
 * The memory of one worker for the ranges it fetches, used for one after the other: fresh memory for each range would
 * cost the garbage collector and the operating system a quarter of the time of a restore.
 */
import { maxRange } from './write-plan.ts';

export class RangeMemory {
  #buffer: Buffer | undefined;

  /** `length` bytes, which hold anything; those that were taken before are not to be used any more. */
  take(length: number): Buffer {
    // A blob larger than any range should be is rare: its memory is not kept.
    if (length > maxRange) return Buffer.allocUnsafeSlow(length);
    this.#buffer ??= Buffer.allocUnsafeSlow(maxRange);
    return this.#buffer.subarray(0, length);
  }
}
