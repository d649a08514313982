/**
 * Alerts about destinations that jobs send to and that do not answer: a server elsewhere, or a drive that is gone.
 *
 * Vocabulary: a destination *fails* while its latest error is recent and nothing went well since. One that fails for some
 * rounds in a row is told of; a short break, which a repetition gets over, is not.
 */
import type { DestinationHealth } from '../../shared/contract/schemas/connection-health.ts';
import type { AlertBoard } from './alert-board.ts';

/** After this long without a further error nobody tries any more, and nothing is known. */
const destinationErrorMs = 300_000;
const roundsToTell = 3;

/** `now`: milliseconds since the epoch. */
export function isFailing({ last_error, last_success_at }: DestinationHealth, now: number): boolean {
  if (last_error === null) return false;
  const at = Date.parse(last_error.at);
  return now - at < destinationErrorMs && (last_success_at === null || Date.parse(last_success_at) < at);
}

export class DestinationAlerts {
  readonly #alerts: AlertBoard;
  /** Rounds that each has failed for. */
  #failing = new Map<string, number>();

  constructor(alerts: AlertBoard) {
    this.#alerts = alerts;
  }

  /** One round. `companion` has an alert of its own: what lies on it is not told of a second time. */
  look(destinations: readonly DestinationHealth[], companion: string, now: number): void {
    const before = this.#failing;
    const failing = destinations.filter((destination) => isFailing(destination, now) && !isOn(companion, destination.location));
    this.#failing = new Map(failing.map(({ location }) => [location, (before.get(location) ?? 0) + 1]));
    for (const [location, rounds] of before) {
      if (rounds >= roundsToTell && !this.#failing.has(location)) this.#alerts.resolve('server_unreachable', location);
    }
    for (const { location, last_error } of failing) {
      if ((this.#failing.get(location) ?? 0) < roundsToTell) continue;
      this.#alerts.raise('server_unreachable', {
        subject: location,
        severity: 'critical',
        code: 'destination_unreachable',
        values: { place: location, reason: last_error?.message ?? '' },
        message: `${location} does not answer: ${last_error?.message ?? 'errors'}. What is stored there is unchanged, and jobs try again by themselves. Check that it is on and reachable`,
      });
    }
  }
}

function isOn(companion: string, location: string): boolean {
  return URL.canParse(companion) && location.includes(`//${new URL(companion).host}/`);
}
