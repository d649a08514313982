/** Handlers: starting, watching, cancelling, pausing and retrying jobs. */
import { Failure } from '../../shared/errors.ts';
import type { Job } from '../../shared/contract/schemas/job.ts';
import type { jobOperations } from '../../shared/contract/operations/jobs.ts';
import { requireFuture, requirePatterns, requireRepository, requireSources, requireTags, requireTarget } from './checks.ts';
import type { OperationContext, Services, SomeHandlers } from './services.ts';
import { backupJob, checkJob, restoreJob } from './new-job.ts';
import type { JobSettings } from './new-job.ts';
import { jobOver } from './refusal.ts';

export function jobHandlers(services: Services): SomeHandlers<typeof jobOperations> {
  const { clock, runner, jobs, repositories, plans, settings } = services;
  const settingsFor = (repositoryId: string, { traceId }: OperationContext): JobSettings => ({ repositoryId, maxAttempts: settings.document.settings.max_attempts, traceId });
  return {
    async start_backup(input, context) {
      const plan = input.plan_id === undefined ? undefined : plans.get(input.plan_id);
      const chosen = input.repository_id ?? plan?.repository_id;
      if (chosen !== undefined) requireRepository(repositories, chosen);
      requirePatterns(input.excludes, 'excludes');
      requireTags(input.tags, 'tags');
      await requireSources(input.paths);
      const repositoryId = chosen ?? (await repositories.ensureDefault()).repository_id;
      return accepted(runner.enqueue(backupJob(input, plan, settingsFor(repositoryId, context))));
    },

    async start_restore(input, context) {
      const { repository_id: repositoryId } = repositories.get(input.repository_id);
      await requireTarget(input.target, 'target');
      return accepted(runner.enqueue(restoreJob(input, settingsFor(repositoryId, context))));
    },

    async start_check(input, context) {
      const { repository_id: repositoryId } = repositories.get(input.repository_id);
      return accepted(runner.enqueue(checkJob(input, settingsFor(repositoryId, context))));
    },

    async list_jobs({ state, limit, before }) {
      return { jobs: jobs.list({ limit, ...(state === undefined ? {} : { state }), ...(before === undefined ? {} : { before }) }) };
    },

    async get_job({ job_id: id }) {
      return jobs.get(id);
    },

    async cancel_job({ job_id: id, reason = null }) {
      const before = jobs.get(id);
      if (before.state === 'done') throw jobOver(id, before.phase);
      const after = await cancelled(services, id, reason);
      // It may have ended by itself before the wish arrived.
      if (after.phase !== 'CANCELLED') throw jobOver(id, after.phase);
      return { success: true, phase: after.phase, job_id: id, reason: after.cancel_reason };
    },

    async cancel_all({ reason = null, reasons = {} }) {
      return { success: true, results: await runner.cancelAll(reason, reasons) };
    },

    async list_cancelable_jobs() {
      return jobs.cancelable().map(({ job_id, phase, file, progress, message }) => ({ job_id, phase, file, progress, message }));
    },

    async pause_job({ job_id: id }) {
      return nowIn(await runner.pause(id, null));
    },

    async resume_job({ job_id: id }) {
      return nowIn(await runner.resume(id));
    },

    async pause_all({ until }) {
      const end = requireFuture(until, clock.now(), 'until');
      plans.pauseAll(end);
      services.emit('plans_changed', {});
      await runner.pauseAll(end);
      return { success: true, phase: 'PAUSED' };
    },

    async resume_all() {
      plans.resumeAll();
      services.emit('plans_changed', {});
      await runner.resumeAll();
      return { success: true, phase: 'QUEUED' };
    },

    async retry_job({ job_id: id }) {
      return nowIn(await runner.retry(id));
    },

    async list_skipped({ job_id: id }) {
      return { items: jobs.skipped(id) };
    },

    async delete_job({ job_id: id }) {
      jobs.remove(id);
      return { success: true };
    },
  };
}

async function cancelled({ runner, jobs }: Services, id: string, reason: string | null): Promise<Job> {
  try {
    return await runner.cancel(id, reason);
  } catch (error) {
    if (error instanceof Failure && error.code === 'JOB_OVER') throw jobOver(id, jobs.get(id).phase);
    throw error;
  }
}

function accepted({ job_id }: Job): { success: true; job_id: string } {
  return { success: true, job_id };
}

function nowIn({ phase }: Job): { success: true; phase: Job['phase'] } {
  return { success: true, phase };
}
