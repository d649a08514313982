/** A restore as a job: what the restorer tells, in the terms of the protocol. */
import { isAbsolute } from 'node:path';
import { hostName } from '../core/platform/identity.ts';
import { findSnapshot } from '../core/repository/snapshots.ts';
import { withLock } from '../core/repository/with-lock.ts';
import type { RestoreProgress, RestoreSummary } from '../core/restorer/options.ts';
import { incompleteFailure } from '../core/restorer/problems.ts';
import { restore } from '../core/restorer/restore.ts';
import { Failure } from '../shared/errors.ts';
import type { JobPayload } from '../shared/job-payload.ts';
import type { WorkerProgress } from '../shared/worker-protocol.ts';
import type { Completed, JobPorts } from './attempt.ts';
import { busiest, counted, etaFields, summaryFields } from './progress-fields.ts';

type RestorePayload = Extract<JobPayload, { readonly kind: 'restore' }>;

export async function runRestore(payload: RestorePayload, { repository, clock, logger, signal, progress, channel }: JobPorts): Promise<Completed> {
  if (!isAbsolute(payload.target)) throw new Failure('INVALID_INPUT', { what: `The target ${payload.target} is not absolute`, safe: 'Nothing was written', next: 'Give the whole path' });
  const onKept = (error: unknown): void => logger.warn({ error }, 'the lock of this restore could not be removed');
  return withLock(repository, { exclusive: false, hostname: hostName(), signal, onKept }, async (lock) => {
    const either = AbortSignal.any([signal, lock.signal]);
    const snapshot = await findSnapshot(repository, payload.snapshot, {}, either);
    const summary = await restore(
      repository,
      {
        snapshot,
        ...(payload.subpath === undefined ? {} : { subpath: Buffer.from(payload.subpath) }),
        target: Buffer.from(payload.target),
        includes: payload.include,
        excludes: payload.exclude,
        overwrite: payload.overwrite,
        verify: payload.verify,
        dryRun: false,
        delete: false,
      },
      {
        clock,
        logger,
        signal: either,
        onProgress: (told) => progress(progressOf(told)),
        onError: ({ item, during, message }) => channel.send({ type: 'item-error', item: item.toString('utf8'), during, message }),
      },
    );
    return { outcome: 'completed', partial: summary.errors > 0, snapshotId: snapshot.id, summary: summaryFields(summary), message: messageOf(summary) };
  });
}

const activities = {
  scan: { phase: 'SCANNING', message: 'Reading folders' },
  compare: { phase: 'SCANNING', message: 'Comparing with what is there' },
  write: { phase: 'TRANSFERRING', message: 'Restoring' },
  finish: { phase: 'FINALIZING', message: 'Finishing links and folders' },
  verify: { phase: 'VERIFYING', message: 'Reading restored files again' },
} as const;

function progressOf(told: RestoreProgress): WorkerProgress {
  return {
    ...activities[told.phase],
    file: null,
    percent: told.percent_done * 100,
    bytesDone: told.bytes_restored + told.bytes_skipped,
    bytesTotal: told.total_bytes,
    filesDone: told.files_restored + told.files_skipped,
    filesTotal: told.total_files,
    bytesPerSecond: told.bytes_per_second,
    ...etaFields(told),
    bottleneck: told.phase === 'write' ? busiest(told.stages) : null,
    stages: told.stages,
    errorCount: told.error_count,
  };
}

function messageOf({ files_restored: files, files_skipped: skipped, errors, problems }: RestoreSummary): string {
  if (errors > 0) return incompleteFailure({ count: errors, kept: problems }).message;
  return `${counted(files, 'file')} restored${skipped > 0 ? `, ${counted(skipped, 'file')} already there` : ''}`;
}
