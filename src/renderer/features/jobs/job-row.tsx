/** A job as a row of the list. Drawn again only when the job, its names or the second of its countdown change. */
import { Ellipsis, Link as LinkIcon, Play, RotateCw, Trash2, X } from 'lucide-react';
import { memo } from 'react';
import type { ReactNode } from 'react';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import { IconButton } from '../../components/button.tsx';
import { classes } from '../../components/class-names.ts';
import { NameText, StateChip } from '../../components/display.tsx';
import { Menu, MenuItem, MenuLine } from '../../components/menu.tsx';
import { Pause } from '../../components/pause-icon.ts';
import { Progress } from '../../components/progress.tsx';
import { visibleText } from '../../lib/display-text.ts';
import type { Format } from '../../lib/format.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { kindIcons, lookOf, outcomeText, secondsTaken, shownProgress, timeLeft } from './job-look.ts';
import type { JobTexts } from './job-look.ts';
import styles from './jobs.module.css';
import { messages } from './messages.ts';
import type { JobActions } from './use-job-actions.ts';

interface JobRowProps {
  readonly id: string;
  readonly job: Job;
  readonly name: string;
  readonly kind: string;
  readonly selected: boolean;
  readonly index: number;
  readonly actions: JobActions;
  readonly onSelect: (jobId: string) => void;
}

export const JobRow = memo(function JobRow({ id, job, name, kind, selected, index, actions, onSelect }: JobRowProps): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const now = useNow(job.phase === 'WAITING_RETRY' ? 1000 : 60_000);
  const look = lookOf(job, t, f, now);
  const KindIcon = kindIcons[job.kind];
  return (
    <div id={id} role="row" aria-rowindex={index} aria-selected={selected} className={classes(styles['row'], selected && styles['selected'])} onClick={() => onSelect(job.job_id)}>
      <span role="gridcell" className={classes(styles['kind'], look.tone !== 'idle' && styles[`kind-${look.tone}`])}>
        <KindIcon size={16} strokeWidth={1.75} aria-label={t.kind[job.kind]} />
      </span>
      <div role="gridcell" className={styles['main']}>
        <div className={styles['line1']}>
          <b className="cut">
            <NameText>{name}</NameText>
          </b>
          <span className="cut">{kind}</span>
        </div>
        <div className={styles['line2']}>
          <SecondLine job={job} name={name} t={t} f={f} />
        </div>
      </div>
      <div role="gridcell" className={styles['status']}>
        <StateChip tone={look.tone} icon={look.icon}>
          {look.word}
        </StateChip>
        <p className={classes('cut', job.state === 'running' && styles['now'])}>{detailOf(job, t, f, now)}</p>
      </div>
      <div role="gridcell" className={styles['acts']} onClick={(event) => event.stopPropagation()}>
        <RowActions job={job} name={name} t={t} actions={actions} />
      </div>
    </div>
  );
});

function SecondLine({ job, name, t, f }: { readonly job: Job; readonly name: string; readonly t: JobTexts; readonly f: Format }): ReactNode {
  if (job.state === 'done') return <span className="cut">{visibleText(outcomeText(job, t, f))}</span>;
  if (job.phase === 'SCANNING' && job.progress === 0) {
    return (
      <>
        <Progress label={name} value={undefined} />
        <span className="cut">{t.countedSoFar(f.bytes(job.bytes_total), job.files_total)}</span>
      </>
    );
  }
  if (job.bytes_total === 0 && job.progress === 0) return <span className="cut">{job.paths.length > 0 ? visibleText(job.paths.join(', ')) : visibleText(job.message)}</span>;
  const value = shownProgress(job) ?? 0;
  const [done, total] = f.bytesPair(job.bytes_done, job.bytes_total);
  const tone = job.phase === 'WAITING_RETRY' ? 'warn' : job.state === 'paused' ? 'idle' : 'accent';
  return (
    <>
      <Progress label={name} value={value} tone={tone} valueText={t.percentText(Math.floor(value), timeLeft(job, t, f))} />
      <span className={styles['percent']}>{f.percent(value)}</span>
      <span className="cut">
        {job.phase === 'WAITING_RETRY' ? visibleText(job.error?.message ?? job.message) : job.bytes_total === 0 ? '' : t.ofData(done, total)}
        {job.state === 'running' && job.phase !== 'WAITING_RETRY' && job.bytes_total > 0 ? `, ${f.speed(job.speed_bytes_per_second)}` : ''}
      </span>
    </>
  );
}

function detailOf(job: Job, t: JobTexts, f: Format, now: Date): string {
  if (job.state === 'running') return timeLeft(job, t, f);
  if (job.state === 'waiting') return t.attempt(job.attempt + 1);
  if (job.state === 'paused') return job.paused_until === null || job.paused_until.startsWith('9999') ? '' : t.pausedUntil(f.moment(new Date(job.paused_until), now));
  if (job.finished_at === null) return '';
  const ended = new Date(job.finished_at);
  const taken = job.phase === 'COMPLETED' || job.phase === 'PARTIAL' ? secondsTaken(job, now) : undefined;
  const moment = now.getTime() - ended.getTime() < 86_400_000 && now.getDate() === ended.getDate() ? f.time(ended) : f.dateTime(ended);
  return taken === undefined ? moment : `${moment}, ${f.duration(taken)}`;
}

interface RowActionsProps {
  readonly job: Job;
  readonly name: string;
  readonly t: JobTexts;
  readonly actions: JobActions;
}

function RowActions({ job, name, t, actions }: RowActionsProps): ReactNode {
  if (job.state === 'done') {
    return (
      <>
        {job.phase === 'FAILED' ? <IconButton size="small" icon={RotateCw} label={t.retryJob(name)} onClick={() => actions.retry(job.job_id)} /> : null}
        <Menu trigger={<IconButton size="small" icon={Ellipsis} label={t.moreJob(name)} />}>
          {job.phase === 'FAILED' || job.phase === 'CANCELLED' ? (
            <MenuItem icon={RotateCw} onSelect={() => actions.retry(job.job_id)}>
              {t.retry}
            </MenuItem>
          ) : null}
          <MenuItem icon={LinkIcon} onSelect={() => actions.copyLink(job)}>
            {t.copyLink}
          </MenuItem>
          <MenuLine />
          <MenuItem icon={Trash2} onSelect={() => actions.remove(job)}>
            {t.remove}
          </MenuItem>
        </Menu>
      </>
    );
  }
  if (job.phase === 'CANCELLING') return null;
  return (
    <>
      {job.state === 'paused' ? (
        <IconButton size="small" icon={Play} label={t.resumeJob(name)} onClick={() => actions.resume(job)} />
      ) : job.state === 'waiting' ? (
        <IconButton size="small" icon={Play} label={t.retryJob(name)} onClick={() => actions.retry(job.job_id)} />
      ) : (
        <IconButton size="small" icon={Pause} label={t.pauseJob(name)} onClick={() => actions.pause(job)} />
      )}
      <IconButton size="small" icon={X} label={t.cancelJob(name)} onClick={() => actions.cancel(job)} />
    </>
  );
}
