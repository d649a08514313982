/**
 * When a check changes its status: worse only after some bad samples in a row, better only after some good ones, so that a
 * value at its threshold does not flap.
 *
 * It moves to the least change that all samples of the row agree on.
 */
import type { HealthStatus } from '../../shared/contract/schemas/observability.ts';

const ranks: readonly HealthStatus[] = ['healthy', 'degraded', 'unhealthy'];

export function rankOf(status: HealthStatus): number {
  return ranks.indexOf(status);
}

export function worst(statuses: Iterable<HealthStatus>): HealthStatus {
  let rank = 0;
  for (const status of statuses) rank = Math.max(rank, rankOf(status));
  return ranks[rank] ?? 'unhealthy';
}

export class Hysteresis {
  readonly #worseAfter: number;
  readonly #betterAfter: number;
  #rank = 0;
  /** Samples in a row on the same side of the status, and the one nearest to it. */
  #row = 0;
  #nearest = 0;

  constructor({ worseAfter, betterAfter }: { readonly worseAfter: number; readonly betterAfter: number }) {
    this.#worseAfter = worseAfter;
    this.#betterAfter = betterAfter;
  }

  get status(): HealthStatus {
    return ranks[this.#rank] ?? 'unhealthy';
  }

  /** The status after this sample. */
  sample(status: HealthStatus): HealthStatus {
    const rank = rankOf(status);
    if (rank === this.#rank) {
      this.#row = 0;
      return this.status;
    }
    const worse = rank > this.#rank;
    const goesOn = this.#row > 0 && worse === this.#nearest > this.#rank;
    this.#nearest = !goesOn ? rank : worse ? Math.min(this.#nearest, rank) : Math.max(this.#nearest, rank);
    this.#row = goesOn ? this.#row + 1 : 1;
    if (this.#row < (worse ? this.#worseAfter : this.#betterAfter)) return this.status;
    this.#rank = this.#nearest;
    this.#row = 0;
    return this.status;
  }
}
