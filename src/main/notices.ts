/** Notifications of the system: a job that ended, and what needs somebody. A click leads to it. */
import type { Alert } from '../shared/contract/schemas/observability.ts';
import type { Job } from '../shared/contract/schemas/job.ts';
import { jobName, plainName } from './job-words.ts';
import type { ShellText } from './text.ts';

export interface Notice {
  readonly title: string;
  readonly body: string;
  /** Of the interface. */
  readonly path: string;
}

/** Of a job that ended by itself; undefined where the person did it, or looks at it anyway. */
export function jobNotice(job: Job, text: ShellText, watched: boolean): Notice | undefined {
  if (watched || (job.phase !== 'COMPLETED' && job.phase !== 'PARTIAL' && job.phase !== 'FAILED')) return undefined;
  const body = job.error === null ? job.message : job.error.message;
  return { title: `${jobName(job, text)}: ${text.phase[job.phase]}`, body: shortened(body), path: `/jobs/${job.job_id}` };
}

export function alertNotice(alert: Alert): Notice | undefined {
  if (alert.resolved_at !== null) return undefined;
  const [first = '', ...rest] = alert.message.split('. ');
  return { title: plainLine(first), body: shortened(rest.join('. ')), path: '/health' };
}

const longestBody = 200;

function shortened(body: string): string {
  const line = plainLine(body);
  return line.length <= longestBody ? line : `${line.slice(0, longestBody - 1)}…`;
}

function plainLine(text: string): string {
  return text.split(' ').map(plainName).join(' ');
}
