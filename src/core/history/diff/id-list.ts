/** Many ids, 32 bytes each and no object for each. */
const idSize = 32;

export class IdList {
  #bytes = Buffer.allocUnsafeSlow(64 * idSize);
  #size = 0;

  add(id: Buffer): void {
    if (this.#size === this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * this.#bytes.length);
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    this.#size += id.copy(this.#bytes, this.#size);
  }

  *[Symbol.iterator](): Generator<Buffer> {
    for (let at = 0; at < this.#size; at += idSize) yield this.#bytes.subarray(at, at + idSize);
  }
}
