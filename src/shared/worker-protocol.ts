/**
 * What agent and worker say to each other: plain values over the channel that `fork` or `utilityProcess` gives.
 *
 * A worker does one attempt of one job. It says `ready`, gets `start`, tells `heartbeat` every few seconds and `progress` at
 * most ten times a second, and ends with one `end`, after which it exits by itself. `limits` and `stop` may come at any time, and a
 * worker whose channel closes stops by itself: it must never outlive its agent.
 *
 * The password travels here only: never in arguments, environment or files of a process.
 */
import type { JobPhase, JobSummary, StageName } from './contract/schemas/job.ts';
import type { DestinationHealth } from './contract/schemas/connection-health.ts';
import type { Span } from './contract/schemas/observability.ts';
import type { FailureCode, FailureText } from './errors.ts';
import type { JobPayload } from './job-payload.ts';

/** The argument of a worker process that is to be a reader (reader-protocol.ts) instead of doing a job. */
export const readerArgument = '--reader';

/** How to reach and open a repository. `url` may hold credentials. */
export interface RepositoryAccess {
  readonly repositoryId: string;
  readonly url: string;
  readonly password: string;
  /** SHA-256 of the server's certificate, 64 hex digits, where one is pinned. */
  readonly certificateFingerprint?: string;
}

export interface WorkerTask {
  readonly jobId: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly payload: JobPayload;
  readonly repository: RepositoryAccess;
  /** KiB/s; 0: no limit. */
  readonly uploadLimit: number;
  readonly downloadLimit: number;
  /** W3C, of the span that the attempt belongs to. */
  readonly traceparent: string;
  readonly programVersion: string;
  /** Where this machine keeps what it has seen of snapshots (decision 14). */
  readonly memoryFolder: string;
}

export type StopReason = 'cancel' | 'pause' | 'shutdown';

/** KiB/s; 0: no limit. */
export type WorkerLimits = Pick<WorkerTask, 'uploadLimit' | 'downloadLimit'>;

export type ToWorker = { readonly type: 'start'; readonly task: WorkerTask } | { readonly type: 'limits'; readonly limits: WorkerLimits } | { readonly type: 'stop'; readonly reason: StopReason };

export interface WorkerProgress {
  readonly phase: Extract<JobPhase, 'CONNECTING' | 'SCANNING' | 'TRANSFERRING' | 'FINALIZING' | 'VERIFYING'>;
  readonly file: string | null;
  /** 0 to 100. */
  readonly percent: number;
  readonly message: string;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly filesDone: number;
  readonly filesTotal: number;
  readonly bytesPerSecond: number;
  readonly etaSeconds: number | null;
  readonly etaRange: { readonly low: number; readonly high: number } | null;
  readonly bottleneck: StageName | null;
  readonly stages: Partial<Record<StageName, { readonly bytes_per_second: number; readonly busy: number }>>;
  readonly errorCount: number;
}

export interface WorkerError {
  readonly code: FailureCode;
  readonly message: string;
  /** The sentences of the message one by one. */
  readonly parts?: FailureText;
  /** Whether another attempt may help (interfaces, section 5). */
  readonly retryable: boolean;
  /** Milliseconds that the storage asked to wait. */
  readonly retryAfter?: number;
}

export type WorkerEnd =
  /** `partial`: done, but some items are missing. */
  | { readonly outcome: 'completed'; readonly partial: boolean; readonly snapshotId: string | null; readonly summary: JobSummary; readonly message: string }
  | { readonly outcome: 'stopped'; readonly reason: StopReason }
  | { readonly outcome: 'failed'; readonly error: WorkerError };

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'heartbeat'; readonly rss: number; readonly eventLoopDelayMs: number }
  | { readonly type: 'progress'; readonly progress: WorkerProgress }
  /** A file that could not be saved or restored. */
  | { readonly type: 'item-error'; readonly item: string; readonly during: string; readonly message: string }
  /** A storage operation is tried again. */
  | { readonly type: 'retry'; readonly operation: string; readonly message: string; readonly attempt: number; readonly delay: number }
  | { readonly type: 'destination'; readonly health: DestinationHealth }
  | { readonly type: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly fields: Record<string, unknown>; readonly message: string }
  | { readonly type: 'spans'; readonly spans: readonly Span[] }
  /** Numbers of the worker for the agent's metrics: counter increments and timer values in milliseconds. */
  | { readonly type: 'metrics'; readonly counters: Record<string, number>; readonly timers: Record<string, readonly number[]> }
  | { readonly type: 'end'; readonly end: WorkerEnd };
