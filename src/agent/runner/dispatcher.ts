/**
 * Claims jobs and runs their attempts.
 *
 * Nothing polls: jobs are claimed when one comes, ends, is resumed or tried again, when settings change, and when a waiting
 * one is due.
 *
 * Invariants: before the first claim every worker of an earlier agent is gone and its job is back in the queue, so a job
 * runs once at a time; a change is in the queue before anybody hears of it; a full disk holds jobs up and ends none: what
 * cannot be stored is tried again until it can, or until the next start decides.
 */
import type { Clock } from '../../core/platform/clock.ts';
import { processStart } from '../../core/platform/process-start.ts';
import type { Emit } from '../../shared/contract/events.ts';
import type { Settings } from '../../shared/contract/schemas/settings.ts';
import { Failure } from '../../shared/errors.ts';
import type { StopReason, WorkerEnd, WorkerLimits } from '../../shared/worker-protocol.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { JobRecord } from '../queue/job-record.ts';
import type { ClaimLimits, JobQueue } from '../queue/queue-port.ts';
import type { RepositoryRegistry } from '../repositories/registry-port.ts';
import type { RunningWorker, StartWorker } from '../workers/worker-port.ts';
import { Attempt } from './attempt.ts';
import type { WorkerMessage } from './attempt.ts';
import { DueTimer } from './due-timer.ts';
import { JobEvents } from './job-events.ts';
import { endLeftoverWorkers } from './leftover-workers.ts';
import { settle } from './settle.ts';
import { limitsAt } from './week-limits.ts';
import { passOn, workerName } from './worker-messages.ts';
import type { WorkerListeners } from './worker-messages.ts';

export interface RunnerParts extends WorkerListeners {
  readonly queue: JobQueue;
  readonly startWorker: StartWorker;
  readonly registry: Pick<RepositoryRegistry, 'access' | 'used'>;
  readonly settings: () => Settings;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly emit: Emit;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly programVersion: string;
  /** The folder of the configuration, where workers keep what was seen of snapshots. */
  readonly memoryFolder: string;
  /** Whether nobody wants a job any more that was not cancelled, however it came back into the queue. */
  readonly isWithdrawn?: (record: JobRecord) => boolean;
}

/** Milliseconds until a queue that could not be written is tried again: for the end of an attempt, and for everything else. */
const storeAgainAfter = 5000;
const claimAgainAfter = 30_000;
const dayMs = 86_400_000;
const withdrawn = 'Its plan does not want it any more';

export class Dispatcher {
  readonly events: JobEvents;
  readonly #parts: RunnerParts;
  readonly #timer: DueTimer;
  readonly #attempts = new Map<string, Attempt>();
  readonly #runs = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  /** Resolves when the jobs of an earlier agent are back in the queue, or when this closes before that. */
  readonly #recovered = Promise.withResolvers<void>();
  #starting: Promise<void> | undefined;
  #isRecovered = false;
  #claims = false;
  /** How many are keeping jobs from being claimed. */
  #holds = 0;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.events = new JobEvents(parts.clock, parts.emit, parts.telemetry);
    this.#timer = new DueTimer(parts.clock, () => this.next());
  }

  /** Ends what an earlier agent left running, then begins to run jobs. */
  start(): Promise<void> {
    const { queue, clock, telemetry } = this.#parts;
    this.#starting ??= (async () => {
      await endLeftoverWorkers(queue.idsIn('running').map((id) => queue.get(id)), clock, telemetry.logger);
      if (this.#closing.signal.aborted) return;
      this.#claims = true;
      this.next();
    })();
    return this.#starting;
  }

  /** Stops every worker; their jobs go back into the queue, and on after the next start. Leaves no timer. */
  async close(): Promise<void> {
    this.#claims = false;
    this.#closing.abort();
    await this.#starting;
    await this.#timer.close();
    for (const attempt of this.#attempts.values()) attempt.stop('shutdown');
    await Promise.all(this.#runs);
    if (this.#isRecovered) this.guarded('jobs are put back at the next start', () => this.#recover());
    this.#recovered.resolve();
    await this.events.close();
  }

  /** Attempts that run now. */
  attempts(): Attempt[] {
    return [...this.#attempts.values()];
  }

  attempt(id: string): Attempt | undefined {
    return this.#attempts.get(id);
  }

  /** The running attempt of a job; waits where an earlier agent's is being ended. */
  async attemptOf(id: string): Promise<Attempt | undefined> {
    if (this.#parts.queue.get(id).state === 'running' && !this.#attempts.has(id)) await this.#recovered.promise;
    return this.#attempts.get(id);
  }

  /** Begins every job that may run now, and sets the timer for the next one. */
  next(): void {
    if (!this.#claims || this.#holds > 0) return;
    const { queue, clock, settings, telemetry } = this.#parts;
    const done = this.guarded('the queue stands still for a while', () => {
      if (!this.#isRecovered) this.#recover();
      // Taken before the claims: what falls due while they run is found by the timer.
      const now = clock.now();
      for (const record of queue.resumeDue()) this.events.changed(record);
      const { concurrency: total, concurrency_per_repository: perRepository } = settings();
      while (this.#attempts.size < total) {
        const record = this.#claim({ total, perRepository });
        if (record === undefined) break;
        if (record.state === 'done') this.events.changed(record);
        else this.#begin(record);
      }
      this.#timer.set(queue.nextDueAt(now));
      const counts = queue.counts();
      telemetry.metrics.gauge('queue_length', counts.queued + counts.waiting);
      telemetry.metrics.gauge('jobs_running', counts.running);
      telemetry.metrics.gauge('jobs_paused', counts.paused);
    });
    if (!done) this.#timer.set(clock.now() + claimAgainAfter);
  }

  /** The limits may be others now: because of the settings, or of the hour. */
  limitsChanged(): void {
    const limits = this.#limits();
    for (const attempt of this.#attempts.values()) attempt.limit(limits);
  }

  /** Claims nothing until `body` is over. */
  async withoutClaims<T>(body: () => Promise<T>): Promise<T> {
    this.#holds++;
    try {
      return await body();
    } finally {
      this.#holds--;
      this.next();
    }
  }

  /** Whether `body` ended well; a failure is logged, and waits for what `then` says. */
  guarded(then: string, body: () => void): boolean {
    try {
      body();
      return true;
    } catch (error) {
      this.#parts.telemetry.logger.error({ error: error instanceof Failure ? error.message : error }, then);
      return false;
    }
  }

  #limits(): WorkerLimits {
    const { settings, clock } = this.#parts;
    return limitsAt(settings(), new Date(clock.now()));
  }

  #recover(): void {
    for (const record of this.#parts.queue.recover()) this.events.changed(record);
    this.#isRecovered = true;
    this.#recovered.resolve();
    this.#trim();
  }

  #trim(): void {
    const { queue, clock, settings } = this.#parts;
    const { history_days, history_jobs } = settings();
    queue.trimHistory({ olderThan: clock.now() - history_days * dayMs, keep: history_jobs });
  }

  /** The next job that may run; one that is withdrawn is over then. */
  #claim(limits: ClaimLimits): JobRecord | undefined {
    const { queue, isWithdrawn } = this.#parts;
    return queue.together(() => {
      const record = queue.claim(limits);
      if (record === undefined || isWithdrawn?.(record) !== true) return record;
      queue.cancel(record.id, withdrawn);
      return queue.cancelled(record.id);
    });
  }

  #begin(record: JobRecord): void {
    const attempt = new Attempt(record, this.#parts.clock);
    this.#attempts.set(record.id, attempt);
    this.events.begun(record);
    const run = this.#run(attempt);
    this.#runs.add(run);
    void run.finally(() => this.#runs.delete(run));
  }

  /** Never rejects. */
  async #run(attempt: Attempt): Promise<void> {
    const { startWorker, registry, telemetry, programVersion, memoryFolder } = this.#parts;
    const end = await attempt.work({
      startWorker,
      access: (id) => registry.access(id),
      tracer: telemetry.tracer,
      logger: telemetry.logger,
      limits: () => ({ ...this.#limits(), programVersion, memoryFolder }),
      onWorker: (worker) => this.#noteWorker(attempt, worker),
      onMessage: (message) => this.#hear(attempt, message),
    });
    this.#parts.onWorkerEnded?.(workerName(attempt.record));
    this.#checkpoint(attempt, true);
    const record = await this.#store(attempt, end);
    this.#attempts.delete(attempt.id);
    if (record !== undefined) this.#tell(record, end, attempt.stopping);
    attempt.settle(record);
    this.next();
  }

  /** Keeps which process has the job, so that the next agent can end it. */
  #noteWorker(attempt: Attempt, { pid }: RunningWorker): void {
    if (pid === undefined) return;
    this.guarded('the worker is not noted', () => attempt.update(this.#parts.queue.workerStarted(attempt.id, pid, processStart(pid))));
  }

  #hear(attempt: Attempt, message: WorkerMessage): void {
    if (message.type === 'progress') {
      attempt.progress.note(message.progress);
      this.#checkpoint(attempt, false);
      this.events.changed(attempt.record);
      return;
    }
    if (message.type === 'item-error') attempt.progress.noteItemError(message);
    if (message.type === 'retry') {
      attempt.progress.noteRetry(message, this.#parts.clock.now());
      this.events.changed(attempt.record);
    }
    passOn(message, attempt.record, this.#parts.telemetry, this.#parts);
  }

  #checkpoint(attempt: Attempt, isLast: boolean): void {
    const progress = attempt.progress.dueCheckpoint(this.#parts.clock.monotonic(), isLast);
    if (progress !== undefined) this.guarded('the checkpoint is left out', () => attempt.update(this.#parts.queue.checkpoint(attempt.id, progress)));
  }

  /** Stores the end of an attempt, as often as a full disk makes necessary; undefined where it could not be stored. */
  async #store(attempt: Attempt, end: WorkerEnd): Promise<JobRecord | undefined> {
    const { queue, clock, random, telemetry } = this.#parts;
    for (;;) {
      try {
        return settle(queue, attempt, end, random(), clock.now());
      } catch (error) {
        telemetry.logger.error({ job_id: attempt.id, error: error instanceof Failure ? error.message : error }, 'the end of an attempt could not be stored');
        if (!(error instanceof Failure) || error.code !== 'QUEUE_FULL') return undefined;
        attempt.couldNotStore(error);
        if (!(await this.#waits(storeAgainAfter))) return undefined;
      }
    }
  }

  /** False where the runner closes meanwhile. */
  async #waits(ms: number): Promise<boolean> {
    const { signal } = this.#closing;
    try {
      await this.#parts.clock.sleep(ms, signal);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  #tell(record: JobRecord, end: WorkerEnd, stopping: StopReason | undefined): void {
    if (record.state === 'running') return;
    if (record.state === 'waiting') this.events.postponed(record);
    else this.events.changed(record);
    if (end.outcome !== 'stopped' && stopping === undefined) {
      this.guarded('the repository has no note of its last use', () => this.#parts.registry.used(record.repositoryId, { error: end.outcome === 'failed' ? end.error.message : null }));
    }
    if (record.state === 'done') this.guarded('the history is trimmed later', () => this.#trim());
  }
}
