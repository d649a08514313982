/**
 * How jobs ended lately: what the check of the queue looks at, and where repeated failures are noticed.
 *
 * A plan or a repository *fails repeatedly* when three jobs in a row failed. A cancelled job says nothing; a success, also one
 * with some files missing, ends the row and the alert.
 */
import type { Clock } from '../../core/platform/clock.ts';
import type { FinalPhase, Job } from '../../shared/contract/schemas/job.ts';
import type { AlertBoard } from './alert-board.ts';

export type EndedJob = Pick<Job, 'repository_id' | 'plan_id' | 'error'> & { readonly phase: FinalPhase };

const windowMs = 3_600_000;
const keptOutcomes = 500;
const failuresInARow = 3;
/** Plans and repositories that were removed are forgotten in the end. */
const keptRows = 1000;

export class JobOutcomes {
  readonly #clock: Clock;
  readonly #alerts: AlertBoard;
  readonly #lately: { readonly at: number; readonly failed: boolean }[] = [];
  /** Failures in a row by plan or repository. */
  readonly #rows = new Map<string, number>();

  constructor(clock: Clock, alerts: AlertBoard) {
    this.#clock = clock;
    this.#alerts = alerts;
  }

  ended({ phase, repository_id, plan_id, error }: EndedJob): void {
    if (phase === 'CANCELLED') return;
    const failed = phase === 'FAILED';
    this.#lately.push({ at: this.#clock.monotonic(), failed });
    if (this.#lately.length > keptOutcomes) this.#lately.shift();
    this.#note(`repository ${repository_id}`, repository_id, failed, 'repository', error?.message);
    if (plan_id !== null) this.#note(`plan ${plan_id}`, plan_id, failed, 'plan', error?.message);
  }

  /** Jobs that ended in the last hour. */
  lately(): { readonly ended: number; readonly failed: number } {
    const since = this.#clock.monotonic() - windowMs;
    const recent = this.#lately.filter(({ at }) => at > since);
    return { ended: recent.length, failed: recent.filter(({ failed }) => failed).length };
  }

  #note(key: string, subject: string, failed: boolean, what: 'plan' | 'repository', error: string | undefined): void {
    const row = failed ? (this.#rows.get(key) ?? 0) + 1 : 0;
    this.#rows.delete(key);
    if (failed) this.#rows.set(key, row);
    if (!failed) this.#alerts.resolve('repeated_failure', subject);
    if (row >= failuresInARow) {
      const message = `The last ${row} jobs of this ${what} failed${error === undefined ? '' : `: ${error}`}. Earlier backups are unchanged. Look at the latest job for what to do`;
      this.#alerts.raise('repeated_failure', { subject, severity: 'critical', message });
    }
    if (this.#rows.size > keptRows) for (const oldest of [...this.#rows.keys()].slice(0, 1)) this.#rows.delete(oldest);
  }
}
