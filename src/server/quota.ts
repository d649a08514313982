/**
 * A limit on the bytes of all objects below a folder: the data folder, or that of one user (specification of the REST protocol,
 * section 9).
 *
 * Invariants: an upload reserves room in every quota that it counts against before its bytes are taken, so uploads at once
 * cannot exceed a limit together; what is stored counts once, however many clients send the same object; config does not count.
 */
import { StorageError } from '../core/storage/object-store.ts';

export class Quota {
  /** Bytes; undefined: no limit, only counting. */
  limit: number | undefined;
  /** Of a user; the empty string: of the whole server. */
  readonly owner: string;
  #stored: number;
  #reserved = 0;

  constructor(limit: number | undefined, stored: number, owner = '') {
    this.limit = limit;
    this.owner = owner;
    this.#stored = stored;
  }

  get stored(): number {
    return Math.max(0, this.#stored);
  }

  get remaining(): number {
    return this.limit === undefined ? Number.POSITIVE_INFINITY : Math.max(0, this.limit - this.#stored - this.#reserved);
  }

  /** An object of that size was removed, or (negative) was found after the counting had begun. */
  removed(bytes: number): void {
    this.#stored -= bytes;
  }

  /** For `Reservation` only. */
  change(reserved: number, stored: number): void {
    this.#reserved += reserved;
    this.#stored += stored;
  }
}

/** Says in a sentence whose quota is used up; answered with 507. */
export class QuotaUsedUp extends StorageError {
  constructor({ owner, limit = 0 }: Quota) {
    const whose = owner === '' ? 'of this server' : `of the user ${owner}`;
    super('full', `The quota ${whose} is used up: ${limit} bytes. What was stored before is unchanged, this object was not stored. Remove old snapshots, or ask the administrator of the server for more room`);
    this.name = 'QuotaUsedUp';
  }
}

/** Room for one upload in all of the quotas, or in none. */
export class Reservation {
  readonly #quotas: readonly Quota[];
  #bytes = 0;

  constructor(quotas: readonly Quota[]) {
    this.#quotas = quotas;
  }

  /** Makes it `bytes` in all; the quota that has no room for it, and then nothing is changed. */
  grow(bytes: number): Quota | undefined {
    const more = bytes - this.#bytes;
    if (more <= 0) return undefined;
    const full = this.#quotas.find(({ remaining }) => more > remaining);
    if (full !== undefined) return full;
    this.#bytes = bytes;
    for (const quota of this.#quotas) quota.change(more, 0);
    return undefined;
  }

  /** The upload is over: `stored` bytes became a new object, 0 if none did. */
  settle(stored: number): void {
    for (const quota of this.#quotas) quota.change(-this.#bytes, stored);
    this.#bytes = 0;
  }
}
