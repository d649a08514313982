/** The runner and the queue as the operations see them: jobs of the contract instead of records. */
import type { JobHistory, JobRunner as RunnerService } from './operations/ports.ts';
import type { JobRecord } from './queue/job-record.ts';
import type { CancelableJob, JobQueue } from './queue/queue-port.ts';
import type { JobRunner } from './runner/runner.ts';
import { toJob } from './runner/to-job.ts';

export function runnerServices(runner: JobRunner, queue: JobQueue): { readonly runner: RunnerService; readonly jobs: JobHistory } {
  const shown = (record: JobRecord): ReturnType<typeof toJob> => toJob(runner.current(record));
  const cancelable = (job: CancelableJob): ReturnType<JobHistory['cancelable']>[number] => {
    if (job.state === 'running') return shown(queue.get(job.id));
    return { job_id: job.id, phase: job.phase, file: null, progress: Math.min(100, Math.max(0, job.percent)), message: job.message };
  };
  return {
    runner: {
      enqueue: (job) => toJob(runner.enqueue(job)),
      cancel: async (id, reason) => toJob(await runner.cancel(id, reason)),
      cancelAll: (reason, reasons) => runner.cancelAll(reason, reasons),
      pause: async (id, until) => toJob(await runner.pause(id, until)),
      resume: async (id) => toJob(await runner.resume(id)),
      pauseAll: (until) => runner.pauseAll(until),
      resumeAll: () => runner.resumeAll(),
      retry: async (id) => toJob(runner.retry(id)),
    },
    jobs: {
      get: (id) => shown(queue.get(id)),
      list: (filter) => queue.list(filter).map(shown),
      cancelable: () => queue.cancelable().map(cancelable),
      activeOn: (repositoryId) => {
        const record = queue.activeOf({ repositoryId });
        return record && shown(record);
      },
      skipped: (id) => queue.skipped(id),
      remove: (id) => queue.remove(id),
    },
  };
}
