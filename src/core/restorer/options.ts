/**
 * What a restore is asked to do, and what it tells while and after doing it.
 */
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import type { RestoreProblem } from './problems.ts';

/**
 * What happens to a file that the target already has:
 * `always` makes it equal to the snapshot, reading it first and leaving equal content alone; `if-changed` does the same
 * but trusts an equal size and mtime; `if-newer` replaces it only if the snapshot's mtime is later; `never` leaves it.
 */
export const overwritePolicies = ['always', 'if-changed', 'if-newer', 'never'] as const;
export type OverwritePolicy = (typeof overwritePolicies)[number];

export interface RestoreOptions {
  readonly snapshot: StoredSnapshot;
  /** A path inside the snapshot. A folder: what is in it lands in the target; anything else: it alone does. */
  readonly subpath?: Buffer;
  /** The target folder, made if it does not exist; nothing outside it is ever touched. */
  readonly target: Buffer;
  /** Patterns as in restic, matched against paths below the subpath. Empty: everything. */
  readonly includes: readonly string[];
  readonly excludes: readonly string[];
  readonly overwrite: OverwritePolicy;
  /** Read every restored file again and compare it with the snapshot. */
  readonly verify: boolean;
  /** Decide and count only. */
  readonly dryRun: boolean;
  /** Remove from restored folders what the snapshot does not have there. */
  readonly delete: boolean;
}

/** Of a running restore; at most ten a second, and one at the end. Files are regular ones, as in the summary of a backup; each name of a file counts. */
export interface RestoreProgress {
  readonly phase: 'scan' | 'compare' | 'write' | 'finish' | 'verify';
  /** 0 to 1. */
  readonly percent_done: number;
  readonly total_files: number;
  readonly files_restored: number;
  readonly files_skipped: number;
  readonly files_deleted: number;
  readonly total_bytes: number;
  readonly bytes_restored: number;
  readonly bytes_skipped: number;
  readonly error_count: number;
  readonly seconds_elapsed: number;
  /** Absent until there is something to judge by. */
  readonly seconds_remaining?: number;
  readonly seconds_remaining_low?: number;
  readonly seconds_remaining_high?: number;
  /** Restored a second, lately. */
  readonly bytes_per_second: number;
  readonly stages: RestoreStages;
}

/** What a stage did lately: bytes that passed it a second, and the share of the workers' time that it took, 0 to 1. `write` is decoding, verifying and writing, which the engine does in one go. */
export type RestoreStages = Readonly<Record<'download' | 'write', { readonly bytes_per_second: number; readonly busy: number }>>;

export interface RestoreSummary {
  readonly files_restored: number;
  /** Symbolic links, devices and FIFOs that were made. */
  readonly others_restored: number;
  /** Left alone: already equal, or kept for the overwrite policy's sake. */
  readonly files_skipped: number;
  readonly files_deleted: number;
  readonly bytes_restored: number;
  readonly total_files: number;
  readonly total_bytes: number;
  /** Items that could not be restored; 0 means complete. */
  readonly errors: number;
  /** The first hundred of them; `incompleteFailure` makes the `RESTORE_INCOMPLETE` failure of them. */
  readonly problems: readonly RestoreProblem[];
  readonly total_duration: number;
}

export interface RestorePorts {
  readonly clock: Clock;
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RestoreProgress) => void;
  /** One item that could not be restored; the rest goes on. */
  readonly onError?: (problem: RestoreProblem) => void;
  /** One line for each thing done or, in a dry run, that would be done; only called where given. */
  readonly onAction?: (action: RestoreAction) => void;
}

export interface RestoreAction {
  readonly action: 'create' | 'overwrite' | 'same' | 'skip' | 'delete';
  /** Below the target. */
  readonly item: Buffer;
  readonly size: number;
}
