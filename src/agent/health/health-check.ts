/**
 * What a check measures, and how a value becomes a status.
 *
 * Vocabulary: a *measurement* is one look; the *status* of a check follows its measurements with hysteresis.
 */
import type { HealthStatus } from '../../shared/contract/schemas/observability.ts';
import type { NewAlert, AlertKind } from './alert-board.ts';

export interface Measurement {
  readonly status: HealthStatus;
  readonly message: string;
  readonly value: number | null;
  /** The limit that was passed, or the first one that could be. */
  readonly threshold: number | null;
  /** For the alert, of checks that have one. */
  readonly told?: Pick<NewAlert, 'code' | 'values'> | undefined;
}

export interface HealthCheck {
  readonly name: string;
  readonly worseAfter: number;
  readonly betterAfter: number;
  /** Undefined where nothing can be said yet. */
  measure(): Measurement | undefined | Promise<Measurement | undefined>;
  /** Open while the check is not healthy. */
  readonly alert?: { readonly kind: AlertKind; readonly subject: () => NewAlert['subject'] };
}

export interface Limits {
  readonly degraded: number;
  readonly unhealthy: number;
}

/** A value that should stay below its limits. */
export function below(limits: Limits, value: number, text: (status: HealthStatus) => string): Measurement {
  const status = value >= limits.unhealthy ? 'unhealthy' : value >= limits.degraded ? 'degraded' : 'healthy';
  return { status, message: text(status), value, threshold: status === 'unhealthy' ? limits.unhealthy : limits.degraded };
}

/** A value that should stay above its limits. */
export function above(limits: Limits, value: number, text: (status: HealthStatus) => string): Measurement {
  const status = value < limits.unhealthy ? 'unhealthy' : value < limits.degraded ? 'degraded' : 'healthy';
  return { status, message: text(status), value, threshold: status === 'unhealthy' ? limits.unhealthy : limits.degraded };
}
