/**
 * Alerts: what needs a person's attention, and no longer does.
 *
 * Invariants: at most one open alert for each kind and subject; an alert is told when it opens, when it becomes critical, and
 * when it ends; the latest five hundred are kept, open ones first of all.
 *
 * The board is memory: after a restart the checks open again what still holds, `JobOutcomes` what the history of the queue
 * says, and `kept-damage.ts` what was found at an earlier start. Those that had ended are in the log.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/platform/clock.ts';
import type { Emit } from '../../shared/contract/events.ts';
import type { Alert, AlertCode } from '../../shared/contract/schemas/observability.ts';

export type AlertKind = Alert['kind'];

export interface NewAlert {
  /** The job, repository, connection or folder it is about. */
  readonly subject: string | null;
  readonly severity: Alert['severity'];
  /** The same as `message`, for every language. */
  readonly code: AlertCode;
  readonly values: Alert['values'];
  /** What happened, what is safe, what to do; in English. */
  readonly message: string;
  /** Milliseconds since the epoch; default now. */
  readonly at?: number;
}

const keptAlerts = 500;

export class AlertBoard {
  readonly #clock: Clock;
  readonly #emit: Emit;
  /** Oldest first. */
  #alerts: Alert[] = [];
  readonly #open = new Map<string, Alert>();

  constructor(clock: Clock, emit: Emit) {
    this.#clock = clock;
    this.#emit = emit;
  }

  /** Opens an alert; one that is open already for this kind and subject is brought up to date instead. */
  raise(kind: AlertKind, { subject, severity, code, values, message, at = this.#clock.now() }: NewAlert): Alert {
    const key = keyOf(kind, subject);
    const open = this.#open.get(key);
    if (open !== undefined) {
      const changed = { ...open, code, values, message, severity };
      this.#replace(key, changed);
      if (open.severity === 'warning' && severity === 'critical') this.#emit('alert', changed);
      return changed;
    }
    const alert: Alert = { alert_id: randomUUID(), kind, code, values, severity, message, at: new Date(at).toISOString(), resolved_at: null, subject };
    this.#open.set(key, alert);
    this.#alerts.push(alert);
    this.#forget();
    this.#emit('alert', alert);
    return alert;
  }

  /** Ends the open alert of this kind and subject, where there is one. */
  resolve(kind: AlertKind, subject: string | null): void {
    const key = keyOf(kind, subject);
    const open = this.#open.get(key);
    if (open === undefined) return;
    const resolved = { ...open, resolved_at: this.#now() };
    this.#replace(key, resolved);
    this.#open.delete(key);
    this.#emit('alert', resolved);
  }

  /** Ends the open alerts of this kind whose subject is none of these. */
  resolveOthers(kind: AlertKind, subjects: ReadonlySet<string>): void {
    for (const alert of this.#open.values()) {
      if (alert.kind === kind && (alert.subject === null || !subjects.has(alert.subject))) this.resolve(kind, alert.subject);
    }
  }

  /** Newest first. */
  list(): Alert[] {
    return this.#alerts.toReversed();
  }

  #replace(key: string, alert: Alert): void {
    this.#open.set(key, alert);
    this.#alerts = this.#alerts.map((known) => (known.alert_id === alert.alert_id ? alert : known));
  }

  #forget(): void {
    if (this.#alerts.length <= keptAlerts) return;
    const resolved = this.#alerts.findIndex(({ resolved_at }) => resolved_at !== null);
    const [oldest] = this.#alerts.splice(Math.max(0, resolved), 1);
    if (oldest !== undefined && oldest.resolved_at === null) this.#open.delete(keyOf(oldest.kind, oldest.subject));
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

function keyOf(kind: AlertKind, subject: string | null): string {
  return JSON.stringify([kind, subject]);
}
