/** The line to the place of the copies over the last five minutes, with its limit where there is one. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { Job } from '../../../shared/contract/schemas/job.ts';
import { useHost } from '../../lib/host/host.ts';
import { useFormat, useMessages } from '../../lib/messages/messages.ts';
import { settingsQuery } from '../../lib/queries.ts';
import { lineSpeed, rememberedMs, speedsOf } from '../../lib/speeds.ts';
import styles from './jobs.module.css';
import { messages } from './messages.ts';

const width = 300;
const height = 40;
/** Fewer say nothing yet. */
const leastSamples = 5;

export function SpeedLine({ job, now }: { readonly job: Job; readonly now: Date }): ReactNode {
  const t = useMessages(messages);
  const f = useFormat();
  const { client } = useHost();
  const settings = useQuery(settingsQuery(client)).data;
  const samples = speedsOf(job.job_id);
  const [first] = samples;
  if (first === undefined || samples.length < leastSamples) return null;
  const limitKib = (job.kind === 'backup' ? settings?.upload_limit : settings?.download_limit) ?? 0;
  const limit = limitKib * 1024;
  const top = Math.max(limit, ...samples.map(({ bytesPerSecond }) => bytesPerSecond), 1) * 1.1;
  const end = now.getTime();
  const begin = Math.max(first.at, end - rememberedMs);
  const x = (at: number): number => (width * Math.max(0, at - begin)) / Math.max(1, end - begin);
  const y = (speed: number): number => height - (height * speed) / top;
  const line = samples.map(({ at, bytesPerSecond }, index) => `${index === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(bytesPerSecond).toFixed(1)}`).join('');
  const title = job.kind === 'backup' ? t.uploadLately : t.downloadLately;
  return (
    <section className={styles['section']}>
      <h3>
        {title}
        <span>{limit === 0 ? f.speed(lineSpeed(job)) : t.limit(f.speed(limit))}</span>
      </h3>
      <svg className={styles['speeds']} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={`${title}: ${f.speed(lineSpeed(job))}`}>
        <path d={`${line}L${width} ${height}L${x(first.at).toFixed(1)} ${height}Z`} fill="var(--bar)" opacity=".12" />
        {limit === 0 ? null : <path d={`M0 ${y(limit).toFixed(1)}H${width}`} stroke="var(--warn)" strokeDasharray="4 3" vectorEffect="non-scaling-stroke" />}
        <path d={line} fill="none" stroke="var(--bar)" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
      </svg>
    </section>
  );
}
