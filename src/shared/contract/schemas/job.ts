/**
 * Jobs, as the interfaces describe them (section 3).
 *
 * Vocabulary: a *job* is something that a person or a plan asked for; an *attempt* is one worker process that tries to do
 * it. The *state* says who holds the job (queue, worker, person, clock, nobody), the *phase* what is being done.
 */
import { z } from 'zod';
import { byteCount, count, errorBody, identifier, timestamp, traceId } from './common.ts';

export const jobKind = z.enum(['backup', 'restore', 'check', 'forget', 'prune']);
export type JobKind = z.infer<typeof jobKind>;

export const jobState = z.enum(['queued', 'running', 'paused', 'waiting', 'done']);
export type JobState = z.infer<typeof jobState>;

export const finalPhases = ['COMPLETED', 'PARTIAL', 'FAILED', 'CANCELLED'] as const;
export const jobPhase = z.enum(['QUEUED', 'CONNECTING', 'SCANNING', 'TRANSFERRING', 'FINALIZING', 'VERIFYING', 'PAUSED', 'WAITING_RETRY', 'CANCELLING', ...finalPhases]);
export type JobPhase = z.infer<typeof jobPhase>;
export type FinalPhase = (typeof finalPhases)[number];

export const stageName = z.enum(['scan', 'read', 'chunk', 'compress', 'encrypt', 'upload', 'download', 'decode', 'write']);
export type StageName = z.infer<typeof stageName>;

export const stageRate = z.strictObject({
  bytes_per_second: z.number().nonnegative().describe('what passed this stage lately; 0 while idle'),
  busy: z.number().min(0).max(1).describe('share of the working threads that this stage kept busy'),
});

export const etaRange = z.strictObject({ low: z.number().nonnegative(), high: z.number().nonnegative() }).describe('seconds');

export const jobAttempt = z.strictObject({
  attempt: z.number().int().positive(),
  started_at: timestamp,
  finished_at: timestamp.nullable(),
  error: errorBody.nullable(),
  next_attempt_at: timestamp.nullable(),
});
export type JobAttempt = z.infer<typeof jobAttempt>;

/** Fields of `backup --json`'s summary and their like of other kinds; numbers and strings only. */
export const jobSummary = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));
export type JobSummary = z.infer<typeof jobSummary>;

export const job = z.strictObject({
  job_id: identifier,
  kind: jobKind,
  state: jobState,
  phase: jobPhase,
  file: z.string().nullable().describe('what is being read or written now'),
  progress: z.number().min(0).max(100),
  message: z.string(),
  bytes_done: byteCount,
  bytes_total: byteCount,
  files_done: count,
  files_total: count,
  speed_bytes_per_second: z.number().nonnegative(),
  eta_seconds: z.number().nonnegative().nullable(),
  eta_range_seconds: etaRange.nullable(),
  bottleneck: stageName.nullable(),
  stages: z.partialRecord(stageName, stageRate),
  attempt: z.number().int().nonnegative().describe('0 before the first'),
  attempts: z.array(jobAttempt).describe('newest last, the latest twenty'),
  next_attempt_at: timestamp.nullable(),
  cancel_reason: z.string().nullable(),
  error: errorBody.nullable(),
  error_count: count.describe('items that could not be saved or restored'),
  priority: z.number().int().min(-100).max(100),
  trace_id: traceId,
  created_at: timestamp,
  started_at: timestamp.nullable(),
  finished_at: timestamp.nullable(),
  paused_until: timestamp.nullable(),
  repository_id: identifier,
  plan_id: identifier.nullable(),
  paths: z.array(z.string()).describe('sources of a backup, target of a restore'),
  snapshot_id: z.string().nullable(),
  summary: jobSummary.nullable(),
});
export type Job = z.infer<typeof job>;

export const skippedItem = z.strictObject({
  path: z.string().describe('absolute; bytes that are no UTF-8 are U+FFFD'),
  during: z.string().describe('what was being done with it'),
  message: z.string(),
});
export type SkippedItem = z.infer<typeof skippedItem>;

export const cancelableJob = z.strictObject({ job_id: identifier, phase: jobPhase, file: z.string().nullable(), progress: z.number(), message: z.string() });
