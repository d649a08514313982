/** The plans: where, newest copy, next run, the last 30 days, how much. */
import { CircleCheck, CircleX, Clock, Cloud, HardDrive, Monitor, Server, TriangleAlert, Upload } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Repository } from '../../../shared/contract/schemas/repository.ts';
import { NameText, StateChip } from '../../components/display.tsx';
import { visibleText } from '../../lib/display-text.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { Link } from '../../lib/router.tsx';
import { messages as jobMessages } from '../jobs/messages.ts';
import { messages } from './messages.ts';
import styles from './overview.module.css';
import type { DayMark, PlanState } from './protection.ts';
import { summaryNumber } from './summary-number.ts';

interface PlanTableProps {
  readonly states: readonly PlanState[];
  readonly repositories: readonly Repository[];
  readonly now: Date;
}

const placeIcons: Readonly<Record<Repository['kind'], LucideIcon>> = { embedded: Monitor, local: HardDrive, rest: Server, s3: Cloud };

export function PlanTable({ states, repositories, now }: PlanTableProps): ReactNode {
  const t = useMessages(messages);
  return (
    <div className={`card ${styles['plans'] ?? ''}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.plan}</th>
            <th scope="col" className={styles['where']}>
              {t.where}
            </th>
            <th scope="col" className={styles['newest']}>
              {t.newestCopy}
            </th>
            <th scope="col" className={styles['next']}>
              {t.nextRun}
            </th>
            <th scope="col" className={styles['days']}>
              {t.last30}
            </th>
            <th scope="col" className={`${styles['size'] ?? ''} ${styles['number'] ?? ''}`}>
              {t.protectsColumn}
            </th>
          </tr>
        </thead>
        <tbody>
          {states.map((state) => (
            <PlanRow key={state.plan.plan_id} state={state} repository={repositories.find((repository) => repository.repository_id === state.plan.repository_id)} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PlanRow({ state, repository, now }: { readonly state: PlanState; readonly repository: Repository | undefined; readonly now: Date }): ReactNode {
  const t = useMessages(messages);
  const jobTexts = useMessages(jobMessages);
  const f = useFormat();
  const { plan, newest } = state;
  const PlaceIcon = placeIcons[repository?.kind ?? 'local'];
  const next = plan.next_runs[0];
  const paused = plan.paused_until !== null && plan.paused_until > now.toISOString();
  return (
    <tr>
      <td>
        <div className={`${styles['name'] ?? ''} cut`}>
          <Link to={`/settings/plan-${plan.plan_id}`}>
            <NameText>{plan.name}</NameText>
          </Link>
        </div>
        <p className="cut" dir="auto">{visibleText(plan.paths.join(', '))}</p>
      </td>
      <td className={styles['where']}>
        <span className={styles['place']}>
          <PlaceIcon size={15} strokeWidth={1.75} color="var(--text-2)" aria-hidden />
          <span className="cut">
            <NameText>{repository?.name ?? plan.repository_id}</NameText>
          </span>
        </span>
      </td>
      <td>
        <NewestCopy state={state} now={now} />
      </td>
      <td>
        <div className="cut">{!plan.enabled ? t.off : paused ? t.pausedPlan : next === undefined ? t.manual : f.moment(new Date(next), now)}</div>
        <p className="cut">{plan.missed_since !== null && plan.conditions.drive_present !== undefined ? t.waitsForDrive : t.schedule(plan.schedule)}</p>
      </td>
      <td>
        <Strip days={state.days} />
      </td>
      <td className={`${styles['size'] ?? ''} ${styles['number'] ?? ''}`}>
        {newest === undefined ? null : (
          <>
            <div>{f.bytes(summaryNumber(newest, 'total_bytes_processed'))}</div>
            <p>{jobTexts.files(summaryNumber(newest, 'total_files_processed'))}</p>
          </>
        )}
      </td>
    </tr>
  );
}

function NewestCopy({ state: { running, newest, failures, overdue, limit }, now }: { readonly state: PlanState; readonly now: Date }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const at = newest?.finished_at === null || newest === undefined ? undefined : new Date(newest.finished_at);
  if (running?.state === 'running') {
    return (
      <>
        <Link to={{ place: 'jobs', jobId: running.job_id }}>
          <StateChip tone="accent" icon={Upload}>
            {t.running(f.percent(running.progress))}
          </StateChip>
        </Link>
        <p>{at === undefined ? t.noCopy : f.ago(at, now)}</p>
      </>
    );
  }
  if (at === undefined) {
    return failures > 0 ? (
      <StateChip tone="danger" icon={CircleX}>
        {t.failed}
      </StateChip>
    ) : (
      <StateChip tone="idle" icon={Clock}>
        {t.noCopy}
      </StateChip>
    );
  }
  const partial = newest?.phase === 'PARTIAL';
  return (
    <>
      <StateChip tone={failures > 0 ? 'danger' : partial || overdue ? 'warn' : 'ok'} icon={failures > 0 ? CircleX : partial || overdue ? TriangleAlert : CircleCheck}>
        {now.getTime() - at.getTime() < 86_400_000 ? f.time(at) : f.date(at)}
      </StateChip>
      <p className={overdue ? styles['overdue'] : undefined}>{failures > 0 ? t.failed : overdue && limit !== undefined ? t.limit(f.ago(at, now), f.duration(limit / 1000)) : f.ago(at, now)}</p>
    </>
  );
}

function Strip({ days }: { readonly days: readonly DayMark[] }): ReactNode {
  const t = useMessages(messages);
  const count = (mark: DayMark): number => days.filter((day) => day === mark).length;
  return (
    <span className={styles['strip']} role="img" aria-label={t.strip(count('complete'), count('partial'), count('failed'))}>
      {days.map((day, index) => (
        <i key={index} className={day === 'complete' ? '' : styles[day]} />
      ))}
    </span>
  );
}
