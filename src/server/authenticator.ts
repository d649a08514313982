/**
 * Who sends this request: HTTP Basic on every request, no sessions (specification of the REST protocol, section 7).
 *
 * Invariants: bcrypt runs only for credentials not seen before, off the event loop, a bounded number at once, and for one
 * address only as often as the limiter allows; credentials that were verified are remembered by their SHA-256 until the
 * file of users changes, so neither a flood of guesses nor a limited address disturbs clients at work.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { AttemptLimiter } from './attempt-limiter.ts';
import type { BcryptThread } from './bcrypt-thread.ts';
import type { PasswordHash } from './htpasswd.ts';
import type { KnownUser, UserRights, Users } from './users.ts';

export type Verdict =
  | { readonly kind: 'user'; readonly name: string; readonly rights: UserRights }
  | { readonly kind: 'denied' }
  /** Too many failures from this address. */
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
  /** Too many passwords to check at once. */
  | { readonly kind: 'busy' };

export interface Authenticator {
  authenticate(authorization: string | undefined, address: string): Promise<Verdict>;
}

/** `--no-auth`: everyone is the user without a name, whatever they send. */
export const openToAll: Authenticator = {
  authenticate: () => Promise.resolve({ kind: 'user', name: '', rights: { isPrivate: false, appendOnly: false } }),
};

const maximumHeaderLength = 4096;
/** A hash of nothing in particular, for unknown users where the file has no bcrypt hash: cost 10. */
const unknownUserHash = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';

export class BasicAuthenticator implements Authenticator {
  readonly #users: Users;
  readonly #bcrypt: BcryptThread;
  readonly #limiter: AttemptLimiter;
  /** SHA-256 of the verified credentials of each user. */
  readonly #verified = new Map<string, Buffer>();
  /** Comparisons under way, by user and digest, so that a client's first parallel requests share one. */
  readonly #running = new Map<string, Promise<Verdict>>();

  constructor(users: Users, bcrypt: BcryptThread, limiter: AttemptLimiter) {
    this.#users = users;
    this.#bcrypt = bcrypt;
    this.#limiter = limiter;
    users.onChange(() => this.#verified.clear());
  }

  async authenticate(authorization: string | undefined, address: string): Promise<Verdict> {
    const credentials = basicCredentials(authorization);
    if (credentials === undefined) return { kind: 'denied' };
    const { user, password } = credentials;
    const known = await this.#users.find(user);
    const digest = createHash('sha256').update(user).update(':').update(password).digest();

    const verified = this.#verified.get(user);
    if (known !== undefined && verified !== undefined && timingSafeEqual(verified, digest)) return { kind: 'user', name: user, rights: known };

    const key = digest.toString('base64');
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const verdict = this.#verify(user, password, known, digest, address);
    this.#running.set(key, verdict);
    try {
      return await verdict;
    } finally {
      this.#running.delete(key);
    }
  }

  async #verify(user: string, password: string, known: KnownUser | undefined, digest: Buffer, address: string): Promise<Verdict> {
    const waitMs = this.#limiter.waitMs(address);
    if (waitMs > 0) return { kind: 'limited', retryAfterMs: waitMs };
    if (known?.hash.kind !== 'sha' && this.#bcrypt.busy) return { kind: 'busy' };

    this.#limiter.take(address);
    if (!(await this.#matches(password, known?.hash)) || known === undefined) return { kind: 'denied' };
    this.#limiter.giveBack(address);
    // The file may have changed while the password was compared.
    if ((await this.#users.find(user)) !== known) return { kind: 'denied' };
    this.#verified.set(user, digest);
    return { kind: 'user', name: user, rights: known };
  }

  async #matches(password: string, hash: PasswordHash | undefined): Promise<boolean> {
    if (hash?.kind === 'sha') return timingSafeEqual(createHash('sha1').update(password).digest(), hash.digest);
    const equal = await this.#bcrypt.compare(password, hash?.hash ?? this.#users.anyBcryptHash() ?? unknownUserHash);
    return equal && hash !== undefined;
  }
}

/** User and password of a Basic header; undefined where it is missing or malformed. */
export function basicCredentials(authorization: string | undefined): { readonly user: string; readonly password: string } | undefined {
  if (authorization === undefined || authorization.length > maximumHeaderLength) return undefined;
  const match = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization);
  if (match === null) return undefined;
  const text = Buffer.from(match[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
