/**
 * A limit on the bytes of all objects in the data folder (specification of the REST protocol, section 9).
 *
 * Invariants: an upload reserves room before its bytes are taken, so uploads at once cannot exceed the limit together;
 * what is stored counts once, however many clients send the same object; config does not count.
 */
export class Quota {
  /** Bytes; undefined: no limit, only counting. */
  readonly limit: number | undefined;
  #stored: number;
  #reserved = 0;

  constructor(limit: number | undefined, stored: number) {
    this.limit = limit;
    this.#stored = stored;
  }

  get stored(): number {
    return this.#stored;
  }

  get remaining(): number {
    return this.limit === undefined ? Number.POSITIVE_INFINITY : Math.max(0, this.limit - this.#stored - this.#reserved);
  }

  /** Room for one upload of at least `bytes`; undefined if there is not enough. */
  reserve(bytes: number): Reservation | undefined {
    const reservation = new Reservation(this);
    return reservation.grow(bytes) ? reservation : undefined;
  }

  /** An object of that size was removed. */
  removed(bytes: number): void {
    this.#stored = Math.max(0, this.#stored - bytes);
  }

  /** For `Reservation` only. */
  change(reserved: number, stored: number): void {
    this.#reserved += reserved;
    this.#stored += stored;
  }
}

export class Reservation {
  readonly #quota: Quota;
  #bytes = 0;

  constructor(quota: Quota) {
    this.#quota = quota;
  }

  /** Makes it `bytes` in all; false, and unchanged, if there is no room. */
  grow(bytes: number): boolean {
    const more = bytes - this.#bytes;
    if (more <= 0) return true;
    if (more > this.#quota.remaining) return false;
    this.#bytes = bytes;
    this.#quota.change(more, 0);
    return true;
  }

  /** The upload is over: `stored` bytes became a new object, 0 if none did. */
  settle(stored: number): void {
    this.#quota.change(-this.#bytes, stored);
    this.#bytes = 0;
  }
}
