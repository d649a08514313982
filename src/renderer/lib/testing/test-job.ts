/** A job for tests, with what a test says about it. */
import { job } from '../../../shared/contract/schemas/job.ts';
import type { Job } from '../../../shared/contract/schemas/job.ts';

export function testJob(fields: Partial<Job> & Pick<Job, 'job_id'>): Job {
  return job.parse({
    kind: 'backup', state: 'running', phase: 'TRANSFERRING', file: null, progress: 0, message: '', bytes_done: 0, bytes_total: 0, files_done: 0, files_total: 0,
    speed_bytes_per_second: 0, eta_seconds: null, eta_range_seconds: null, bottleneck: null, stages: {}, attempt: 1, attempts: [], next_attempt_at: null, cancel_reason: null,
    error: null, error_count: 0, priority: 0, trace_id: '0'.repeat(32), created_at: '2026-11-19T10:00:00.000Z', started_at: '2026-11-19T10:00:00.000Z', finished_at: null,
    paused_until: null, repository_id: 'default', plan_id: null, paths: ['/a'], snapshot_id: null, summary: null, ...fields,
  });
}
