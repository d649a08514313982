/**
 * One worker process as the agent sees it, the same for `fork` in Node and `utilityProcess` in Electron.
 *
 * Vocabulary: a worker *hangs* when no heartbeat came for 30 s.
 */
import type { FromWorker, StopReason, WorkerEnd, WorkerLimits, WorkerTask } from '../../shared/worker-protocol.ts';

/** What a platform must offer: a process with a message channel. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once; `code` is null where a signal ended it. `stderr` holds its last lines. */
  onExit(listener: (exit: { readonly code: number | null; readonly signal: string | null; readonly stderr: string }) => void): void;
  terminate(): void;
  kill(): void;
}

/** A worker does one job; a reader answers questions (src/shared/reader-protocol.ts). */
export type ProcessKind = 'worker' | 'reader';
export type LaunchWorker = (kind: ProcessKind) => WorkerProcess;

export interface RunningWorker {
  readonly pid: number | undefined;
  /** Never rejects: a crash, a hang, running out of memory and a non-zero exit are `failed`, with their cause. */
  readonly ended: Promise<WorkerEnd>;
  /** Asks to stop; terminated after 5 s, killed after 10 s. May be called again. */
  stop(reason: StopReason): void;
  /** Instead of those of its task. */
  limit(limits: WorkerLimits): void;
}

export type StartWorker = (task: WorkerTask, onMessage: (message: Exclude<FromWorker, { readonly type: 'ready' | 'heartbeat' | 'end' }>) => void) => RunningWorker;
