/** What listeners hear of jobs, and what the metrics count of them. */
import type { Clock } from '../../core/platform/clock.ts';
import type { Emit } from '../../shared/contract/events.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { JobRecord } from '../queue/job-record.ts';
import { Throttle } from './throttle.ts';
import { toJob } from './to-job.ts';

/** Eight a second, so that with the last change, which does not wait, no second ever has more than ten for one job. */
const updateInterval = 125;

export class JobEvents {
  readonly #emit: Emit;
  readonly #telemetry: Telemetry;
  readonly #updates: Throttle<string, JobRecord>;

  constructor(clock: Clock, emit: Emit, telemetry: Telemetry) {
    this.#emit = emit;
    this.#telemetry = telemetry;
    this.#updates = new Throttle(clock, updateInterval, (record) => emit('job_updated', toJob(record)));
  }

  created(record: JobRecord): void {
    this.#log('info', record, {}, 'job created');
    this.#telemetry.metrics.count('jobs_created_total', 1, { kind: record.kind });
    this.#emit('job_created', toJob(record));
  }

  /** A job that is over has its last update at once, and then its final event. */
  changed(record: JobRecord): void {
    if (record.state !== 'done') {
      this.#updates.push(record.id, record);
      return;
    }
    const { kind, phase, error, cancelReason } = record;
    this.#log(phase === 'FAILED' ? 'error' : 'info', record, { phase, error, reason: cancelReason }, 'job over');
    this.#telemetry.metrics.count('jobs_completed_total', 1, { kind, phase });
    if (record.startedAt !== null && record.finishedAt !== null) this.#telemetry.metrics.time('job_duration_ms', Math.max(0, record.finishedAt - record.startedAt), { kind, phase });
    this.#updates.finish(record.id, record);
    if (phase === 'CANCELLED') this.#emit('job_cancelled', { job_id: record.id, phase, reason: cancelReason });
    else this.#emit(phase === 'FAILED' ? 'job_failed' : 'job_completed', toJob(record));
  }

  /** An attempt of the job began. */
  begun(record: JobRecord): void {
    this.#log('info', record, { attempt: record.attempt }, 'attempt begun');
    this.#telemetry.metrics.count(record.attempt === 1 ? 'jobs_started_total' : 'jobs_started_again_total', 1, { kind: record.kind });
    this.changed(record);
  }

  /** An attempt ended without ending the job. */
  postponed(record: JobRecord): void {
    this.#log('warn', record, { attempt: record.attempt, error: record.error, next_attempt_at: record.nextAttemptAt }, 'attempt failed');
    this.#telemetry.metrics.count('job_retries_total', 1, { kind: record.kind, code: record.error?.code ?? 'INTERNAL' });
    this.changed(record);
  }

  async close(): Promise<void> {
    await this.#updates.close();
  }

  #log(level: 'info' | 'warn' | 'error', { id, traceId, kind }: JobRecord, fields: Record<string, unknown>, message: string): void {
    this.#telemetry.logger[level]({ job_id: id, trace_id: traceId, kind, ...fields }, message);
  }
}
