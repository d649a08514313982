/**
 * What the rest of the agent sees of the queue. Every call is one transaction; what it returns is the job afterwards.
 *
 * Calls that do not fit the state of the job throw `JOB_NOT_FOUND`, `JOB_OVER` or `JOB_STATE` and change nothing; a full disk
 * gives `QUEUE_FULL`.
 */
import type { FinalPhase, JobState, JobSummary, SkippedItem } from '../../shared/contract/schemas/job.ts';
import type { WorkerProgress } from '../../shared/worker-protocol.ts';
import type { JobError, JobRecord, NewJob } from './job-record.ts';

export interface ClaimLimits {
  readonly total: number;
  readonly perRepository: number;
}

export interface JobFilter {
  readonly state?: JobState;
  readonly limit: number;
  /** Only jobs older than this one. */
  readonly before?: string;
}

/** What a list of ten thousand can have of each job at little cost. */
export type CancelableJob = Pick<JobRecord, 'id' | 'state' | 'phase' | 'message'> & { readonly percent: number };

export type JobOwner = { readonly repositoryId: string } | { readonly planId: string };

export interface JobQueue {
  enqueue(job: NewJob): JobRecord;
  get(id: string): JobRecord;
  /** Newest first. */
  list(filter: JobFilter): JobRecord[];
  /** Jobs that can be cancelled, in the order in which they will run. */
  cancelable(): CancelableJob[];
  /** Ids of the jobs in a state, in the order in which they will run. */
  idsIn(state: JobState): string[];
  /** A job of this repository, or a backup of this plan, that is not over; undefined where there is none. */
  activeOf(owner: JobOwner): JobRecord | undefined;
  /** Jobs of a repository that need it for themselves and are not over, in the order in which they came. */
  exclusiveOf(repositoryId: string): JobRecord[];
  counts(): Record<JobState, number>;
  /** Takes the next job that may run now, begins an attempt of it, and makes it running; undefined where there is none. */
  claim(limits: ClaimLimits): JobRecord | undefined;
  /** When the next waiting job or pause is due after a time; undefined where there is none. */
  nextDueAt(after: number): number | undefined;
  /** Milliseconds since the epoch; undefined where no job is queued. */
  oldestQueuedAt(): number | undefined;
  /** `start`: when that process started, undefined where the system does not tell. */
  workerStarted(id: string, pid: number, start: string | undefined): JobRecord;
  /** Keeps the progress of a running job; ignored in any other state, since a late message of a worker may cross an end. */
  checkpoint(id: string, progress: WorkerProgress): JobRecord;
  complete(id: string, result: { readonly phase: Extract<FinalPhase, 'COMPLETED' | 'PARTIAL'>; readonly snapshotId: string | null; readonly summary: JobSummary; readonly message: string; readonly skipped?: readonly SkippedItem[] }): JobRecord;
  /** Items that a job that is over could not save or restore. */
  skipped(id: string): SkippedItem[];
  /** Ends the running attempt: over with FAILED, or, where `retryAt` is given, waiting until then. */
  fail(id: string, error: JobError, retryAt: number | null): JobRecord;
  /** A running job becomes CANCELLING; any other that is not over is CANCELLED at once. */
  cancel(id: string, reason: string | null): JobRecord;
  /** Cancels many jobs that no worker has, and returns those; leaves out what has become of another state, or is gone. */
  cancelIdle(ids: readonly string[], reasonOf: (id: string) => string | null): JobRecord[];
  /** The worker of a CANCELLING job is gone. */
  cancelled(id: string): JobRecord;
  /** For a running job: after its worker stopped. `until`: null for until resumed. */
  pause(id: string, until: number | null): JobRecord;
  /** Pauses many jobs that no worker has; see `cancelIdle`. */
  pauseIdle(ids: readonly string[], until: number | null): JobRecord[];
  resume(id: string): JobRecord;
  /** Resumes those of many that are paused. */
  resumeMany(ids: readonly string[]): JobRecord[];
  /** Resumes what was paused until a time that has come. */
  resumeDue(): JobRecord[];
  retry(id: string): JobRecord;
  remove(id: string): void;
  /** Running jobs that no worker of this agent has, put back into the queue (CANCELLING ones are CANCELLED). */
  recover(): JobRecord[];
  /** Runs several calls as one transaction; where one throws, none of them happened. */
  together<T>(calls: () => T): T;
  /** Removes old jobs that are over. */
  trimHistory(limits: { readonly olderThan: number; readonly keep: number }): number;
  close(): void;
}
