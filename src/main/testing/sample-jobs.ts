/** Jobs as events carry them, for tests of what the shell makes of them. */
import type { Job } from '../../shared/contract/schemas/job.ts';
import type { Alert } from '../../shared/contract/schemas/observability.ts';

const epoch = '2026-11-27T08:00:00.000Z';

export function jobOf(change: Partial<Job>): Job {
  return {
    job_id: 'j1', kind: 'backup', state: 'running', phase: 'TRANSFERRING', file: null, progress: 0, message: '', bytes_done: 0, bytes_total: 0, files_done: 0, files_total: 0,
    speed_bytes_per_second: 0, eta_seconds: null, eta_range_seconds: null, bottleneck: null, stages: {}, attempt: 1, attempts: [], next_attempt_at: null, cancel_reason: null, error: null,
    error_count: 0, priority: 0, trace_id: 'a'.repeat(32), created_at: epoch, started_at: epoch, finished_at: null, paused_until: null, repository_id: 'default', plan_id: null,
    paths: ['/home/anna/Projects'], snapshot_id: null, summary: null, ...change,
  };
}

export function alertOf(change: Partial<Alert>): Alert {
  return { alert_id: 'a1', kind: 'disk_nearly_full', code: 'disk_low', values: {}, severity: 'warning', message: 'The disk is nearly full. Backups go on. Free some room', at: epoch, resolved_at: null, subject: null, ...change };
}
