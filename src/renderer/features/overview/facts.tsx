/** Four facts, each counted from what the agent knows. */
import type { ReactNode } from 'react';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import type { Repository } from '../../../shared/contract/schemas/repository.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { messages } from './messages.ts';
import styles from './overview.module.css';
import type { PlanState } from './protection.ts';
import { summaryNumber } from './summary-number.ts';

interface FactsProps {
  readonly states: readonly PlanState[];
  readonly finished: readonly Job[];
  readonly snapshots: readonly { readonly time: string }[];
  readonly repositories: readonly Repository[];
  readonly now: Date;
}

export function Facts({ states, finished, snapshots, repositories, now }: FactsProps): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const copies = finished.filter((job) => job.kind === 'backup' && (job.phase === 'COMPLETED' || job.phase === 'PARTIAL'));
  const protectedBy = states.flatMap((state) => (state.newest === undefined ? [] : [state.newest]));
  const sum = (field: string): number => protectedBy.reduce((total, job) => total + summaryNumber(job, field), 0);
  const oldest = snapshots.reduce<string | undefined>((first, { time }) => (first === undefined || time < first ? time : first), undefined);
  const newest = copies.reduce<string | undefined>((last, job) => (job.finished_at !== null && (last === undefined || job.finished_at > last) ? job.finished_at : last), undefined);
  const used = new Set(copies.map((job) => job.repository_id));
  const places = repositories.filter((repository) => used.has(repository.repository_id));
  const away = places.filter((repository) => repository.kind === 's3' || (repository.kind === 'rest' && !/\/\/(127\.|localhost|\[::1\])/.test(repository.url))).length;
  const facts = [
    { name: t.protects, figure: protectedBy.length === 0 ? t.none : f.bytes(sum('total_bytes_processed')), note: t.protectsNote(sum('total_files_processed'), states.length) },
    { name: t.snapshots, figure: snapshots.length === 0 ? t.none : f.number(snapshots.length), note: oldest === undefined ? '' : t.snapshotsSince(f.date(new Date(oldest))) },
    { name: t.newestCopy, figure: newest === undefined ? t.none : f.ago(new Date(newest), now), note: newest === undefined ? '' : f.moment(new Date(newest), now) },
    { name: t.copies, figure: places.length === 0 ? t.none : t.placesCount(places.length), note: places.length === 0 ? '' : away === 0 ? t.onlyHere : t.elsewhere(away) },
  ];
  return (
    <dl className={`card ${styles['facts'] ?? ''}`}>
      {facts.map(({ name, figure, note }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className={styles['figure']}>{figure}</dd>
          <dd className={styles['note']}>{note}</dd>
        </div>
      ))}
    </dl>
  );
}
