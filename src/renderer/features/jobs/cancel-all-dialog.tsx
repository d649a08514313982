/** Asks before jobs are cancelled together: which of them, a reason for all, and one of its own for each. */
import { useQuery } from '@tanstack/react-query';
import { Square } from 'lucide-react';
import { useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import { Failure } from '../../../shared/errors.ts';
import { Button } from '../../components/button.tsx';
import { classes } from '../../components/class-names.ts';
import { Checkbox, TextInput } from '../../components/controls.tsx';
import { AlertDialog, DialogGap } from '../../components/dialog.tsx';
import { KeyCap, NameText } from '../../components/display.tsx';
import { Pause } from '../../components/pause-icon.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { activeJobsQuery } from '../../lib/queries.ts';
import { useShell } from '../../lib/shell-state.ts';
import { cancelMessages } from './cancel-messages.ts';
import { kindIcons } from './job-look.ts';
import styles from './jobs.module.css';
import { longestReason } from './reason-field.tsx';
import { useJobActions } from './use-job-actions.ts';
import { useJobNames } from './use-job-names.ts';

/** More are cancelled with the reason for all. */
const mostListed = 200;

export function CancelAllDialog(): ReactNode {
  const t = useMessages(cancelMessages);
  const { client } = useHost();
  const actions = useJobActions();
  const { close, notify } = useShell.getState();
  const live = useQuery(activeJobsQuery(client)).data ?? [];
  const [jobs] = useState<readonly Job[]>(() => live.filter((job) => job.phase !== 'CANCELLING'));
  const [kept, setKept] = useState<ReadonlySet<string>>(new Set());
  const [reason, setReason] = useState('');
  const [reasons, setReasons] = useState<Readonly<Record<string, string>>>({});
  const [sending, setSending] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const chosen = jobs.filter((job) => !kept.has(job.job_id));

  const cancel = async (): Promise<void> => {
    if (sending || chosen.length === 0) return;
    setSending(true);
    const general = reason.trim();
    const own = Object.fromEntries(Object.entries(reasons).flatMap(([id, text]) => (text.trim() === '' || kept.has(id) ? [] : [[id, text.trim()]])));
    const done = await actions.attempt(t.cancelCount(chosen.length), async () => {
      if (kept.size === 0) {
        await client.cancel_all({ ...(general === '' ? {} : { reason: general }), reasons: own });
        return;
      }
      await Promise.all(chosen.map(({ job_id: id }) => cancelOne(id, own[id] ?? general)));
    });
    if (done && chosen.length > 1) notify({ id: 'cancelled-all', tone: 'idle', title: t.manyCancelled(chosen.length) });
    close();
  };
  const cancelOne = async (id: string, text: string): Promise<void> => {
    try {
      await client.cancel_job({ job_id: id, ...(text === '' ? {} : { reason: text }) });
    } catch (error) {
      // It ended by itself in the meantime.
      if (!(error instanceof Failure) || error.code !== 'JOB_OVER') throw error;
    }
  };
  return (
    <AlertDialog
      onClose={close}
      size="wide"
      icon={Square}
      title={t.cancelSome(chosen.length, jobs.length)}
      description={t.cancelAllText}
      onOpenAutoFocus={(event) => {
        event.preventDefault();
        input.current?.focus();
      }}
      foot={
        <>
          <Button
            variant="quiet"
            icon={Pause}
            onClick={() => {
              actions.pauseAll();
              close();
            }}
          >
            {t.pauseAllInstead}
          </Button>
          <DialogGap />
          <Button onClick={close}>
            {t.keepAll} <KeyCap>Esc</KeyCap>
          </Button>
          <Button variant="danger" disabled={chosen.length === 0 || sending} onClick={() => void cancel()}>
            {t.cancelCount(chosen.length)}
          </Button>
        </>
      }
    >
      <p className={styles['label']}>
        <span className="strong">{t.reasonForAll}</span> <span className="t3">{t.optional}</span>
      </p>
      <TextInput ref={input} aria-label={t.reasonForAll} value={reason} maxLength={longestReason} onChange={(event) => setReason(event.target.value)} />
      <ul className={styles['choices']}>
        {jobs.slice(0, mostListed).map((job) => (
          <Choice
            key={job.job_id}
            job={job}
            chosen={!kept.has(job.job_id)}
            reason={reasons[job.job_id] ?? ''}
            onChosen={(on) => setKept((before) => (on ? new Set([...before].filter((id) => id !== job.job_id)) : new Set([...before, job.job_id])))}
            onReason={(text) => setReasons((before) => ({ ...before, [job.job_id]: text }))}
          />
        ))}
      </ul>
      {jobs.length > mostListed ? <p className={styles['note']}>{t.andMore(jobs.length - mostListed)}</p> : null}
    </AlertDialog>
  );
}

interface ChoiceProps {
  readonly job: Job;
  readonly chosen: boolean;
  readonly reason: string;
  readonly onChosen: (chosen: boolean) => void;
  readonly onReason: (reason: string) => void;
}

function Choice({ job, chosen, reason, onChosen, onReason }: ChoiceProps): ReactNode {
  const t = useMessages(cancelMessages);
  const f = useFormat();
  const { nameOf, placeOf } = useJobNames();
  const Icon = kindIcons[job.kind];
  const name = nameOf(job);
  return (
    <li className={classes(!chosen && styles['off'])}>
      <Checkbox checked={chosen} label={t.chooseJob(name)} onChange={onChosen} />
      <Icon size={14} strokeWidth={1.75} aria-hidden />
      <span className="cut">
        <NameText>{name}</NameText>
      </span>
      <span className="cut small t2">{placeOf(job)}</span>
      <span className="small end">{job.progress > 0 ? f.percent(job.progress) : ''}</span>
      {chosen ? <TextInput aria-label={t.reasonFor(name)} placeholder={t.sameReason} maxLength={longestReason} value={reason} onChange={(event) => onReason(event.target.value)} /> : <span className="small t2">{t.keepsRunning}</span>}
    </li>
  );
}
