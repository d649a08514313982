/**
 * What a backup is asked for and what it tells: names of the fields that leave the program are those of interfaces,
 * section 1, so that they go out as they are.
 */
import type { SnapshotSummary } from '../repository/snapshots.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { ExcludeOptions } from './excludes.ts';
import type { WindUp } from './wind-up.ts';

export interface BackupOptions {
  /** Raw paths, absolute or relative to the working directory. Ignored with `stdin`. */
  readonly targets: readonly Uint8Array[];
  readonly excludes?: ExcludeOptions;
  readonly hostname: string;
  readonly username: string;
  readonly tags?: readonly string[];
  /** Milliseconds since the epoch; default: now. */
  readonly time?: number;
  /** `auto`: the newest snapshot of this host that has all targets; `none`; or a snapshot id. */
  readonly parent?: string;
  /** Reads every file again, whatever the parent says. */
  readonly force?: boolean;
  /** Reads and packs everything, stores nothing, takes no lock. */
  readonly dryRun?: boolean;
  readonly oneFileSystem?: boolean;
  /** Instead of targets: the bytes of a descriptor, stored under a path such as `dump/base.sql`. */
  readonly stdin?: { readonly filename: string; readonly descriptor: number };
  /** Default `auto`; version 1 repositories never compress. */
  readonly compression?: 'off' | 'auto' | 'max';
  /** Target size of a pack in bytes; default 16 MiB. */
  readonly packSize?: number;
  /** Processing threads; default: the number of cores. */
  readonly threads?: number;
  readonly programVersion: string;
  /** For `$NAME` in pattern files; default: the environment of the process. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Where relative targets start; default: the working directory of the process. */
  readonly folder?: string;
}

/** One file or folder that is missing from the snapshot, or in it other than as it was. */
export interface BackupError {
  /** Absolute path, raw bytes. */
  readonly item: Buffer;
  readonly during: 'scan' | 'archival';
  readonly message: string;
}

export type Bottleneck = 'scan' | 'read' | 'chunk' | 'compress' | 'encrypt' | 'upload';

export interface BackupProgress {
  /** 0 to 1; 0 while the totals are not known. */
  readonly percent_done: number;
  /** Of what is known so far; final when `totals_known`. */
  readonly total_files: number;
  readonly total_bytes: number;
  readonly totals_known: boolean;
  readonly files_done: number;
  readonly bytes_done: number;
  /** Raw absolute paths being read now. */
  readonly current_files: readonly Buffer[];
  readonly error_count: number;
  readonly seconds_elapsed: number;
  /** Absent while unknown; the range is what the speeds seen so far allow. */
  readonly seconds_remaining?: number;
  readonly seconds_remaining_low?: number;
  readonly seconds_remaining_high?: number;
  readonly bytes_per_second: number;
  readonly bottleneck: Bottleneck;
  readonly phase: 'scan' | 'transfer' | 'finish';
  readonly stages: StageRates;
}

/** What a stage did lately: bytes that passed it a second, and the share of the processing threads that it kept busy or waiting, 0 to 1. */
export type StageRates = Readonly<Record<Bottleneck, { readonly bytes_per_second: number; readonly busy: number }>>;

/** What the snapshot keeps, and what only the one who ran it wants to know. */
export interface BackupSummary extends Omit<SnapshotSummary, 'backup_start' | 'backup_end'> {
  /** Seconds. */
  total_duration: number;
  /** 64 hex digits; absent on a dry run. */
  snapshot_id?: string;
  /** Files and folders that were reported through `onError`. */
  errors: number;
}

export interface BackupPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
  /** At most ten times a second, and once at the end. */
  readonly onProgress?: (progress: BackupProgress) => void;
  readonly onError?: (error: BackupError) => void;
  /** How long the winding up after an abort may take; default: what is usual for its reason. */
  readonly windUp?: (reason: unknown) => WindUp;
}
