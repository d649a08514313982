/**
 * Which uploads and removals change what is stored, so that the quota counts every object exactly once.
 *
 * Vocabulary: the *key* of an object is its repository path and name. An *account* is one upload's view of its object.
 *
 * Invariant: of uploads of one object at the same time only the first to succeed counts; one that is stored again after
 * a removal counts again; of removals at the same time only one counts.
 */
import { QuotaUsedUp, Reservation } from './quota.ts';
import type { Quota } from './quota.ts';

export interface Account {
  /** Why so many bytes in all may not come; undefined: they may. */
  readonly refusal: (bytes: number) => QuotaUsedUp | undefined;
  /** The upload succeeded with that many bytes; true if it made a new object. */
  stored(bytes: number): boolean;
  /** The upload is over; gives back what was reserved and not stored. Idempotent. */
  close(): void;
}

interface OpenAccount {
  exists: boolean;
}

export class ObjectAccounts {
  readonly #open = new Map<string, Set<OpenAccount>>();
  readonly #removing = new Set<string>();

  /** For an upload of `bytes` announced (0: unknown) that counts against `quotas`; throws `QuotaUsedUp`. What exists needs no room. */
  open(key: string, exists: boolean, bytes: number, quotas: readonly Quota[]): Account {
    const reservation = new Reservation(quotas);
    const refusal = (sum: number): QuotaUsedUp | undefined => {
      const full = exists ? undefined : reservation.grow(sum);
      return full === undefined ? undefined : new QuotaUsedUp(full);
    };
    const refused = refusal(bytes);
    if (refused !== undefined) throw refused;
    const mine: OpenAccount = { exists };
    const all = this.#open.get(key) ?? new Set();
    this.#open.set(key, all.add(mine));
    return {
      refusal,
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

  /** Runs a removal of an object of `bytes` that counted in `quotas`; true if it was the one that counts. */
  async remove(key: string, bytes: number, quotas: readonly Quota[], remove: () => Promise<void>): Promise<boolean> {
    const counts = !this.#removing.has(key);
    if (counts) this.#removing.add(key);
    try {
      await remove();
    } finally {
      if (counts) this.#removing.delete(key);
    }
    if (!counts) return false;
    for (const quota of quotas) quota.removed(bytes);
    for (const account of this.#open.get(key) ?? []) account.exists = false;
    return true;
  }
}
