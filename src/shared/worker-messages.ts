/** The messages of worker-protocol.ts as schemas: each side is a process of its own and checks what the other sends. */
import { z } from 'zod';
import { certificateFingerprint } from './contract/schemas/repository.ts';
import { count, errorCode, failureParts, identifier } from './contract/schemas/common.ts';
import { destinationHealth } from './contract/schemas/connection-health.ts';
import { etaRange, jobSummary, stageName, stageRate } from './contract/schemas/job.ts';
import { span } from './contract/schemas/observability.ts';
import { jobPayload } from './job-payload.ts';
import type { FromWorker, ToWorker, WorkerTask } from './worker-protocol.ts';

const stopReason = z.enum(['cancel', 'pause', 'shutdown']);
const kibPerSecond = z.number().min(0);
const milliseconds = z.number().nonnegative();
const amount = z.number().nonnegative();

const workerTask: z.ZodType<WorkerTask> = z.strictObject({
  jobId: identifier,
  attempt: z.number().int().positive(),
  payload: jobPayload,
  repository: z.strictObject({ repositoryId: identifier, url: z.string().min(1), password: z.string(), certificateFingerprint: certificateFingerprint.exactOptional() }),
  uploadLimit: kibPerSecond,
  downloadLimit: kibPerSecond,
  traceparent: z.string(),
  programVersion: z.string(),
  memoryFolder: z.string(),
});

export const toWorker: z.ZodType<ToWorker> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('start'), task: workerTask }),
  z.strictObject({ type: z.literal('limits'), limits: z.strictObject({ uploadLimit: kibPerSecond, downloadLimit: kibPerSecond }) }),
  z.strictObject({ type: z.literal('stop'), reason: stopReason }),
]);

const workerProgress = z.strictObject({
  phase: z.enum(['CONNECTING', 'SCANNING', 'TRANSFERRING', 'FINALIZING', 'VERIFYING']),
  file: z.string().nullable(),
  percent: z.number().min(0).max(100),
  message: z.string(),
  bytesDone: count,
  bytesTotal: count,
  filesDone: count,
  filesTotal: count,
  bytesPerSecond: amount,
  etaSeconds: amount.nullable(),
  etaRange: etaRange.nullable(),
  bottleneck: stageName.nullable(),
  stages: z.partialRecord(stageName, stageRate),
  errorCount: count,
});

const workerError = z.strictObject({ code: errorCode, message: z.string(), parts: failureParts.exactOptional(), retryable: z.boolean(), retryAfter: milliseconds.exactOptional() });

const workerEnd = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('completed'), partial: z.boolean(), snapshotId: z.string().nullable(), summary: jobSummary, message: z.string() }),
  z.strictObject({ outcome: z.literal('stopped'), reason: stopReason }),
  z.strictObject({ outcome: z.literal('failed'), error: workerError }),
]);

export const fromWorker: z.ZodType<FromWorker> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({ type: z.literal('heartbeat'), rss: amount, eventLoopDelayMs: milliseconds }),
  z.strictObject({ type: z.literal('progress'), progress: workerProgress }),
  z.strictObject({ type: z.literal('item-error'), item: z.string(), during: z.string(), message: z.string() }),
  z.strictObject({ type: z.literal('retry'), operation: z.string(), message: z.string(), attempt: count, delay: milliseconds }),
  z.strictObject({ type: z.literal('destination'), health: destinationHealth }),
  z.strictObject({ type: z.literal('log'), level: z.enum(['debug', 'info', 'warn', 'error']), fields: z.record(z.string(), z.unknown()), message: z.string() }),
  z.strictObject({ type: z.literal('spans'), spans: z.array(span) }),
  z.strictObject({ type: z.literal('metrics'), counters: z.record(z.string(), z.number()), timers: z.record(z.string(), z.array(milliseconds)) }),
  z.strictObject({ type: z.literal('end'), end: workerEnd }),
]);
