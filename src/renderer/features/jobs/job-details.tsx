/** The figures of a job, and its stages with the one that holds it back. */
import { BookOpen, Blocks, Check, Download, FoldVertical, HardDrive, LockKeyhole, PackageOpen, ScanSearch, Upload } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { stageName } from '../../../shared/contract/schemas/job.ts';
import type { Job, StageName } from '../../../shared/contract/schemas/job.ts';
import { classes } from '../../components/class-names.ts';
import { Progress } from '../../components/progress.tsx';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { Link } from '../../lib/router.tsx';
import { secondsTaken } from './job-look.ts';
import styles from './jobs.module.css';
import { messages } from './messages.ts';

const stageIcons: Readonly<Record<StageName, LucideIcon>> = { scan: ScanSearch, read: BookOpen, chunk: Blocks, compress: FoldVertical, encrypt: LockKeyhole, upload: Upload, download: Download, decode: PackageOpen, write: HardDrive };

export function JobFacts({ job, now }: { readonly job: Job; readonly now: Date }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const number = (name: string): number | undefined => (typeof job.summary?.[name] === 'number' ? job.summary[name] : undefined);
  const facts: [name: string, value: string][] = [];
  const over = job.state === 'done';
  const [done, total] = f.bytesPair(job.bytes_done, job.bytes_total);
  facts.push([t.data, over ? f.bytes(job.bytes_done) : t.ofData(done, total)], [t.filesLabel, f.number(job.files_done)]);
  if (over) {
    const taken = secondsTaken(job, now);
    if (taken !== undefined) facts.push([t.took, f.duration(taken)]);
  } else {
    facts.push([t.filesLeft, f.number(Math.max(0, job.files_total - job.files_done))], [t.speed, f.speed(job.speed_bytes_per_second)]);
  }
  const added: readonly (readonly [string, string, (value: number) => string])[] = [
    ['files_new', t.newFiles, f.number],
    ['files_changed', t.changedFiles, f.number],
    ['data_added', t.newData, f.bytes],
    ['data_added_packed', t.storedAs, f.bytes],
  ];
  for (const [field, name, write] of added) {
    const value = number(field);
    if (value !== undefined) facts.push([name, write(value)]);
  }
  if (job.snapshot_id !== null) facts.push([t.snapshot, job.snapshot_id.slice(0, 8)]);
  return (
    <dl className={styles['facts']}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function JobStages({ job }: { readonly job: Job }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const stages = stageName.options.filter((stage) => job.stages[stage] !== undefined);
  if (stages.length === 0) return null;
  return (
    <section className={styles['section']}>
      <h3>
        {t.stages}
        <span>{t.howBusy}</span>
      </h3>
      <ul className={styles['stages']}>
        {stages.map((stage) => {
          const rate = job.stages[stage];
          // Counting is over before the first byte of the last file is read.
          const done = stage === 'scan' && job.phase !== 'SCANNING' && job.bytes_total > 0 && (rate?.bytes_per_second ?? 0) === 0;
          const Icon = done ? Check : stageIcons[stage];
          const limit = job.bottleneck === stage && job.speed_bytes_per_second > 0;
          return (
            <li key={stage} className={classes(limit && styles['limit'])}>
              <Icon size={14} strokeWidth={1.75} aria-hidden />
              <span>{t.stage[stage]}</span>
              <Progress thin label={t.stage[stage]} value={done ? 100 : 100 * (rate?.busy ?? 0)} tone={done ? 'idle' : limit ? 'warn' : 'accent'} />
              <span>{done ? t.done : f.speed(rate?.bytes_per_second ?? 0)}</span>
            </li>
          );
        })}
      </ul>
      {job.bottleneck === null || job.speed_bytes_per_second === 0 ? null : (
        <p className={styles['note']}>
          {t.holdsBack[job.bottleneck]} {job.bottleneck === 'upload' || job.bottleneck === 'download' ? <Link to={{ place: 'settings', page: 'network' }}>{t.openNetwork}</Link> : null}
        </p>
      )}
    </section>
  );
}
