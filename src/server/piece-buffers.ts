/**
 * Buffers for the bodies of uploads and downloads, of a size that fits how many run.
 *
 * Invariant: all buffers lent together stay near the budget, whatever the number of transfers: one gets a share
 * of what is left, from 1 MiB for a few down to 64 KiB for hundreds. Used buffers of the full size are kept for the next.
 */
const largest = 1024 * 1024;
const smallest = 64 * 1024;
const keptBuffers = 16;
/** A transfer takes at most this part of what is left of the budget. */
const share = 32;

export class PieceBuffers {
  readonly #budget: number;
  readonly #kept: Buffer[] = [];
  #lent = 0;

  /** `budget`: bytes. */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** Bytes in use now. */
  get lent(): number {
    return this.#lent;
  }

  /** A buffer of a size between 64 KiB and 1 MiB, or of `expected` bytes where that is known to be enough. */
  take(expected: number | undefined): Buffer {
    let size = largest;
    while (size > smallest && size > (this.#budget - this.#lent) / share) size /= 2;
    if (expected !== undefined && expected < size) size = Math.max(1, expected);
    this.#lent += size;
    return (size === largest ? this.#kept.pop() : undefined) ?? Buffer.allocUnsafeSlow(size);
  }

  giveBack(buffer: Buffer): void {
    this.#lent -= buffer.length;
    if (buffer.length === largest && this.#kept.length < keptBuffers) this.#kept.push(buffer);
  }
}
