/** A check as a job: what the checker tells, in the terms of the protocol. */
import { check, checkFailure } from '../core/checker/check.ts';
import type { CheckProgress } from '../core/checker/check.ts';
import type { CheckReport } from '../core/checker/findings.ts';
import { hostName } from '../core/platform/identity.ts';
import { Pace } from '../core/platform/pace.ts';
import { withLock } from '../core/repository/with-lock.ts';
import type { JobPayload } from '../shared/job-payload.ts';
import type { WorkerProgress } from '../shared/worker-protocol.ts';
import type { Completed, JobPorts } from './attempt.ts';
import { counted, etaFields, summaryFields } from './progress-fields.ts';

type CheckPayload = Extract<JobPayload, { readonly kind: 'check' }>;

/** Findings of errors are told one by one; with any the job ends as CHECK_FAILED. */
export async function runCheck({ read_data_percent: percent }: CheckPayload, { repository, clock, logger, signal, progress, channel }: JobPorts): Promise<Completed> {
  const onKept = (error: unknown): void => logger.warn({ error }, 'the lock of this check could not be removed');
  return withLock(repository, { exclusive: false, hostname: hostName(), signal, onKept }, async (lock) => {
    const pace = new Pace(clock.monotonic());
    const report = await check(
      repository,
      { readData: percent === 100, ...(percent > 0 && percent < 100 ? { readDataSubset: percent } : {}) },
      {
        clock,
        logger,
        signal: AbortSignal.any([signal, lock.signal]),
        onProgress: (told) => progress(progressOf(told, pace, clock.monotonic())),
        onFinding: (severity, { name, what }) => {
          if (severity === 'error') channel.send({ type: 'item-error', item: name, during: 'check', message: what });
        },
      },
    );
    const failure = checkFailure(report);
    if (failure !== undefined) throw failure;
    return { outcome: 'completed', partial: false, snapshotId: null, summary: summaryOf(report), message: messageOf(report) };
  });
}

const messages = { index: 'Reading the index', packs: 'Looking for packs', data: 'Verifying stored data', trees: 'Reading folders' } as const;

/** How much of the folders is read is not known before they are; they are a small part beside the data. */
const percentOfPacks = 95;

function progressOf(told: CheckProgress, pace: Pace, now: number): WorkerProgress {
  pace.note(now, told.bytes_done);
  const share = told.bytes_total === 0 ? 0 : told.bytes_done / told.bytes_total;
  return {
    phase: 'VERIFYING',
    message: messages[told.phase],
    file: null,
    percent: Math.min(percentOfPacks, share * percentOfPacks),
    bytesDone: told.bytes_done,
    bytesTotal: told.bytes_total,
    filesDone: told.packs_done,
    filesTotal: told.packs_total,
    bytesPerSecond: pace.recent,
    ...etaFields(told.phase === 'data' ? (pace.timeLeft(told.bytes_total - told.bytes_done) ?? {}) : {}),
    bottleneck: null,
    stages: {},
    errorCount: told.error_count,
  };
}

function summaryOf(report: CheckReport): Record<string, number | string | boolean> {
  const { packsRead, bytesRead, errorCount, hints, ...counts } = report;
  return { ...summaryFields(counts), packs_read: packsRead, bytes_read: bytesRead, num_errors: errorCount, hints: hints.length };
}

function messageOf({ snapshots, packs, packsRead }: CheckReport): string {
  return `No errors: ${counted(snapshots, 'snapshot')}, ${counted(packs, 'pack')}${packsRead > 0 ? `, ${counted(packsRead, 'pack')} read in full` : ''}`;
}
