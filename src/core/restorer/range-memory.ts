/**
 * The memory of one worker for the ranges it fetches, used for one after the other: fresh memory for each range would
 * cost the garbage collector and the operating system a quarter of the time of a restore.
 */
import type { Addon } from '../native/addon.ts';
import { largeBuffer } from '../native/large-buffer.ts';
import { maxRange } from './write-plan.ts';

export class RangeMemory {
  readonly #addon: Pick<Addon, 'preferLargePages'>;
  #usual: Buffer | undefined;
  #large: Buffer<ArrayBuffer> | undefined;

  constructor(addon: Pick<Addon, 'preferLargePages'>) {
    this.#addon = addon;
  }

  /** `length` bytes, which hold anything; those that were taken before must not be in use any more. */
  take(length: number): Buffer {
    // A blob larger than any range should be (none of ours): its memory is given back without waiting for the collector,
    // which does not hurry.
    this.#large?.buffer.transfer(0);
    this.#large = undefined;
    if (length > maxRange) {
      this.#large = Buffer.allocUnsafeSlow(length);
      return this.#large;
    }
    this.#usual ??= largeBuffer(this.#addon, maxRange);
    return this.#usual.subarray(0, length);
  }
}
