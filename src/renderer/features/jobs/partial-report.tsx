/** A backup that could not save everything: what happened, what is safe, what to do, and each item with its reason. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowRight, ChevronRight, Copy, File, Info, Link as LinkIcon, RotateCw, ShieldCheck, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Job, SkippedItem } from '../../../shared/contract/schemas/job.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Checkbox } from '../../components/controls.tsx';
import { NameText, PathText, Skeleton } from '../../components/display.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { messages as partTexts } from '../../components/messages.ts';
import { baseName, parentPath, visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { plansQuery, skippedQuery } from '../../lib/queries.ts';
import { keys } from '../../lib/query-keys.ts';
import { Link, navigate } from '../../lib/router.tsx';
import { useShell } from '../../lib/shell-state.ts';
import { exactPattern } from '../paths/exact-pattern.ts';
import { JobFacts } from './job-details.tsx';
import { messages } from './messages.ts';
import styles from './partial-report.module.css';
import type { JobActions } from './use-job-actions.ts';
import type { JobNames } from './use-job-names.ts';

interface PartialReportProps {
  readonly job: Job;
  readonly names: JobNames;
  readonly actions: JobActions;
}

export function PartialReport({ job, names, actions }: PartialReportProps): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const { client } = useHost();
  const now = useNow(60_000);
  const skipped = useQuery(skippedQuery(client, job.job_id));
  const [kept, setKept] = useState<ReadonlySet<string>>(new Set());
  const items = skipped.data ?? [];
  const chosen = items.filter(({ path }) => !kept.has(path));
  const ended = job.finished_at === null ? '' : f.moment(new Date(job.finished_at), now);
  const saved = Math.max(0, job.files_total - job.error_count);
  const retry = async (paths: readonly string[]): Promise<void> => {
    await actions.attempt(t.retry, async () => {
      const { job_id: id } = await client.start_backup({ paths: [...paths], repository_id: job.repository_id });
      navigate({ place: 'jobs', jobId: id });
    });
  };
  const copyReport = (): void => {
    const text = [`${names.nameOf(job)}, ${ended}: ${t.copiedExcept(job.error_count)}`, ...items.map(({ path, during, message }) => `${path}\t${during}: ${message}`)].join('\n');
    void navigator.clipboard.writeText(text).then(() => useShell.getState().notify({ id: 'copied', tone: 'ok', title: t.reportCopied }));
  };
  return (
    <>
      <div className="toolbar">
        <nav className={styles['crumb']} aria-label={t.title}>
          <Link to="/jobs">{t.title}</Link>
          <ChevronRight size={14} strokeWidth={1.75} aria-hidden />
        </nav>
        <h1 className="cut grow">
          <NameText>{`${names.nameOf(job)}, ${ended}`}</NameText>
        </h1>
        <IconButton icon={LinkIcon} label={t.copyLink} onClick={() => actions.copyLink(job)} />
      </div>
      <div className="body pad">
        <div className={styles['head']}>
          <span className={styles['seal']}>
            <TriangleAlert size={24} strokeWidth={1.75} aria-hidden />
          </span>
          <div className="grow">
            <h2>{t.copiedExcept(job.error_count)}</h2>
            <p className="t2">{t.inSnapshot(f.number(saved), f.number(saved + job.error_count), ended)}</p>
          </div>
          <Button icon={Copy} disabled={items.length === 0} onClick={copyReport}>
            {t.copyReport}
          </Button>
          <Button variant="primary" icon={RotateCw} disabled={chosen.length === 0} onClick={() => void retry(chosen.map(({ path }) => path))}>
            {t.retryThese(chosen.length)}
          </Button>
        </div>
        <ThreeParts count={job.error_count} />
        {skipped.error === null ? null : <ErrorPanel error={skipped.error} />}
        {skipped.data === undefined ? skipped.error === null ? <Skeleton rows={3} /> : null : <Items job={job} items={items} kept={kept} actions={actions} onKeep={setKept} onRetry={(path) => void retry([path])} />}
        {job.error_count > items.length && items.length > 0 ? <p className={`${styles['note'] ?? ''} small t2`}>{t.moreSkipped(job.error_count - items.length)}</p> : null}
        <div className={styles['figures']}>
          <JobFacts job={job} now={now} />
        </div>
      </div>
    </>
  );
}

function ThreeParts({ count }: { readonly count: number }): ReactNode {
  const t = useMessages(messages);
  const parts = useMessages(partTexts);
  const three = [
    { icon: <Info size={16} strokeWidth={1.75} color="var(--warn)" aria-hidden />, title: parts.whatHappened, text: t.partialHappened(count) },
    { icon: <ShieldCheck size={16} strokeWidth={1.75} color="var(--ok)" aria-hidden />, title: parts.whatIsSafe, text: t.partialSafe },
    { icon: <ArrowRight size={16} strokeWidth={1.75} color="var(--accent-text)" aria-hidden />, title: parts.whatToDo, text: t.partialNext },
  ];
  return (
    <dl className={styles['three']}>
      {three.map(({ icon, title, text }) => (
        <div key={title}>
          <dt>
            {icon}
            {title}
          </dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

interface ItemsProps {
  readonly job: Job;
  readonly items: readonly SkippedItem[];
  readonly kept: ReadonlySet<string>;
  readonly actions: JobActions;
  readonly onKeep: (kept: ReadonlySet<string>) => void;
  readonly onRetry: (path: string) => void;
}

function Items({ job, items, kept, actions, onKeep, onRetry }: ItemsProps): ReactNode {
  const t = useMessages(messages);
  const { client } = useHost();
  const cache = useQueryClient();
  const plan = useQuery(plansQuery(client)).data?.find(({ plan_id: id }) => id === job.plan_id);
  const all = items.every(({ path }) => !kept.has(path));
  const leaveOut = async (path: string): Promise<void> => {
    if (plan === undefined) return;
    const done = await actions.attempt(t.leaveOut, async () => {
      const { plan_id: id, name, repository_id, paths, excludes, tags, schedule, time_zone: zone, catch_up, retention, conditions, enabled, priority } = plan;
      await client.update_plan({ plan_id: id, name, repository_id, paths, excludes: { ...excludes, patterns: [...new Set([...excludes.patterns, exactPattern(path)])] }, tags, schedule, ...(zone === undefined ? {} : { time_zone: zone }), catch_up, retention, conditions, enabled, priority });
      await cache.invalidateQueries({ queryKey: keys.plans });
    });
    if (done) useShell.getState().notify({ id: `left-out-${path}`, tone: 'ok', title: t.leftOutOf(visibleText(baseName(path)), visibleText(plan.name)) });
  };
  return (
    <div className={styles['items']}>
      <table>
        <thead>
          <tr>
            <th scope="col" className={styles['box']}>
              <Checkbox checked={all ? true : kept.size === items.length ? false : 'indeterminate'} label={t.chooseAllSkipped} onChange={(on) => onKeep(on ? new Set() : new Set(items.map(({ path }) => path)))} />
            </th>
            <th scope="col">{t.fileColumn}</th>
            <th scope="col">{t.whySkipped}</th>
            <th scope="col" className={styles['acts']}>
              <span className="sr">{t.show}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map(({ path, during, message }) => (
            <tr key={`${path}\0${during}`}>
              <td className={styles['box']}>
                <Checkbox checked={!kept.has(path)} label={t.retryJob(visibleText(baseName(path)))} onChange={(on) => onKeep(on ? new Set([...kept].filter((one) => one !== path)) : new Set([...kept, path]))} />
              </td>
              <td>
                <div className={styles['name']}>
                  <File size={17} strokeWidth={1.75} aria-hidden />
                  <div className="grow">
                    <div className="strong cut">
                      <NameText>{baseName(path)}</NameText>
                    </div>
                    <p>
                      <PathText path={parentPath(path)} />
                    </p>
                  </div>
                </div>
              </td>
              <td>
                <Reason message={message} during={during} />
              </td>
              <td className={styles['acts']}>
                {plan === undefined ? (
                  <Button size="small" onClick={() => onRetry(path)}>
                    {t.retry}
                  </Button>
                ) : (
                  <Button size="small" onClick={() => void leaveOut(path)}>
                    {t.leaveOut}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Everyday words for what systems say most often; the system's own below. */
function Reason({ message, during }: { readonly message: string; readonly during: string }): ReactNode {
  const t = useMessages(messages);
  const said = `${message} ${during}`.toLowerCase();
  const word = /eacces|eperm|permission|access is denied|not permitted/.test(said) ? t.noPermission : /ebusy|in use|locked/.test(said) ? t.inUse : /enoent|no such|vanished|does not exist/.test(said) ? t.vanished : /chang|shrank|grew/.test(said) ? t.changedWhileRead : t.notReadable;
  return (
    <>
      {word}
      <p className="cut" title={visibleText(message)}>
        {visibleText(message)}
      </p>
    </>
  );
}
