/** Memory that is used again and again, for one piece of work after another. */
const step = 256 * 1024;

export class Room {
  readonly #allocate: (size: number) => Buffer;
  #buffer: Buffer = Buffer.alloc(0);

  /** `allocate`: by default small pages; `largeBuffer` for megabytes that are filled to the end. */
  constructor(allocate: (size: number) => Buffer = (size) => Buffer.allocUnsafeSlow(size)) {
    this.#allocate = allocate;
  }

  /** What was taken before is not to be used any more. */
  take(length: number): Buffer {
    if (this.#buffer.length < length) this.#buffer = this.#allocate(Math.ceil(length / step) * step);
    return this.#buffer.subarray(0, length);
  }
}
