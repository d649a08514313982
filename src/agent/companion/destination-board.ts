/**
 * How this side sees each repository's storage: the workers that use it now, and those that did, together.
 *
 * A worker counts from zero; what it counted is added to its repository's sums when it ends.
 */
import type { DestinationHealth } from '../../shared/contract/schemas/connection-health.ts';

interface Destination {
  /** Of workers that have ended. */
  past: DestinationHealth | undefined;
  /** By worker. */
  readonly live: Map<string, DestinationHealth>;
}

export class DestinationBoard {
  readonly #destinations = new Map<string, Destination>();

  /** The latest of one worker. */
  update(worker: string, health: DestinationHealth): void {
    const destination = this.#destinations.get(health.repository_id) ?? { past: undefined, live: new Map<string, DestinationHealth>() };
    this.#destinations.set(health.repository_id, destination);
    destination.live.set(worker, health);
  }

  /** The worker is gone. */
  ended(worker: string): void {
    for (const destination of this.#destinations.values()) {
      const last = destination.live.get(worker);
      if (last === undefined) continue;
      destination.live.delete(worker);
      const over = { ...last, active: 0, bytes_per_second: 0 };
      destination.past = destination.past === undefined ? over : together(destination.past, over);
    }
  }

  /** The repository was removed. */
  forget(repositoryId: string): void {
    this.#destinations.delete(repositoryId);
  }

  list(): DestinationHealth[] {
    return [...this.#destinations.values()].flatMap(({ past, live }) => {
      const [first, ...more] = [...(past === undefined ? [] : [past]), ...live.values()];
      return first === undefined ? [] : [more.reduce(together, first)];
    });
  }
}

/** `b` is the newer one where only one can be shown. */
function together(a: DestinationHealth, b: DestinationHealth): DestinationHealth {
  const later = (x: string | null, y: string | null): string | null => (x === null || (y !== null && y > x) ? y : x);
  return {
    repository_id: b.repository_id,
    location: b.location,
    operations: a.operations + b.operations,
    active: a.active + b.active,
    failures: a.failures + b.failures,
    retries: a.retries + b.retries,
    bytes_in: a.bytes_in + b.bytes_in,
    bytes_out: a.bytes_out + b.bytes_out,
    bytes_per_second: a.bytes_per_second + b.bytes_per_second,
    latency_ms: b.latency_ms ?? a.latency_ms,
    last_success_at: later(a.last_success_at, b.last_success_at),
    last_error: a.last_error === null || (b.last_error !== null && b.last_error.at >= a.last_error.at) ? b.last_error : a.last_error,
  };
}
