/** Starting, watching, cancelling, pausing and retrying jobs. */
import { z } from 'zod';
import { operation } from '../operation.ts';
import { identifier, instant, snapshotSelector, success } from '../schemas/common.ts';
import { cancelableJob, job, jobPhase, jobState, skippedItem } from '../schemas/job.ts';
import { excludes } from '../schemas/plan.ts';

const path = z.string().min(1).max(65_536);
const reason = z.string().max(500);
const priority = z.number().int().min(-100).max(100);
const tag = z.string().min(1).max(256);
const accepted = z.strictObject({ success: z.literal(true), job_id: identifier });
const oneJob = z.strictObject({ job_id: identifier });
const nowIn = z.strictObject({ success: z.literal(true), phase: jobPhase });
/** One pattern, or several. */
const patterns = z.union([z.string().min(1).max(4096), z.array(z.string().min(1).max(4096)).max(1000)]);

export const jobOperations = {
  start_backup: operation({
    method: 'POST',
    path: '/api/start_backup',
    description: 'Puts a backup of files and folders into the queue.',
    input: z.strictObject({
      paths: z.array(path).min(1).max(1000).describe('absolute'),
      repository_id: identifier.optional().describe('default: that of the plan, else the embedded repository'),
      plan_id: identifier.optional(),
      excludes: z.union([excludes, z.array(z.string().min(1).max(4096)).max(1000)]).optional().describe('an object, or patterns'),
      tags: z.array(tag).max(100).optional(),
      priority: priority.optional(),
    }),
    output: accepted,
    status: 202,
    errors: ['PATH_NOT_FOUND', 'REPOSITORY_NOT_FOUND', 'PLAN_NOT_FOUND', 'QUEUE_FULL'],
  }),
  start_restore: operation({
    method: 'POST',
    path: '/api/start_restore',
    description: 'Puts a restore of a snapshot, or of a part of it, into the queue.',
    input: z.strictObject({
      repository_id: identifier,
      snapshot: snapshotSelector,
      include: patterns.optional(),
      exclude: patterns.optional(),
      subpath: path.optional().describe('a folder or file of the snapshot'),
      target: path.describe('absolute'),
      overwrite: z.enum(['always', 'if-changed', 'if-newer', 'never']).optional(),
      verify: z.boolean().optional(),
      priority: priority.optional(),
    }),
    output: accepted,
    status: 202,
    errors: ['REPOSITORY_NOT_FOUND', 'QUEUE_FULL'],
  }),
  start_check: operation({
    method: 'POST',
    path: '/api/start_check',
    description: 'Puts a check of a repository into the queue.',
    input: z.strictObject({
      repository_id: identifier,
      read_data_percent: z.number().min(0).max(100).optional().describe('how much of the packs to read; 0: the structure only'),
      priority: priority.optional(),
    }),
    output: accepted,
    status: 202,
    errors: ['REPOSITORY_NOT_FOUND', 'QUEUE_FULL'],
  }),
  list_jobs: operation({
    method: 'GET',
    path: '/api/jobs',
    description: 'Jobs, newest first, page by page.',
    input: z.strictObject({
      state: jobState.optional(),
      limit: z.number().int().min(1).max(1000).default(100),
      before: identifier.optional().describe('only jobs older than this one'),
    }),
    output: z.strictObject({ jobs: z.array(job) }),
    errors: ['JOB_NOT_FOUND'],
  }),
  get_job: operation({
    method: 'GET',
    path: '/api/jobs/{job_id}',
    description: 'One job.',
    input: oneJob,
    output: job,
    errors: ['JOB_NOT_FOUND'],
  }),
  cancel_job: operation({
    method: 'POST',
    path: '/api/cancel/{job_id}',
    description: 'Cancels a job and answers when it has ended.',
    input: z.strictObject({ job_id: identifier, reason: reason.optional() }),
    output: z.strictObject({ success: z.literal(true), phase: z.literal('CANCELLED'), job_id: identifier, reason: reason.nullable() }),
    errors: ['JOB_NOT_FOUND', 'JOB_OVER'],
  }),
  cancel_all: operation({
    method: 'POST',
    path: '/api/cancel_all',
    description: 'Cancels every job that is not over, at the same time, and says of each whether that worked.',
    input: z.strictObject({ reason: reason.optional(), reasons: z.record(identifier, reason).optional() }),
    output: z.strictObject({ success: z.literal(true), results: z.record(identifier, z.boolean()) }),
    errors: [],
  }),
  list_cancelable_jobs: operation({
    method: 'GET',
    path: '/api/cancelable_jobs',
    description: 'The jobs that can be cancelled now.',
    input: z.strictObject({}),
    output: z.array(cancelableJob),
    errors: [],
  }),
  pause_job: operation({
    method: 'POST',
    path: '/api/pause/{job_id}',
    description: 'Pauses a job; what it stored stays stored.',
    input: oneJob,
    output: nowIn,
    errors: ['JOB_NOT_FOUND', 'JOB_OVER', 'JOB_STATE'],
  }),
  resume_job: operation({
    method: 'POST',
    path: '/api/resume/{job_id}',
    description: 'Lets a paused job go on.',
    input: oneJob,
    output: nowIn,
    errors: ['JOB_NOT_FOUND', 'JOB_OVER', 'JOB_STATE'],
  }),
  pause_all: operation({
    method: 'POST',
    path: '/api/pause_all',
    description: 'Pauses every job and every plan, until a time or until resumed.',
    input: z.strictObject({ until: instant.optional() }),
    output: nowIn,
    errors: [],
  }),
  resume_all: operation({
    method: 'POST',
    path: '/api/resume_all',
    description: 'Lets every paused job and plan go on.',
    input: z.strictObject({}),
    output: nowIn,
    errors: [],
  }),
  retry_job: operation({
    method: 'POST',
    path: '/api/retry/{job_id}',
    description: 'Tries a job again now that waits for its next attempt, or once more one that failed or was cancelled.',
    input: oneJob,
    output: nowIn,
    errors: ['JOB_NOT_FOUND', 'JOB_STATE', 'QUEUE_FULL'],
  }),
  list_skipped: operation({
    method: 'GET',
    path: '/api/jobs/{job_id}/skipped',
    description: 'What a job that is over could not save or restore, item by item: the first five hundred.',
    input: oneJob,
    output: z.strictObject({ items: z.array(skippedItem) }),
    errors: ['JOB_NOT_FOUND'],
  }),
  delete_job: operation({
    method: 'DELETE',
    path: '/api/jobs/{job_id}',
    description: 'Removes a job that is over from the history.',
    input: oneJob,
    output: success,
    errors: ['JOB_NOT_FOUND', 'JOB_STATE'],
  }),
} as const;
