/** What a job's beginning, quarters and end become: sentences for the screen reader, and of the end a notice that stays until it is read. */
import type { Job } from '../../../shared/contract/schemas/job.ts';
import { useRef } from 'react';
import { Announcer } from '../../lib/announcer.ts';
import { visibleText } from '../../lib/display-text.ts';
import type { JobNewsKind } from '../../lib/events.ts';
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

export function useJobNews(): (job: Job, kind: JobNewsKind, shell: Shell) => void {
  const t = useMessages(messages);
  const jobTexts = useMessages(jobMessages);
  const f = useFormat();
  const { nameOf } = useJobNames();
  const { retry } = useJobActions();
  const { connection } = useHost();
  const texts = useRef(t);
  texts.current = t;
  const announcer = useRef<Announcer>(undefined);
  return (job, kind, shell) => {
    if (connection.state !== 'connected') return;
    const { tell } = (announcer.current ??= new Announcer({ say: shell.announce, later: (ms, act) => void setTimeout(act, ms), more: (count) => texts.current.moreNews(count) }));
    const name = nameOf(job);
    if (kind !== 'ended') {
      const shown = visibleText(name);
      tell(job.job_id, 'progress', kind === 'started' ? t.started(shown) : t.quarter(shown, Math.floor(job.progress / 25) * 25));
      return;
    }
    const notice = noticeOf(job, name);
    tell(job.job_id, job.phase === 'FAILED' ? 'failed' : 'ended', visibleText(notice.title));
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
        if (job.kind === 'forget') return { id, tone: 'warn', title: t.leftAlone(name, job.error_count), text: jobTexts.leftAlonePanel.what, action: show };
        return { id, tone: 'warn', title: t.partial(name, job.error_count), action: { label: t.show, run: () => navigate({ place: 'jobs', jobId: job.job_id, page: 'report' }) } };
      case 'CANCELLED':
        return { id, tone: 'idle', title: t.cancelled(name), text, action: { label: t.runAgain, run: () => retry(job.job_id) } };
      default:
        return { id, tone: 'ok', title: t.completed[job.kind](name), text, action: show };
    }
  }
}
