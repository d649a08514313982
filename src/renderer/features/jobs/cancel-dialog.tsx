/** Asks before a job is cancelled: what stays, the reason, and pausing instead. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Archive, History, ShieldCheck, Square } from 'lucide-react';
import { useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import { Failure } from '../../../shared/errors.ts';
import { Button } from '../../components/button.tsx';
import { AlertDialog, DialogGap } from '../../components/dialog.tsx';
import { KeyCap } from '../../components/display.tsx';
import { Pause } from '../../components/pause-icon.ts';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { activeJobsQuery, finishedJobsQuery, plansQuery } from '../../lib/queries.ts';
import { useShell } from '../../lib/shell-state.ts';
import { cancelMessages } from './cancel-messages.ts';
import { timeLeft } from './job-look.ts';
import styles from './jobs.module.css';
import { messages } from './messages.ts';
import { ReasonField } from './reason-field.tsx';
import { useJobActions } from './use-job-actions.ts';
import { useJobNames } from './use-job-names.ts';

export function CancelDialog({ jobId }: { readonly jobId: string }): ReactNode {
  const { client } = useHost();
  const found = useQuery(activeJobsQuery(client)).data?.find((job) => job.job_id === jobId);
  // The dialog stays while the job ends under it; the answer then says that it was over.
  const last = useRef(found);
  if (found !== undefined) last.current = found;
  return last.current === undefined ? null : <CancelOne job={last.current} />;
}

function CancelOne({ job }: { readonly job: Job }): ReactNode {
  const t = useMessages(cancelMessages);
  const jobTexts = useMessages(messages);
  const f = useFormat();
  const { client } = useHost();
  const { nameOf } = useJobNames();
  const actions = useJobActions();
  const { close, notify } = useShell.getState();
  const [reason, setReason] = useState('');
  const [sending, setSending] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const name = visibleText(nameOf(job));

  const cancel = async (): Promise<void> => {
    if (sending) return;
    setSending(true);
    await actions.attempt(t.cancelKind[job.kind], async () => {
      try {
        await client.cancel_job({ job_id: job.job_id, ...(reason.trim() === '' ? {} : { reason: reason.trim() }) });
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== 'JOB_OVER') throw error;
        notify({ id: `job-${job.job_id}`, tone: 'ok', title: t.cancelJustFinished, text: t.cancelJustFinishedText(name) });
      }
    });
    close();
  };
  const left = timeLeft(job, jobTexts, f);
  return (
    <AlertDialog
      onClose={close}
      icon={Square}
      title={t.cancelTitle[job.kind](name)}
      description={`${t.percentDone(f.percent(job.progress))}${left === '' ? '' : `, ${left}`}`}
      onOpenAutoFocus={(event) => {
        event.preventDefault();
        input.current?.focus();
      }}
      foot={
        <>
          {job.state === 'paused' ? null : (
            <Button
              variant="quiet"
              icon={Pause}
              onClick={() => {
                actions.pause(job);
                close();
              }}
            >
              {t.pauseInstead}
            </Button>
          )}
          <DialogGap />
          <Button onClick={close}>
            {t.keepRunning} <KeyCap>Esc</KeyCap>
          </Button>
          <Button variant="danger" aria-disabled={sending} onClick={() => void cancel()}>
            {t.cancelKind[job.kind]}
          </Button>
        </>
      }
    >
      <WhatStays job={job} />
      <div>
        <span className="strong">{t.reason}</span> <span className="t3">{t.optionalKept}</span>
      </div>
      <ReasonField value={reason} onChange={setReason} input={input} onEnter={() => void cancel()} />
    </AlertDialog>
  );
}

function WhatStays({ job }: { readonly job: Job }): ReactNode {
  const t = useMessages(cancelMessages);
  const f = useFormat();
  const { client } = useHost();
  const nextRun = useQuery(plansQuery(client)).data?.find((plan) => plan.plan_id === job.plan_id)?.next_runs[0];
  const finished = useInfiniteQuery(finishedJobsQuery(client)).data?.pages.flat() ?? [];
  const copies = finished.flatMap(({ kind, snapshot_id: snapshot, finished_at: ended, ...of }) => (kind === 'backup' && snapshot !== null && ended !== null && of.repository_id === job.repository_id && of.plan_id === job.plan_id ? [Date.parse(ended)] : []));
  const newest = copies.length === 0 ? undefined : new Date(Math.max(...copies));
  const icon = { size: 16, strokeWidth: 1.75, 'aria-hidden': true } as const;
  return (
    <ul className={styles['what']}>
      <li>
        <ShieldCheck {...icon} color="var(--ok)" />
        <span>
          <b>{t.copiesSafe}</b> {newest === undefined ? t.copiesSafeText : t.newestSafe(f.moment(newest, new Date()))}
        </span>
      </li>
      {job.kind === 'backup' ? (
        <>
          <li>
            <Archive {...icon} />
            <span>
              <b>{t.staysNothing}</b> {t.staysText}
            </span>
          </li>
          <li>
            <History {...icon} />
            <span>
              <b>{t.noSnapshot}</b> {nextRun === undefined ? '' : t.nextRun(f.moment(new Date(nextRun), new Date()))}
            </span>
          </li>
        </>
      ) : (
        <li>
          <Archive {...icon} />
          <span>
            <b>{{ restore: t.restoreStays, check: t.checkStays, forget: t.forgetStays, prune: t.pruneStays }[job.kind]}</b> {job.kind === 'restore' ? t.restoreStaysText : ''}
          </span>
        </li>
      )}
    </ul>
  );
}
