/**
 * A brake on guessing passwords, per address.
 *
 * Invariants: a failure of one address never costs another address anything; an address that used up its attempts gets
 * new ones at a steady rate, so a rightful user behind the same address is slowed down but never locked out. Memory
 * is bounded: the addresses that were quiet longest are forgotten first.
 */
import type { Clock } from '../core/platform/clock.ts';

export interface AttemptLimits {
  /** Failures that an address may make at once. */
  readonly burst: number;
  /** Milliseconds until one attempt comes back. */
  readonly refillMs: number;
  readonly maximumAddresses: number;
}

interface Bucket {
  attempts: number;
  at: number;
}

export class AttemptLimiter {
  readonly #clock: Clock;
  readonly #limits: AttemptLimits;
  /** In order of last use. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, limits: AttemptLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Milliseconds until this address may try again; 0: now. */
  waitMs(address: string): number {
    const bucket = this.#refilled(keyOf(address));
    return bucket.attempts >= 1 ? 0 : Math.ceil((1 - bucket.attempts) * this.#limits.refillMs);
  }

  /** Takes one attempt before the password is looked at, so that parallel guesses count too. */
  take(address: string): void {
    const key = keyOf(address);
    const bucket = this.#refilled(key);
    bucket.attempts -= 1;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > this.#limits.maximumAddresses) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
  }

  /** The password was right: the attempt was none. */
  giveBack(address: string): void {
    const bucket = this.#refilled(keyOf(address));
    bucket.attempts = Math.min(this.#limits.burst, bucket.attempts + 1);
  }

  #refilled(key: string): Bucket {
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return { attempts: this.#limits.burst, at: now };
    bucket.attempts = Math.min(this.#limits.burst, bucket.attempts + (now - bucket.at) / this.#limits.refillMs);
    bucket.at = now;
    return bucket;
  }
}

/** An IPv6 customer owns a /64 at least: its addresses count as one. */
function keyOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = ''] = address.split('%');
  const [left = '', right = ''] = head.split('::');
  const groups = left.split(':');
  const zeros = Array<string>(Math.max(0, 8 - groups.length - (right === '' ? 0 : right.split(':').length))).fill('0');
  return [...groups, ...zeros].slice(0, 4).join(':');
}
