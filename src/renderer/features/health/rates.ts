/** How fast connections move, from what two looks at them differ by. */
import type { ConnectionHealth } from '../../../shared/contract/schemas/connection-health.ts';

/** Bytes a second. */
export interface Rate {
  readonly in: number;
  readonly out: number;
}

type Look = Pick<ConnectionHealth, 'connection_id' | 'uptime_ms' | 'bytes_in' | 'bytes_out'>;

/** Milliseconds of the past that a rate is the mean of. */
const windowMs = 4000;

export class Rates {
  /** By connection, oldest first. */
  #looks = new Map<string, readonly Look[]>();

  /** Takes a look at all that are open; those that are gone are forgotten. */
  take(connections: readonly Look[]): ReadonlyMap<string, Rate> {
    const looks = new Map<string, readonly Look[]>();
    const rates = new Map<string, Rate>();
    for (const now of connections) {
      const before = (this.#looks.get(now.connection_id) ?? []).filter((look) => now.uptime_ms - look.uptime_ms <= windowMs && look.uptime_ms < now.uptime_ms);
      looks.set(now.connection_id, [...before, now]);
      const [first] = before;
      // A connection that was not seen before has moved everything since it opened.
      const since = first ?? { uptime_ms: Math.max(0, now.uptime_ms - windowMs), bytes_in: now.uptime_ms <= windowMs ? 0 : now.bytes_in, bytes_out: now.uptime_ms <= windowMs ? 0 : now.bytes_out };
      const seconds = (now.uptime_ms - since.uptime_ms) / 1000;
      rates.set(now.connection_id, seconds <= 0 ? { in: 0, out: 0 } : { in: Math.max(0, now.bytes_in - since.bytes_in) / seconds, out: Math.max(0, now.bytes_out - since.bytes_out) / seconds });
    }
    this.#looks = looks;
    return rates;
  }
}
