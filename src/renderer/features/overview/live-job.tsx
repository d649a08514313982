/** A running job on the overview. */
import { Gauge, X } from 'lucide-react';
import { memo } from 'react';
import type { ReactNode } from 'react';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import { IconButton } from '../../components/button.tsx';
import { NameText, PathText } from '../../components/display.tsx';
import { Pause } from '../../components/pause-icon.ts';
import { Progress } from '../../components/progress.tsx';
import type { Format } from '../../lib/format.ts';
import { useNow } from '../../lib/now.ts';
import { Link } from '../../lib/router.tsx';
import { kindIcons, lookOf, shownProgress, timeLeft } from '../jobs/job-look.ts';
import type { JobTexts } from '../jobs/job-look.ts';
import type { JobActions } from '../jobs/use-job-actions.ts';
import { useJobNames } from '../jobs/use-job-names.ts';
import styles from './overview.module.css';

interface LiveJobProps {
  readonly job: Job;
  readonly t: JobTexts;
  readonly f: Format;
  readonly actions: JobActions;
}

export const LiveJob = memo(function LiveJob({ job, t, f, actions }: LiveJobProps): ReactNode {
  const { nameOf, kindOf } = useJobNames();
  const now = useNow(job.phase === 'WAITING_RETRY' ? 1000 : 60_000);
  const name = nameOf(job);
  const look = lookOf(job, t, f, now);
  const value = shownProgress(job);
  const left = timeLeft(job, t, f);
  const [done, total] = f.bytesPair(job.bytes_done, job.bytes_total);
  const Icon = kindIcons[job.kind];
  return (
    <article className={styles['job']} aria-label={name}>
      <span className={styles['kind']}>
        <Icon size={17} strokeWidth={1.75} aria-hidden />
      </span>
      <div className="grow">
        <div className={styles['top']}>
          <Link to={{ place: 'jobs', jobId: job.job_id }} className="cut">
            <NameText>{name}</NameText>
          </Link>
          <span className="t3 small cut">{kindOf(job)}</span>
          <span className={styles['left']}>{left === '' ? look.word : left}</span>
        </div>
        <div className={styles['progress']}>
          <Progress label={name} value={value} tone={look.tone === 'warn' ? 'warn' : 'accent'} valueText={value === undefined ? look.word : t.percentText(Math.floor(value), left)} />
          <span>{value === undefined ? '' : f.percent(value)}</span>
        </div>
        <div className={styles['figures']}>
          {value === undefined ? (
            <span>{t.countedSoFar(f.bytes(job.bytes_total), job.files_total)}</span>
          ) : (
            <>
              <span>
                <b>{done}</b> {t.ofData('', total).trim()}
              </span>
              <span>{t.filesOf(job.files_done, job.files_total)}</span>
              <span>
                <b>{f.speed(job.speed_bytes_per_second)}</b>
              </span>
            </>
          )}
          {job.bottleneck === null || job.phase !== 'TRANSFERRING' || job.speed_bytes_per_second === 0 ? null : (
            <span className={styles['limit']}>
              <Gauge size={13} strokeWidth={1.75} aria-hidden />
              {t.limitedBy(t.stageInText[job.bottleneck])}
            </span>
          )}
        </div>
        <div className={styles['file']}>{job.file === null ? null : <PathText path={job.file} />}</div>
      </div>
      <div className={styles['acts']}>
        {job.phase === 'CANCELLING' ? null : (
          <>
            <IconButton size="small" icon={Pause} label={t.pauseJob(name)} onClick={() => actions.pause(job)} />
            <IconButton size="small" icon={X} label={t.cancelJob(name)} onClick={() => actions.cancel(job)} />
          </>
        )}
      </div>
    </article>
  );
});
