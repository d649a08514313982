/**
 * How jobs ended lately: what the check of the queue looks at, and where repeated failures are noticed.
 *
 * A plan or a repository *fails repeatedly* when three jobs in a row failed. A cancelled job says nothing; a success, also one
 * with some files missing, ends the row and the alert. Rows go on over a restart: they begin with the queue's history.
 */
import type { Clock } from '../../core/platform/clock.ts';
import type { FinalPhase, Job } from '../../shared/contract/schemas/job.ts';
import type { JobRecord } from '../queue/job-record.ts';
import type { AlertBoard } from './alert-board.ts';

export type EndedJob = Pick<Job, 'repository_id' | 'plan_id' | 'error'> & { readonly phase: FinalPhase };

/** As the queue keeps it. */
export type PastJob = Pick<JobRecord, 'phase' | 'repositoryId' | 'planId' | 'error' | 'finishedAt'>;

interface End {
  readonly failed: boolean;
  readonly error: string | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

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

  /** What an earlier agent saw, in any order, of plans and repositories that still exist; the check of the queue judges this agent alone. */
  earlier(records: readonly PastJob[], exists: (planOrRepository: string) => boolean): void {
    const ended = records.flatMap(({ phase, repositoryId, planId, error, finishedAt }) => (finishedAt === null ? [] : [{ phase, error, at: finishedAt, repository_id: repositoryId, plan_id: planId }]));
    for (const job of ended.toSorted((a, b) => a.at - b.at)) this.#count(job, job.at, exists);
  }

  ended(job: EndedJob): void {
    if (job.phase === 'CANCELLED') return;
    this.#lately.push({ at: this.#clock.monotonic(), failed: job.phase === 'FAILED' });
    if (this.#lately.length > keptOutcomes) this.#lately.shift();
    this.#count(job, this.#clock.now());
  }

  /** Jobs that ended in the last hour. */
  lately(): { readonly ended: number; readonly failed: number } {
    const since = this.#clock.monotonic() - windowMs;
    const recent = this.#lately.filter(({ at }) => at > since);
    return { ended: recent.length, failed: recent.filter(({ failed }) => failed).length };
  }

  #count({ phase, repository_id, plan_id, error }: Omit<EndedJob, 'phase'> & Pick<Job, 'phase'>, at: number, exists: (id: string) => boolean = () => true): void {
    if (phase === 'CANCELLED') return;
    const end: End = { failed: phase === 'FAILED', error: error?.message, at };
    if (exists(repository_id)) this.#note('repository', repository_id, end);
    if (plan_id !== null && exists(plan_id)) this.#note('plan', plan_id, end);
  }

  #note(what: 'plan' | 'repository', subject: string, { failed, error, at }: End): void {
    const key = `${what} ${subject}`;
    const row = failed ? (this.#rows.get(key) ?? 0) + 1 : 0;
    this.#rows.delete(key);
    if (failed) this.#rows.set(key, row);
    if (!failed) this.#alerts.resolve('repeated_failure', subject);
    if (row >= failuresInARow) {
      const message = `The last ${row} jobs of this ${what} failed${error === undefined ? '' : `: ${error}`}. Earlier backups are unchanged. Look at the latest job for what to do`;
      this.#alerts.raise('repeated_failure', { subject, severity: 'critical', code: 'repeated_failure', values: { what, count: row, reason: error ?? '' }, message, at });
    }
    if (this.#rows.size > keptRows) for (const oldest of [...this.#rows.keys()].slice(0, 1)) this.#rows.delete(oldest);
  }
}
