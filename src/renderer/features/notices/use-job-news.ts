/** What a job's beginning and end become: a notice that stays until it is read, and a sentence for the screen reader. */
import type { Job } from '../../../shared/contract/schemas/job.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { navigate } from '../../lib/router.tsx';
import type { Notice, useShell } from '../../lib/shell-state.ts';
import { outcomeText } from '../jobs/job-look.ts';
import { messages as jobMessages } from '../jobs/messages.ts';
import { useJobNames } from '../jobs/use-job-names.ts';
import { useJobActions } from '../jobs/use-job-actions.ts';
import { messages } from './messages.ts';

type Shell = ReturnType<typeof useShell.getState>;

/** Shortest time between two sentences about jobs. */
const quietMs = 10_000;
let lastSpoken = -Infinity;

export function useJobNews(): (job: Job, kind: 'created' | 'ended', shell: Shell) => void {
  const t = useMessages(messages);
  const jobTexts = useMessages(jobMessages);
  const f = useFormat();
  const { nameOf } = useJobNames();
  const { retry } = useJobActions();
  const { connection } = useHost();
  return (job, kind, shell) => {
    if (connection.state !== 'connected') return;
    const name = nameOf(job);
    if (kind === 'created') {
      speak(shell, t.started(name));
      return;
    }
    const notice = noticeOf(job, name);
    speak(shell, notice.title);
    // A plan that went well is what was expected: the overview says so.
    if (job.phase === 'COMPLETED' && job.plan_id !== null) return;
    shell.notify(notice);
  };

  function noticeOf(job: Job, name: string): Notice {
    const show = { label: t.show, run: () => navigate({ place: 'jobs', jobId: job.job_id }) };
    const text = outcomeText(job, jobTexts, f);
    const id = `job-${job.job_id}`;
    switch (job.phase) {
      case 'FAILED':
        return { id, tone: 'danger', title: t.failed(name), text, action: show };
      case 'PARTIAL':
        return { id, tone: 'warn', title: t.partial(name, job.error_count), action: { label: t.show, run: () => navigate({ place: 'jobs', jobId: job.job_id, page: 'report' }) } };
      case 'CANCELLED':
        return { id, tone: 'idle', title: t.cancelled(name), text, action: { label: t.runAgain, run: () => retry(job.job_id) } };
      default:
        return { id, tone: 'ok', title: t.completed[job.kind](name), text, action: show };
    }
  }
}

function speak(shell: Shell, text: string): void {
  const now = performance.now();
  if (now - lastSpoken < quietMs) return;
  lastSpoken = now;
  shell.announce(text);
}
