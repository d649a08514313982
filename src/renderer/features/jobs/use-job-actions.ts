/** What a person can do with jobs. Whatever is refused becomes a notice that says why. */
import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import { Failure } from '../../../shared/errors.ts';
import { useHost } from '../../lib/host/host.ts';
import { useMessages } from '../../lib/messages/messages.ts';
import { keys } from '../../lib/query-keys.ts';
import { useShell } from '../../lib/shell-state.ts';
import { messages } from './messages.ts';

export interface JobActions {
  readonly pause: (job: Job) => void;
  readonly resume: (job: Job) => void;
  readonly retry: (jobId: string) => void;
  readonly remove: (job: Job) => void;
  /** Asks first. */
  readonly cancel: (job: Job) => void;
  readonly pauseAll: (until?: Date) => void;
  readonly resumeAll: () => void;
  readonly runPlan: (planId: string) => void;
  readonly copyLink: (job: Job) => void;
  /** Runs something that may be refused; `what` names it in the notice. */
  readonly attempt: (what: string, act: () => Promise<unknown>) => Promise<boolean>;
}

export function useJobActions(): JobActions {
  const { client } = useHost();
  const cache = useQueryClient();
  const t = useMessages(messages);
  return useMemo(() => {
    const attempt = async (what: string, act: () => Promise<unknown>): Promise<boolean> => {
      try {
        await act();
        return true;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        useShell.getState().notify({ id: `refused-${what}`, tone: 'danger', title: t.couldNot(what), text: error.message });
        return false;
      }
    };
    const plansAgain = () => cache.invalidateQueries({ queryKey: keys.plans });
    return {
      attempt,
      pause: (job) => void attempt(t.pause, () => client.pause_job({ job_id: job.job_id })),
      resume: (job) => void attempt(t.resume, () => client.resume_job({ job_id: job.job_id })),
      retry: (jobId) => void attempt(t.retry, () => client.retry_job({ job_id: jobId })),
      remove: (job) =>
        void attempt(t.remove, async () => {
          await client.delete_job({ job_id: job.job_id });
          await cache.invalidateQueries({ queryKey: keys.finishedJobs });
        }),
      cancel: (job) => useShell.getState().open({ name: 'cancel', jobId: job.job_id }),
      pauseAll: (until) =>
        void attempt(t.pauseAll, async () => {
          await client.pause_all(until === undefined ? {} : { until: until.toISOString() });
          await plansAgain();
        }),
      resumeAll: () =>
        void attempt(t.resumeAll, async () => {
          await client.resume_all();
          await plansAgain();
        }),
      runPlan: (planId) => void attempt(t.retry, () => client.run_plan({ plan_id: planId })),
      copyLink: (job) =>
        void navigator.clipboard.writeText(`cyberbackup://job/${job.job_id}`).then(() => useShell.getState().notify({ id: 'copied', tone: 'ok', title: t.linkCopied, text: `cyberbackup://job/${job.job_id}` })),
    };
  }, [client, cache, t]);
}

/** An hour from now, or tomorrow at six. */
export function pauseEnd(choice: 'hour' | 'tomorrow', now: Date): Date {
  if (choice === 'hour') return new Date(now.getTime() + 3_600_000);
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 6);
}
