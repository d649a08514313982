/** Everything about one job: progress, figures, stages with the one that holds it back, files, errors in three parts. */
import { useQuery } from '@tanstack/react-query';
import { Ellipsis, FileText, Link as LinkIcon, Play, RotateCw, Trash2, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import { Failure } from '../../../shared/errors.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { EmptyState, NameText, PathText, Skeleton, StateChip } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { Menu, MenuItem, MenuLine } from '../../components/menu.tsx';
import { Pause } from '../../components/pause-icon.ts';
import { Progress } from '../../components/progress.tsx';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { jobQuery } from '../../lib/queries.ts';
import { navigate } from '../../lib/router.tsx';
import { JobFacts, JobStages } from './job-details.tsx';
import { lookOf, secondsTaken, shownProgress, timeLeft } from './job-look.ts';
import styles from './jobs.module.css';
import { messages } from './messages.ts';
import { SpeedLine } from './speed-line.tsx';
import type { JobActions } from './use-job-actions.ts';
import type { JobNames } from './use-job-names.ts';

interface JobDrawerProps {
  readonly jobId: string;
  /** As the list has it. */
  readonly known: Job | undefined;
  readonly names: JobNames;
  readonly actions: JobActions;
  readonly onClose: () => void;
}

export function JobDrawer({ jobId, known, names, actions, onClose }: JobDrawerProps): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const asked = useQuery({ ...jobQuery(client, jobId), enabled: known === undefined });
  const job = known ?? asked.data;
  return (
    <aside
      className={styles['drawer']}
      tabIndex={-1}
      aria-label={job === undefined ? t.title : names.nameOf(job)}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) onClose();
      }}
    >
      {job === undefined ? (
        <>
          <div className={styles['head']}>
            <span className="grow" />
            <IconButton icon={X} label={t.closeDetails} onClick={onClose} />
          </div>
          {asked.error === null ? <Skeleton rows={4} /> : <EmptyState icon={FileText} title={t.notFoundTitle} text={t.notFoundText} />}
        </>
      ) : (
        <Details job={job} names={names} actions={actions} onClose={onClose} />
      )}
    </aside>
  );
}

function Details({ job, names, actions, onClose }: { readonly job: Job; readonly names: JobNames; readonly actions: JobActions; readonly onClose: () => void }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const now = useNow(1000);
  const look = lookOf(job, t, f, now);
  const when = job.finished_at !== null ? t.ended(f.moment(new Date(job.finished_at), now)) : job.started_at !== null ? t.started(f.time(new Date(job.started_at))) : t.waitingSince(f.time(new Date(job.created_at)));
  const name = names.nameOf(job);
  return (
    <>
      <div className={styles['head']}>
        <div className="grow">
          <h2>
            <NameText>{name}</NameText>
          </h2>
          <p>
            {names.kindOf(job)}, {when}
          </p>
        </div>
        <Menu trigger={<IconButton icon={Ellipsis} label={t.more} />}>
          <MenuItem icon={LinkIcon} onSelect={() => actions.copyLink(job)}>
            {t.copyLink}
          </MenuItem>
          {job.state === 'done' ? (
            <>
              <MenuLine />
              <MenuItem
                icon={Trash2}
                onSelect={() => {
                  onClose();
                  actions.remove(job);
                }}
              >
                {t.remove}
              </MenuItem>
            </>
          ) : null}
        </Menu>
        <IconButton icon={X} label={t.closeDetails} onClick={onClose} />
      </div>
      <div className={styles['scroll']} tabIndex={0}>
        <div className={styles['first']}>{job.state === 'done' ? <StateChip tone={look.tone} icon={look.icon}>{look.word}</StateChip> : <LiveHead job={job} name={name} now={now} />}</div>
        <Trouble job={job} />
        <section className={styles['section']}>
          <JobFacts job={job} now={now} />
        </section>
        {job.state === 'running' ? <JobStages job={job} /> : null}
        {job.state === 'running' ? <SpeedLine job={job} now={now} /> : null}
        {job.state === 'running' && job.file !== null ? (
          <section className={styles['section']}>
            <h3>{t.now}</h3>
            <div className="small t2">
              <PathText path={job.file} />
            </div>
          </section>
        ) : null}
        <section className={styles['section']}>
          <h3>{job.kind === 'restore' ? t.target : t.sources}</h3>
          <ul className={styles['lines']}>
            {job.paths.length === 0 ? (
              <li>{names.placeOf(job)}</li>
            ) : (
              job.paths.slice(0, 50).map((path) => (
                <li key={path}>
                  <PathText path={path} />
                </li>
              ))
            )}
          </ul>
        </section>
      </div>
      <Foot job={job} actions={actions} />
    </>
  );
}

function LiveHead({ job, name, now }: { readonly job: Job; readonly name: string; readonly now: Date }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const look = lookOf(job, t, f, now);
  const value = shownProgress(job);
  const left = timeLeft(job, t, f);
  const taken = secondsTaken(job, now);
  const tone = job.phase === 'WAITING_RETRY' ? 'warn' : job.state === 'paused' || job.state === 'queued' ? 'idle' : 'accent';
  return (
    <>
      <div className={styles['big']}>
        {value === undefined ? null : <b>{f.percent(value)}</b>}
        <span className="strong grow cut">{left === '' ? look.word : left}</span>
        {taken === undefined ? null : <span className="small t2">{t.soFar(f.duration(taken))}</span>}
      </div>
      <Progress label={name} value={value} tone={tone} valueText={value === undefined ? look.word : t.percentText(Math.floor(value), left)} />
      {value === undefined ? <p className={styles['note']}>{t.countedSoFar(f.bytes(job.bytes_total), job.files_total)}</p> : null}
    </>
  );
}

/** What went wrong, in three parts. */
function Trouble({ job }: { readonly job: Job }): ReactNode {
  const t = useMessages(messages);
  if (job.phase === 'PARTIAL' && job.kind === 'restore') {
    return (
      <section className={styles['section']}>
        <ErrorPanel error={new Failure('RESTORE_INCOMPLETE', { what: t.restorePartial(job.error_count), safe: t.restorePartialSafe, next: t.restorePartialNext })} />
      </section>
    );
  }
  if (job.phase === 'PARTIAL' && job.kind === 'forget') {
    return (
      <section className={styles['section']}>
        <ErrorPanel error={new Failure('RETENTION_FROZEN', t.leftAlonePanel)} />
      </section>
    );
  }
  if (job.phase === 'PARTIAL') {
    return (
      <section className={styles['section']}>
        <ErrorPanel error={new Failure('SOURCE_INCOMPLETE', { what: t.partialHappened(job.error_count), safe: t.partialSafe, next: t.partialNext })}>
          <Button variant="primary" onClick={() => navigate({ place: 'jobs', jobId: job.job_id, page: 'report' })}>
            {t.showSkipped(job.error_count)}
          </Button>
        </ErrorPanel>
      </section>
    );
  }
  if (job.error === null || (job.state === 'done' && job.phase !== 'FAILED')) return null;
  const { code, message, parts } = job.error;
  return (
    <section className={styles['section']}>
      <ErrorPanel error={new Failure(code, { what: parts?.what ?? message, safe: parts?.safe ?? (job.kind !== 'backup' && job.kind !== 'restore' ? t.copiesSafeText : t.earlierSafe), next: parts?.next ?? t.tryAgainNext })} />
    </section>
  );
}

function Foot({ job, actions }: { readonly job: Job; readonly actions: JobActions }): ReactNode {
  const t = useMessages(messages);
  const over = job.state === 'done';
  const again = job.state === 'waiting' || job.phase === 'FAILED' || job.phase === 'CANCELLED';
  return (
    <div className={styles['foot']}>
      {job.state === 'paused' ? (
        <Button icon={Play} onClick={() => actions.resume(job)}>
          {t.resume}
        </Button>
      ) : null}
      {again ? (
        <Button icon={RotateCw} onClick={() => actions.retry(job.job_id)}>
          {over ? t.retry : t.retryNow}
        </Button>
      ) : null}
      {!over && job.state !== 'paused' && job.phase !== 'CANCELLING' ? (
        <Button icon={Pause} onClick={() => actions.pause(job)}>
          {t.pause}
        </Button>
      ) : null}
      {over || job.phase === 'CANCELLING' ? null : (
        <Button icon={X} onClick={() => actions.cancel(job)}>
          {t.cancel}
        </Button>
      )}
      {over && job.snapshot_id !== null ? <Button onClick={() => navigate(`/restore?repository=${job.repository_id}&snapshot=${job.snapshot_id ?? ''}`)}>{t.openSnapshot}</Button> : null}
      <span className="grow" />
      <IconButton icon={LinkIcon} label={t.copyLink} onClick={() => actions.copyLink(job)} />
    </div>
  );
}
