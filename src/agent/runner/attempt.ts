/**
 * One running attempt: from the claim of its job to the end of its worker.
 *
 * Invariants: what stops an attempt is the strongest wish so far (a cancellation before a shutdown before a pause); a stop
 * that comes before the worker exists keeps it from being started; `work` never rejects, whatever goes wrong is an end.
 */
import type { Clock } from '../../core/platform/clock.ts';
import type { Logger } from '../../core/platform/logger.ts';
import type { Tracer } from '../../telemetry/telemetry.ts';
import { traceRoot } from '../../telemetry/traceparent.ts';
import { Failure } from '../../shared/errors.ts';
import type { FailureCode } from '../../shared/errors.ts';
import type { RepositoryAccess, StopReason, WorkerEnd, WorkerLimits, WorkerTask } from '../../shared/worker-protocol.ts';
import type { JobRecord } from '../queue/job-record.ts';
import type { RunningWorker, StartWorker } from '../workers/worker-port.ts';
import { LiveProgress } from './live-progress.ts';

export type WorkerMessage = Parameters<Parameters<StartWorker>[1]>[0];

export interface AttemptPorts {
  readonly startWorker: StartWorker;
  readonly access: (repositoryId: string) => Promise<RepositoryAccess>;
  readonly tracer: Tracer;
  readonly logger: Logger;
  /** The parts of the task that settings decide. */
  readonly limits: () => Pick<WorkerTask, 'uploadLimit' | 'downloadLimit' | 'programVersion' | 'memoryFolder'>;
  readonly onWorker: (worker: RunningWorker) => void;
  readonly onMessage: (message: WorkerMessage) => void;
}

const strength: Readonly<Record<StopReason, number>> = { pause: 1, shutdown: 2, cancel: 3 };
/** Failures before there is a worker that may be gone at the next attempt. */
const passing: readonly FailureCode[] = ['STORAGE_UNREACHABLE', 'SERVER_NOT_RUNNING'];

const defect = new Failure('INTERNAL', { what: 'The job failed because of a defect of this program', safe: 'Nothing that was backed up is touched', next: 'See the log, and report it' });

/** Ends the span of an attempt as failed. */
class AttemptFailed extends Error {
  readonly end: WorkerEnd;

  constructor(end: Extract<WorkerEnd, { outcome: 'failed' }>) {
    super(end.error.message);
    this.end = end;
  }
}

export class Attempt {
  readonly progress = new LiveProgress();
  readonly #settled = Promise.withResolvers<JobRecord | undefined>();
  readonly #unstored = Promise.withResolvers<Failure>();
  readonly #clock: Clock;
  #record: JobRecord;
  #worker: RunningWorker | undefined;
  #stop: StopReason | undefined;
  /** For when a pause is wished: milliseconds since the epoch; null: until resumed. */
  pauseUntil: number | null = null;
  cancelReason: string | null = null;

  constructor(record: JobRecord, clock: Clock) {
    this.#record = record;
    this.#clock = clock;
  }

  get id(): string {
    return this.#record.id;
  }

  /** The job as the queue has it, with the worker's latest word. */
  get record(): JobRecord {
    const { latest } = this.progress;
    const record = latest === null ? this.#record : { ...this.#record, progress: latest };
    if (record.phase === 'CANCELLING') return record;
    const holdup = this.progress.holdup(this.#clock.now());
    if (holdup === undefined) return latest === null ? record : { ...record, phase: latest.phase };
    const { until, message } = holdup;
    return { ...record, phase: 'WAITING_RETRY', nextAttemptAt: until, error: { code: 'STORAGE_UNREACHABLE', message }, message };
  }

  /** After each change of the row. */
  update(record: JobRecord): void {
    this.#record = record;
  }

  get stopping(): StopReason | undefined {
    return this.#stop;
  }

  /** The job after the attempt; undefined where its end could not be stored, and the next start decides. */
  get settled(): Promise<JobRecord | undefined> {
    return this.#settled.promise;
  }

  /** Why the end of the attempt could not be stored yet; stays pending where it could. */
  get unstored(): Promise<Failure> {
    return this.#unstored.promise;
  }

  couldNotStore(failure: Failure): void {
    this.#unstored.resolve(failure);
  }

  settle(record: JobRecord | undefined): void {
    this.#settled.resolve(record);
  }

  stop(reason: StopReason): void {
    if (this.#stop === undefined || strength[reason] > strength[this.#stop]) this.#stop = reason;
    this.#worker?.stop(this.#stop);
  }

  /** Of a worker that runs; one that is started later asks for them. */
  limit(limits: WorkerLimits): void {
    this.#worker?.limit(limits);
  }

  async work(ports: AttemptPorts): Promise<WorkerEnd> {
    const { id, kind, attempt, traceId, repositoryId } = this.#record;
    const options = { parent: traceRoot(traceId), attributes: { job_id: id, kind, attempt, repository_id: repositoryId } };
    try {
      return await ports.tracer.within('job attempt', options, async (span) => {
        const end = await this.#work(ports, span.traceparent);
        span.set({ outcome: end.outcome, ...(end.outcome === 'failed' ? { error_code: end.error.code } : {}) });
        if (end.outcome === 'failed') throw new AttemptFailed(end);
        return end;
      });
    } catch (error) {
      if (error instanceof AttemptFailed) return error.end;
      return this.#failed(error, ports.logger);
    }
  }

  async #work(ports: AttemptPorts, traceparent: string): Promise<WorkerEnd> {
    const { id: jobId, attempt, payload, repositoryId } = this.#record;
    const repository = await ports.access(repositoryId);
    if (this.#stop !== undefined) return { outcome: 'stopped', reason: this.#stop };
    this.#worker = ports.startWorker({ jobId, attempt, payload, repository, traceparent, ...ports.limits() }, ports.onMessage);
    ports.onWorker(this.#worker);
    return this.#worker.ended;
  }

  #failed(error: unknown, logger: Logger): WorkerEnd {
    if (!(error instanceof Failure)) logger.error({ job_id: this.id, trace_id: this.#record.traceId, error }, 'attempt ended by a defect');
    const { code, message, text } = error instanceof Failure ? error : defect;
    return { outcome: 'failed', error: { code, message, parts: text, retryable: passing.includes(code) } };
  }
}
