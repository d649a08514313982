/**
 * A brake on floods of requests: generous to every program that waits for its answers, in the way of a loop that does not.
 *
 * Invariant: what strangers send never takes from those who hold the token; each side has a bucket of its own.
 */
import type { Clock } from '../../core/platform/clock.ts';

export interface RateLimits {
  /** Requests at once. */
  readonly burst: number;
  readonly perSecond: number;
}

/** A script may fill a queue of 10,000 as fast as the agent takes it. */
export const defaultRateLimits: RateLimits = { burst: 10_000, perSecond: 500 };

class Bucket {
  tokens: number;
  at: number;

  constructor(tokens: number, at: number) {
    this.tokens = tokens;
    this.at = at;
  }
}

export type Caller = 'admitted' | 'stranger';

export class RateLimiter {
  readonly #clock: Clock;
  readonly #limits: RateLimits;
  readonly #buckets: Readonly<Record<Caller, Bucket>>;

  constructor(clock: Clock, limits: RateLimits) {
    this.#clock = clock;
    this.#limits = limits;
    const now = clock.monotonic();
    this.#buckets = { admitted: new Bucket(limits.burst, now), stranger: new Bucket(limits.burst, now) };
  }

  /** Seconds, whole and at least one, after which to try again; 0 where the request may go on. */
  take(caller: Caller): number {
    const { burst, perSecond } = this.#limits;
    const bucket = this.#buckets[caller];
    const now = this.#clock.monotonic();
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
    bucket.tokens -= 1;
    return 0;
  }
}
