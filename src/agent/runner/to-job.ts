/** A job as the contract shows it. */
import type { Job } from '../../shared/contract/schemas/job.ts';
import type { JobPayload } from '../../shared/job-payload.ts';
import type { JobRecord } from '../queue/job-record.ts';

const timeText = (time: number): string => new Date(time).toISOString();
const timeOrNull = (time: number | null): string | null => (time === null ? null : timeText(time));

function pathsOf(payload: JobPayload): string[] {
  if (payload.kind === 'backup') return [...payload.paths];
  return payload.kind === 'restore' ? [payload.target] : [];
}

export function toJob(record: JobRecord): Job {
  const { progress, phase } = record;
  // What moves: only while a worker does the job.
  const moving = record.state === 'running' && phase !== 'CANCELLING' && phase !== 'WAITING_RETRY' ? progress : null;
  const complete = phase === 'COMPLETED' || phase === 'PARTIAL';
  return {
    job_id: record.id,
    kind: record.kind,
    state: record.state,
    phase,
    file: moving?.file ?? null,
    progress: complete ? 100 : Math.min(100, Math.max(0, progress?.percent ?? 0)),
    message: moving?.message ?? record.message,
    bytes_done: progress?.bytesDone ?? 0,
    bytes_total: progress?.bytesTotal ?? 0,
    files_done: progress?.filesDone ?? 0,
    files_total: progress?.filesTotal ?? 0,
    speed_bytes_per_second: moving?.bytesPerSecond ?? 0,
    eta_seconds: moving?.etaSeconds ?? null,
    eta_range_seconds: moving?.etaRange ?? null,
    bottleneck: moving?.bottleneck ?? null,
    stages: { ...moving?.stages },
    attempt: record.attempt,
    attempts: [...record.attempts],
    next_attempt_at: timeOrNull(record.nextAttemptAt),
    cancel_reason: record.cancelReason,
    error: record.error,
    error_count: progress?.errorCount ?? 0,
    priority: record.priority,
    trace_id: record.traceId,
    created_at: timeText(record.createdAt),
    started_at: timeOrNull(record.startedAt),
    finished_at: timeOrNull(record.finishedAt),
    paused_until: timeOrNull(record.pausedUntil),
    repository_id: record.repositoryId,
    plan_id: record.planId,
    paths: pathsOf(record.payload),
    snapshot_id: record.snapshotId,
    summary: record.summary,
  };
}
