/**
 * What tray, task bar and notifications know: the jobs that are not over, the latest that are, and open alerts.
 *
 * Invariant: fed by the agent's events, after one look at what there is; whatever is missed is seen with the next event.
 */
import type { EventName, EventPayload } from '../shared/contract/events.ts';
import type { Job } from '../shared/contract/schemas/job.ts';
import type { Alert } from '../shared/contract/schemas/observability.ts';

export type ShellMood = 'idle' | 'running' | 'paused' | 'attention' | 'error';

export interface ShellSummary {
  readonly mood: ShellMood;
  /** Running, waiting or queued. */
  readonly active: readonly Job[];
  /** Newest first. */
  readonly recent: readonly Job[];
  readonly alerts: number;
  /** 0 to 1 over all running jobs; undefined while none runs, or while nothing can be told. */
  readonly progress: number | undefined;
  /** Milliseconds since the epoch; null: until resumed; undefined: nothing is paused. */
  readonly pausedUntil: number | null | undefined;
}

const keptRecent = 5;
/** A pause until resumed has this year. */
const openEnd = Date.UTC(9999, 0);

export class JobBoard {
  readonly #active = new Map<string, Job>();
  readonly #alerts = new Map<string, Alert>();
  #recent: Job[] = [];

  /** `jobs` newest first. */
  begin(jobs: readonly Job[], alerts: readonly Alert[]): void {
    for (const job of jobs.toReversed()) this.#note(job);
    for (const alert of alerts) this.#noteAlert(alert);
  }

  /** The job that this event is about, where it is over now. */
  hear<Name extends EventName>(name: Name, payload: EventPayload<Name>): Job | undefined {
    if (name === 'alert') this.#noteAlert(payload as EventPayload<'alert'>);
    if (name === 'job_cancelled') {
      const { job_id: id, phase, reason } = payload as EventPayload<'job_cancelled'>;
      const known = this.#active.get(id);
      if (known !== undefined) this.#note({ ...known, state: 'done', phase, cancel_reason: reason });
      return undefined;
    }
    if (name !== 'job_created' && name !== 'job_updated' && name !== 'job_completed' && name !== 'job_failed') return undefined;
    const job = payload as Job;
    this.#note(job);
    return job.state === 'done' ? job : undefined;
  }

  get summary(): ShellSummary {
    const active = [...this.#active.values()];
    const running = active.filter(({ state }) => state === 'running');
    const paused = active.filter(({ state }) => state === 'paused');
    const alerts = [...this.#alerts.values()];
    const total = running.reduce((sum, { bytes_total: bytes }) => sum + bytes, 0);
    const done = running.reduce((sum, job) => sum + Math.min(job.bytes_done, job.bytes_total), 0);
    const mood = alerts.some(({ severity }) => severity === 'critical') ? 'error' : alerts.length > 0 ? 'attention' : running.length > 0 ? 'running' : paused.length > 0 ? 'paused' : 'idle';
    return {
      mood,
      active,
      recent: this.#recent,
      alerts: alerts.length,
      progress: running.length === 0 || total === 0 ? undefined : done / total,
      pausedUntil: paused.length === 0 || paused.length < active.length ? undefined : pauseEnd(paused),
    };
  }

  #note(job: Job): void {
    if (job.state !== 'done') {
      this.#active.set(job.job_id, job);
      return;
    }
    this.#active.delete(job.job_id);
    this.#recent = [job, ...this.#recent.filter(({ job_id: id }) => id !== job.job_id)].slice(0, keptRecent);
  }

  #noteAlert(alert: Alert): void {
    if (alert.resolved_at === null) this.#alerts.set(alert.alert_id, alert);
    else this.#alerts.delete(alert.alert_id);
  }
}

function pauseEnd(paused: readonly Job[]): number | null {
  const ends = paused.map(({ paused_until: until }) => (until === null ? openEnd : Date.parse(until)));
  const last = Math.max(...ends);
  return last >= openEnd ? null : last;
}
