/**
 * The health of the agent: all checks every five seconds, `health_changed` when a status changes, and the alerts that follow
 * from them.
 *
 * Invariant: a check that throws is unhealthy and says so; it never stops the others.
 */
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import type { Emit } from '../../shared/contract/events.ts';
import type { ConnectionHealth } from '../../shared/contract/schemas/connection-health.ts';
import type { Health, SystemSample } from '../../shared/contract/schemas/observability.ts';
import type { AlertBoard } from './alert-board.ts';
import type { HealthCheck, Measurement } from './health-check.ts';
import { Hysteresis, worst } from './hysteresis.ts';

export interface HealthMonitorOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly emit: Emit;
  readonly alerts: AlertBoard;
  readonly checks: readonly HealthCheck[];
  readonly system: () => SystemSample | undefined;
  readonly intervalMs?: number;
  /** Whatever else is to be looked at in every round. */
  readonly alsoLook?: () => void;
}

const nothingYet = 'Not measured yet';

/** Before the first sample. */
const emptySample = { cpu: 0, rss: 0, event_loop_delay_p99_ms: 0, disk_free: 0, load: 0 };

export class HealthMonitor {
  readonly #options: HealthMonitorOptions;
  readonly #states: CheckState[];
  #told = '';

  constructor(options: HealthMonitorOptions) {
    this.#options = options;
    this.#states = options.checks.map((check) => new CheckState(check));
    this.#told = this.#statuses();
  }

  /** Checks until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs = 5000 } = this.#options;
    try {
      while (!signal.aborted) {
        await this.check();
        await clock.sleep(intervalMs, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** One round of all checks. */
  async check(): Promise<void> {
    await Promise.all(this.#states.map((state) => this.#look(state)));
    this.#options.alsoLook?.();
    const now = this.#statuses();
    if (now === this.#told) return;
    this.#told = now;
    this.#options.emit('health_changed', this.report());
  }

  report(): Health {
    const checks: Health['checks'] = {};
    for (const state of this.#states) checks[state.check.name] = state.shown();
    const system = this.#options.system() ?? { at: new Date(this.#options.clock.now()).toISOString(), ...emptySample };
    return { status: worst(Object.values(checks).map(({ status }) => status)), checks, system };
  }

  async #look(state: CheckState): Promise<void> {
    const { alerts, logger } = this.#options;
    const { check } = state;
    try {
      state.note(await check.measure());
    } catch (error) {
      logger.error({ component: 'health', check: check.name, error }, 'a check failed');
      state.note({ status: 'unhealthy', message: 'This check itself failed; the log says why', value: null, threshold: null, told: { code: 'check_failed', values: { check: check.name } } });
    }
    if (check.alert === undefined) return;
    const { kind } = check.alert;
    const { status, message } = state.shown();
    const told = state.told ?? { code: 'check_failed', values: { check: check.name } };
    const subject = check.alert.subject();
    // The subject may change, as when the server gets another address: the alert of the old one ends too.
    if (state.alerted !== undefined && (status === 'healthy' || state.alerted !== subject)) alerts.resolve(kind, state.alerted);
    state.alerted = status === 'healthy' ? undefined : subject;
    if (status !== 'healthy') alerts.raise(kind, { subject, severity: status === 'unhealthy' ? 'critical' : 'warning', ...told, message });
  }

  #statuses(): string {
    return this.#states.map(({ check, status }) => `${check.name} ${status}`).join();
  }
}

class CheckState {
  readonly check: HealthCheck;
  /** Subject of the alert that this check has open; undefined while it has none. */
  alerted: string | null | undefined;
  readonly #hysteresis: Hysteresis;
  /** Values are of the latest measurement, the message of the latest that had the status shown. */
  #latest: Measurement | undefined;
  #message = nothingYet;
  /** What an alert says, as `#message` does. */
  told: Measurement['told'];

  constructor(check: HealthCheck) {
    this.check = check;
    this.#hysteresis = new Hysteresis(check);
  }

  get status(): Health['status'] {
    return this.#hysteresis.status;
  }

  note(measurement: Measurement | undefined): void {
    if (measurement === undefined) return;
    this.#latest = measurement;
    const status = this.#hysteresis.sample(measurement.status);
    if (status !== measurement.status) return;
    this.#message = measurement.message;
    this.told = measurement.told;
  }

  shown(): Health['checks'][string] {
    return { status: this.status, message: this.#message, value: this.#latest?.value ?? null, threshold: this.#latest?.threshold ?? null };
  }
}

/** Raises an alert for each connection that stalls, and ends it when it moves again or is gone. */
export function alertStalled(alerts: AlertBoard, connections: readonly ConnectionHealth[]): void {
  const stalled = connections.filter(({ state }) => state === 'stalled');
  alerts.resolveOthers('stalled_connection', new Set(stalled.map(({ connection_id }) => connection_id)));
  for (const { connection_id, client_id, remote_address } of stalled) {
    const who = client_id === null || client_id === '' ? remote_address : client_id;
    alerts.raise('stalled_connection', {
      subject: connection_id,
      severity: 'warning',
      code: 'connection_stalled',
      values: { client: who },
      message: `A connection of ${who} to the companion server moves no byte any more. A half-sent upload never becomes visible. The server ends it by itself, and the client tries again`,
    });
  }
}
