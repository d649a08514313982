/**
 * Which uploads and removals change what is stored, so that the quota counts every object exactly once.
 *
 * Vocabulary: the *key* of an object is its repository path and name. An *account* is one upload's view of its object.
 *
 * Invariant: of uploads of one object at the same time only the first to succeed counts; one that is stored again after
 * a removal counts again; of removals at the same time only one counts.
 */
import type { Quota, Reservation } from './quota.ts';

export interface Account {
  readonly reservation: Reservation;
  /** The upload succeeded with that many bytes; true if it made a new object. */
  stored(bytes: number): boolean;
  /** The upload is over; gives back what was reserved and not stored. Idempotent. */
  close(): void;
}

interface OpenAccount {
  exists: boolean;
}

export class ObjectAccounts {
  readonly quota: Quota;
  readonly #open = new Map<string, Set<OpenAccount>>();
  readonly #removing = new Set<string>();

  constructor(quota: Quota) {
    this.quota = quota;
  }

  /** For an upload of `bytes` announced (0: unknown); undefined if there is no room. What exists needs none. */
  open(key: string, exists: boolean, bytes: number): Account | undefined {
    const reservation = this.quota.reserve(exists ? 0 : bytes);
    if (reservation === undefined) return undefined;
    const mine: OpenAccount = { exists };
    const all = this.#open.get(key) ?? new Set();
    this.#open.set(key, all.add(mine));
    return {
      reservation,
      stored: (stored) => {
        const isNew = !mine.exists;
        reservation.settle(isNew ? stored : 0);
        for (const other of all) other.exists = true;
        return isNew;
      },
      close: () => {
        reservation.settle(0);
        all.delete(mine);
        if (all.size === 0) this.#open.delete(key);
      },
    };
  }

  /** Runs a removal of an object of `bytes`; true if it was the one that counts. */
  async remove(key: string, bytes: number, remove: () => Promise<void>): Promise<boolean> {
    const counts = !this.#removing.has(key);
    if (counts) this.#removing.add(key);
    try {
      await remove();
    } finally {
      if (counts) this.#removing.delete(key);
    }
    if (!counts) return false;
    this.quota.removed(bytes);
    for (const account of this.#open.get(key) ?? []) account.exists = false;
    return true;
  }
}
