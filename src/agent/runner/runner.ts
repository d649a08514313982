/**
 * The jobs of the agent, as a person commands them: put into the queue, cancel, pause, resume, try again. The dispatcher
 * runs them.
 *
 * Invariants: a command answers when it is done (a worker that has to stop is gone, the new state is in the queue), or with
 * `QUEUE_FULL` where its new state has to wait for room; a command that does not fit throws `JOB_NOT_FOUND`, `JOB_OVER` or
 * `JOB_STATE` and changes nothing.
 */
import { setImmediate } from 'node:timers/promises';
import type { JobState } from '../../shared/contract/schemas/job.ts';
import { Failure } from '../../shared/errors.ts';
import { JobOver, jobState } from '../queue/job-failures.ts';
import type { JobRecord, NewJob } from '../queue/job-record.ts';
import type { Attempt } from './attempt.ts';
import { Dispatcher } from './dispatcher.ts';
import type { RunnerParts } from './dispatcher.ts';

/** Takes about ten milliseconds, most of them for telling of each. */
const jobsInOneTurn = 50;

export class JobRunner {
  readonly #parts: RunnerParts;
  readonly #dispatcher: Dispatcher;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#dispatcher = new Dispatcher(parts);
  }

  /** Ends what an earlier agent left running, then begins to run jobs. */
  start(): Promise<void> {
    return this.#dispatcher.start();
  }

  /** Stops every worker; their jobs go back into the queue, and on after the next start. Leaves no timer. */
  close(): Promise<void> {
    return this.#dispatcher.close();
  }

  /** To be called after settings changed. */
  settingsChanged(): void {
    this.#dispatcher.limitsChanged();
    this.#dispatcher.next();
  }

  /** To be called when other limits hold than before. */
  limitsChanged(): void {
    this.#dispatcher.limitsChanged();
  }

  enqueue(job: NewJob): JobRecord {
    const record = this.#parts.queue.enqueue(job);
    this.#dispatcher.events.created(record);
    this.#dispatcher.next();
    return record;
  }

  /** A record of the queue with the latest word of its worker, which the queue may not have yet. */
  current(record: JobRecord): JobRecord {
    const attempt = this.#dispatcher.attempt(record.id);
    return attempt !== undefined && record.state === 'running' ? attempt.record : record;
  }

  /** Resolves when the job is CANCELLED; throws `JOB_OVER` also where it was done before its worker heard of it. */
  async cancel(id: string, reason: string | null): Promise<JobRecord> {
    const { queue } = this.#parts;
    const attempt = await this.#dispatcher.attemptOf(id);
    if (attempt === undefined) {
      let record = queue.cancel(id, reason);
      if (record.phase === 'CANCELLING') record = queue.cancelled(id);
      this.#changed(record);
      return record;
    }
    if (attempt.stopping !== 'cancel') {
      attempt.cancelReason = reason;
      attempt.stop('cancel');
      // The worker stops whether or not this can be stored now; the end of the attempt stores it again.
      this.#dispatcher.guarded('cancellation is stored with the end of the attempt', () => {
        attempt.update(queue.cancel(id, reason));
        this.#dispatcher.events.changed(attempt.record);
      });
    }
    const ended = await this.#settled(attempt);
    if (ended.phase !== 'CANCELLED') throw new JobOver(id, ended.phase);
    return ended;
  }

  /** Cancels every job that is not over; says of each whether it was cancelled. `reasons` by job go before `reason`. */
  async cancelAll(reason: string | null, reasons: Readonly<Record<string, string>> = {}): Promise<Record<string, boolean>> {
    const { queue, emit } = this.#parts;
    const reasonOf = (id: string): string | null => reasons[id] ?? reason;
    const results: Record<string, boolean> = {};
    const running = queue.idsIn('running');
    const left = await this.#inTurns(['queued', 'waiting', 'paused'], (ids) => {
      const cancelled = queue.cancelIdle(ids, reasonOf);
      for (const { id } of cancelled) results[id] = true;
      return cancelled;
    });
    await Promise.all(
      [...running, ...left].map(async (id) => {
        results[id] = await this.#succeeds(() => this.cancel(id, reasonOf(id)));
      }),
    );
    emit('jobs_cancelled', { results, reason, reasons: { ...reasons } });
    return results;
  }

  /** Resolves when the job is PAUSED, its worker gone. `until`: milliseconds since the epoch; null: until resumed. */
  async pause(id: string, until: number | null): Promise<JobRecord> {
    const { queue } = this.#parts;
    const attempt = await this.#dispatcher.attemptOf(id);
    if (attempt === undefined) {
      const record = queue.pause(id, until);
      this.#changed(record);
      return record;
    }
    if (attempt.stopping === 'cancel') throw jobState(id, 'CANCELLING', 'paused');
    // On a full disk the job goes on rather than stopping for nothing.
    const { latest } = attempt.progress;
    if (latest !== null) attempt.update(queue.checkpoint(id, latest));
    attempt.pauseUntil = until;
    attempt.stop('pause');
    const ended = await this.#settled(attempt);
    if (ended.state === 'done') throw new JobOver(id, ended.phase);
    if (ended.state !== 'paused') throw jobState(id, ended.phase, 'paused');
    return ended;
  }

  /** What waits first, so that nothing takes the place of what stops. */
  async pauseAll(until: number | null): Promise<void> {
    const { queue } = this.#parts;
    const running = queue.idsIn('running');
    await this.#inTurns(['queued', 'waiting'], (ids) => queue.pauseIdle(ids, until));
    await Promise.all(running.map((id) => this.#succeeds(() => this.pause(id, until))));
  }

  async resume(id: string): Promise<JobRecord> {
    const attempt = this.#dispatcher.attempt(id);
    if (attempt?.stopping === 'pause') await attempt.settled;
    const record = this.#parts.queue.resume(id);
    this.#changed(record);
    return record;
  }

  async resumeAll(): Promise<void> {
    const { queue } = this.#parts;
    await Promise.all(this.#dispatcher.attempts().filter(({ stopping }) => stopping === 'pause').map(({ settled }) => settled));
    await this.#inTurns(['paused'], (ids) => queue.resumeMany(ids));
  }

  retry(id: string): JobRecord {
    const record = this.#parts.queue.retry(id);
    this.#changed(record);
    return record;
  }

  /**
   * Changes all jobs of these states, which no worker has, and tells of each: so many in one transaction that the event
   * loop goes on, and meanwhile none is claimed. Resolves with those that `change` left out: they have another state by now.
   */
  async #inTurns(states: readonly JobState[], change: (ids: readonly string[]) => readonly JobRecord[]): Promise<string[]> {
    const { queue } = this.#parts;
    return this.#dispatcher.withoutClaims(async () => {
      const ids = states.flatMap((state) => queue.idsIn(state));
      const left = new Set(ids);
      for (let at = 0; at < ids.length; at += jobsInOneTurn) {
        await setImmediate();
        for (const record of change(ids.slice(at, at + jobsInOneTurn))) {
          left.delete(record.id);
          this.#dispatcher.events.changed(record);
        }
      }
      return [...left];
    });
  }

  #changed(record: JobRecord): void {
    this.#dispatcher.events.changed(record);
    this.#dispatcher.next();
  }

  async #settled(attempt: Attempt): Promise<JobRecord> {
    const record = await Promise.race([attempt.settled, attempt.unstored]);
    if (record instanceof Failure) throw record;
    if (record !== undefined && record.state !== 'running') return record;
    throw new Failure('INTERRUPTED', { what: `The agent ended before the job ${attempt.id} did`, safe: 'Its worker was stopped', next: 'Look at the job again when the agent runs' });
  }

  async #succeeds(call: () => Promise<unknown>): Promise<boolean> {
    try {
      await call();
      return true;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#parts.telemetry.logger.info({ error: error.message }, 'job left as it is');
      return false;
    }
  }
}
