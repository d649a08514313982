/** A job as the queue keeps it. Times are milliseconds since the epoch. */
import type { JobAttempt, JobKind, JobPhase, JobState, JobSummary } from '../../shared/contract/schemas/job.ts';
import type { FailureCode, FailureText } from '../../shared/errors.ts';
import type { JobPayload } from '../../shared/job-payload.ts';
import type { WorkerProgress } from '../../shared/worker-protocol.ts';

export interface NewJob {
  readonly payload: JobPayload;
  readonly repositoryId: string;
  readonly planId: string | null;
  /** Higher runs first; jobs of the same priority in the order in which they came. */
  readonly priority: number;
  readonly maxAttempts: number;
  readonly traceId: string;
}

export interface JobError {
  readonly code: FailureCode;
  readonly message: string;
  /** The sentences of the message one by one; missing of what an earlier version kept. */
  readonly parts?: FailureText;
}

export interface JobRecord extends NewJob {
  readonly id: string;
  readonly kind: JobKind;
  readonly state: JobState;
  readonly phase: JobPhase;
  /** The latest checkpoint; null before the first. */
  readonly progress: WorkerProgress | null;
  /** Attempts begun. */
  readonly attempt: number;
  /** Attempts that failed since the job was asked for, or asked for again: what `maxAttempts` limits. A pause or a restart is no failure. */
  readonly failures: number;
  readonly attempts: readonly JobAttempt[];
  readonly nextAttemptAt: number | null;
  readonly cancelReason: string | null;
  readonly pausedUntil: number | null;
  readonly error: JobError | null;
  readonly snapshotId: string | null;
  readonly summary: JobSummary | null;
  readonly message: string;
  /** Of the running attempt. */
  readonly workerPid: number | null;
  /** When that process started, in the words of the system (core/platform/process-start.ts): a process id alone may be another's by now. */
  readonly workerStart: string | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}
