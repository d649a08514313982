/** A place that jobs wait for: what happened, what is safe, what to do; what the agent finds when it looks; the tries so far. */
import { useQuery } from '@tanstack/react-query';
import { ArrowRight, CircleCheck, CircleX, Info, ShieldCheck } from 'lucide-react';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import type { DiagnosisStep, Repository } from '../../../shared/contract/schemas/repository.ts';
import { messages as partTexts } from '../../components/messages.ts';
import { triesOf } from '../../lib/attempts.ts';
import { visibleText } from '../../lib/display-text.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { useNow } from '../../lib/now.ts';
import { Spinner } from '../paths/path-size.tsx';
import { messages } from './messages.ts';
import styles from './offline.module.css';
import { RetryTrack } from './retry-track.tsx';

interface OfflinePanelProps {
  readonly repository: Repository;
  /** Those that wait for it. */
  readonly jobs: readonly Job[];
  /** The newest copy that is there. */
  readonly newest: Date | undefined;
}

const lookEveryMs = 30_000;

export function OfflinePanel({ repository, jobs, newest }: OfflinePanelProps): ReactNode {
  const t = useMessages(messages);
  const parts = useMessages(partTexts);
  const f = useFormat();
  const now = useNow(1000);
  const tries = triesOf(jobs, now.getTime());
  const isDrive = repository.kind === 'local' || repository.kind === 'embedded';
  const name = visibleText(repository.name);
  const lines = [
    { icon: <Info size={16} strokeWidth={1.75} color="var(--warn)" aria-hidden />, title: parts.whatHappened, text: isDrive ? t.driveHappened(name) : t.happened(name, tries.past.length) },
    { icon: <ShieldCheck size={16} strokeWidth={1.75} color="var(--ok)" aria-hidden />, title: parts.whatIsSafe, text: newest === undefined ? t.safeNothing : t.safe(f.moment(newest, now)) },
    { icon: <ArrowRight size={16} strokeWidth={1.75} color="var(--accent-text)" aria-hidden />, title: parts.whatToDo, text: isDrive ? t.driveNext : t.next },
  ];
  return (
    <section className={styles['offline']} aria-label={name}>
      <dl>
        {lines.map(({ icon, title, text }) => (
          <div key={title}>
            {icon}
            <dt>{title}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <div className={styles['look']}>
        <Diagnosis repositoryId={repository.repository_id} tries={tries.past.length} now={now} />
        {tries.past.length === 0 && tries.next === undefined ? null : <RetryTrack {...tries} />}
      </div>
    </section>
  );
}

function Diagnosis({ repositoryId, tries, now }: { readonly repositoryId: string; readonly tries: number; readonly now: Date }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const { client } = useHost();
  const { data, dataUpdatedAt, refetch } = useQuery({ queryKey: ['diagnosis', repositoryId], queryFn: () => client.diagnose_repository({ repository_id: repositoryId }), refetchInterval: lookEveryMs, staleTime: 5000, gcTime: 0 });
  // Each try that failed is a reason to look again.
  useEffect(() => {
    if (tries > 0) void refetch();
  }, [tries, refetch]);
  if (data === undefined) {
    return (
      <h2 className={styles['looking']}>
        <Spinner />
        {t.looking}
      </h2>
    );
  }
  const fresh = now.getTime() - dataUpdatedAt < 60_000;
  return (
    <>
      <h2>{fresh ? t.looked : t.lookedAt(f.ago(new Date(dataUpdatedAt), now))}</h2>
      <ul aria-live="polite">
        {data.steps.map((step) => (
          <Step key={step.step} step={step} />
        ))}
      </ul>
      {data.steps.every(({ ok }) => ok) ? <p className="small t2">{t.backAgain}</p> : null}
    </>
  );
}

function Step({ step: { step, ok, subject, detail, took_ms: took } }: { readonly step: DiagnosisStep }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const seconds = `${new Intl.NumberFormat(f.locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(took / 1000)} s`;
  const shown = ok ? (step === 'name' ? t.nameDetail(subject, detail) : step === 'network' ? detail : step === 'folder' ? subject : '') : step === 'network' ? '' : t.after(detail, seconds);
  return (
    <li>
      {ok ? <CircleCheck size={16} strokeWidth={1.75} color="var(--ok)" aria-hidden /> : <CircleX size={16} strokeWidth={1.75} color="var(--danger)" aria-hidden />}
      <span>
        {(ok ? t.found : t.missing)[step](visibleText(subject))} <span className="small t3">{visibleText(shown)}</span>
      </span>
    </li>
  );
}
