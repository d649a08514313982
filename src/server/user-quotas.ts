/**
 * Which quotas an object counts against: the server's, and that of the user in whose folder it lies, whoever stores it.
 *
 * Invariant: what a user's folder holds is measured once, before the first object of it is stored or removed; from then on it
 * is counted. Limits follow the users' file.
 */
import { Quota } from './quota.ts';
import type { Users } from './users.ts';

export class UserQuotas {
  readonly total: Quota;
  readonly #users: Pick<Users, 'own'> | undefined;
  readonly #measure: (folder: string) => Promise<number>;
  readonly #known = new Map<string, Promise<Quota>>();
  #totalMeasured: boolean;
  #isMeasuring = false;

  /**
   * `measure`: bytes below a folder of the data folder, the empty string for all of it. `users` undefined: there are none.
   * A `total` with a limit has been measured by then.
   */
  constructor(total: Quota, users: Pick<Users, 'own'> | undefined, measure: (folder: string) => Promise<number>) {
    this.total = total;
    this.#totalMeasured = total.limit !== undefined;
    this.#users = users;
    this.#measure = measure;
  }

  async of(folders: readonly string[]): Promise<readonly Quota[]> {
    const [name] = folders;
    if (name === undefined || this.#users === undefined) return [this.total];
    const user = (await this.#users.own()).find((one) => one.name === name);
    if (user === undefined) {
      // What is stored from now on is not counted for the name; it is measured again if it comes back.
      this.#known.delete(name);
      return [this.total];
    }
    const quota = await this.#measured(name);
    quota.limit = user.quota_bytes ?? undefined;
    return [this.total, quota];
  }

  /** Bytes that the user's repositories hold. */
  async storedBy(name: string): Promise<number> {
    return (await this.#measured(name)).stored;
  }

  /** Bytes of everything; undefined while they are counted for the first time, which begins now. */
  storedInAll(): number | undefined {
    if (this.#totalMeasured) return this.total.stored;
    // Nothing but this asks for the sum; a failure is looked at again with the next question.
    if (!this.#isMeasuring) {
      this.#isMeasuring = true;
      this.#measure('').then(
        (found) => {
          this.total.removed(this.total.stored - found);
          this.#totalMeasured = true;
        },
        () => {
          this.#isMeasuring = false;
        },
      );
    }
    return undefined;
  }

  #measured(name: string): Promise<Quota> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const measuring = this.#measure(name).then((stored) => new Quota(undefined, stored, name));
    this.#known.set(name, measuring);
    measuring.catch(() => this.#known.delete(name));
    return measuring;
  }
}
