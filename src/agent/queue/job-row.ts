/**
 * A row of the table `jobs`, and the record that it stands for. JSON is checked on the way out: a row that cannot be read
 * is `DAMAGED`, except for what only informs (progress, history, summary), which is left out.
 */
import { z } from 'zod';
import { errorCode, failureParts } from '../../shared/contract/schemas/common.ts';
import { etaRange, jobAttempt, jobPhase, jobState, jobSummary, stageName, stageRate } from '../../shared/contract/schemas/job.ts';
import type { JobPhase, JobState } from '../../shared/contract/schemas/job.ts';
import { Failure } from '../../shared/errors.ts';
import { jobPayload } from '../../shared/job-payload.ts';
import type { WorkerProgress } from '../../shared/worker-protocol.ts';
import type { JobError, JobRecord } from './job-record.ts';

export interface JobRow {
  readonly sequence: number;
  readonly id: string;
  readonly payload: string;
  readonly repository_id: string;
  readonly plan_id: string | null;
  readonly priority: number;
  readonly max_attempts: number;
  readonly trace_id: string;
  readonly state: JobState;
  readonly phase: JobPhase;
  readonly progress: string | null;
  readonly attempt: number;
  readonly failures: number;
  readonly attempts: string;
  readonly next_attempt_at: number | null;
  readonly cancel_reason: string | null;
  readonly paused_until: number | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly error_parts: string | null;
  readonly snapshot_id: string | null;
  readonly summary: string | null;
  readonly message: string;
  readonly worker_pid: number | null;
  readonly worker_start: string | null;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly finished_at: number | null;
}

const count = z.number().nonnegative();
const progress: z.ZodType<WorkerProgress> = z.object({
  phase: jobPhase.extract(['CONNECTING', 'SCANNING', 'TRANSFERRING', 'FINALIZING', 'VERIFYING']),
  file: z.string().nullable(),
  percent: count,
  message: z.string(),
  bytesDone: count,
  bytesTotal: count,
  filesDone: count,
  filesTotal: count,
  bytesPerSecond: count,
  etaSeconds: count.nullable(),
  etaRange: etaRange.nullable(),
  bottleneck: stageName.nullable(),
  stages: z.partialRecord(stageName, stageRate) as z.ZodType<WorkerProgress['stages']>,
  errorCount: count,
});
const attempts = z.array(jobAttempt);

/** The value of a JSON text; undefined for one that is none, or that the schema does not allow. */
function parsed<Value>(schema: z.ZodType<Value>, text: string): Value | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { data } = schema.safeParse(value);
  return data;
}

export function attemptsOf(row: JobRow): z.infer<typeof attempts> {
  return parsed(attempts, row.attempts) ?? [];
}

/** Throws `DAMAGED` for a row that says nothing a program could act on. */
export function readRow(row: JobRow): JobRecord {
  const payload = parsed(jobPayload, row.payload);
  const state = jobState.safeParse(row.state).data;
  const phase = jobPhase.safeParse(row.phase).data;
  if (payload === undefined || state === undefined || phase === undefined) throw unreadable(row.id);
  return {
    id: row.id,
    kind: payload.kind,
    payload,
    repositoryId: row.repository_id,
    planId: row.plan_id,
    priority: row.priority,
    maxAttempts: row.max_attempts,
    traceId: row.trace_id,
    state,
    phase,
    progress: row.progress === null ? null : (parsed(progress, row.progress) ?? null),
    attempt: row.attempt,
    failures: row.failures,
    attempts: attemptsOf(row),
    nextAttemptAt: row.next_attempt_at,
    cancelReason: row.cancel_reason,
    pausedUntil: row.paused_until,
    error: errorOf(row),
    snapshotId: row.snapshot_id,
    summary: row.summary === null ? null : (parsed(jobSummary, row.summary) ?? null),
    message: row.message,
    workerPid: row.worker_pid,
    workerStart: row.worker_start,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
  };
}

function errorOf({ error_code: code, error_message: message, error_parts: json }: JobRow): JobError | null {
  if (code === null) return null;
  const parts = json === null ? undefined : parsed(failureParts, json);
  return { code: errorCode.safeParse(code).data ?? 'INTERNAL', message: message ?? '', ...(parts === undefined ? {} : { parts }) };
}

function unreadable(id: string): Failure {
  return new Failure('DAMAGED', { what: `The job ${id} in the queue cannot be read`, safe: 'Other jobs are not affected, and nothing that was backed up is touched', next: 'Start the same backup, restore or check anew' });
}
