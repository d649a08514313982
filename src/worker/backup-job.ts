/** A backup as a job: what the archiver tells, in the terms of the protocol. */
import { isAbsolute } from 'node:path';
import { backup } from '../core/archiver/backup.ts';
import { expandExcludes } from '../core/archiver/expand-excludes.ts';
import type { BackupOptions, BackupProgress, BackupSummary } from '../core/archiver/options.ts';
import { hostName, userName } from '../core/platform/identity.ts';
import { Failure } from '../shared/errors.ts';
import type { JobPayload } from '../shared/job-payload.ts';
import type { WorkerProgress } from '../shared/worker-protocol.ts';
import type { Completed, JobPorts } from './attempt.ts';
import { counted, etaFields, summaryFields } from './progress-fields.ts';
import { windUpAfter } from './stop-request.ts';

type BackupPayload = Extract<JobPayload, { readonly kind: 'backup' }>;

export async function runBackup(payload: BackupPayload, programVersion: string, { repository, clock, logger, signal, progress, channel }: JobPorts): Promise<Completed> {
  const summary = await backup(repository, optionsOf(payload, programVersion), {
    clock,
    logger,
    signal,
    windUp: windUpAfter,
    onProgress: (told) => progress(progressOf(told)),
    onError: ({ item, during, message }) => channel.send({ type: 'item-error', item: item.toString('utf8'), during, message }),
  });
  return { outcome: 'completed', partial: summary.errors > 0, snapshotId: summary.snapshot_id ?? null, summary: summaryFields(summary), message: messageOf(summary) };
}

function optionsOf({ paths, excludes, tags }: BackupPayload, programVersion: string): BackupOptions {
  const relative = paths.find((path) => !isAbsolute(path));
  if (relative !== undefined) throw new Failure('INVALID_INPUT', { what: `The path ${relative} is not absolute`, safe: 'Nothing was read', next: 'Give the whole path' });
  const expanded = expandExcludes(excludes);
  return {
    targets: paths.map((path) => Buffer.from(path)),
    excludes: expanded.excludes,
    oneFileSystem: expanded.oneFileSystem,
    hostname: hostName(),
    username: userName(),
    tags,
    parent: 'auto',
    programVersion: `cyberbackup ${programVersion}`,
    // Where relative targets would start; the worker's own folder means nothing.
    folder: '/',
  };
}

const activities = {
  scan: { phase: 'SCANNING', message: 'Backing up, still counting' },
  transfer: { phase: 'TRANSFERRING', message: 'Backing up' },
  finish: { phase: 'FINALIZING', message: 'Writing index and snapshot' },
} as const;

function progressOf(told: BackupProgress): WorkerProgress {
  return {
    ...activities[told.phase],
    file: told.current_files[0]?.toString('utf8') ?? null,
    percent: told.percent_done * 100,
    bytesDone: told.bytes_done,
    bytesTotal: told.total_bytes,
    filesDone: told.files_done,
    filesTotal: told.total_files,
    bytesPerSecond: told.bytes_per_second,
    ...etaFields(told),
    bottleneck: told.bottleneck,
    stages: told.stages,
    errorCount: told.error_count,
  };
}

function messageOf({ total_files_processed: files, errors }: BackupSummary): string {
  return errors === 0 ? `${counted(files, 'file')} saved` : `${counted(files, 'file')} saved, ${counted(errors, 'item')} could not be read in full; a later backup adds what is missing`;
}
