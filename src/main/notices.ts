/** Notifications of the system: a job that ended, and what needs somebody. A click leads to it. */
import { alertText } from '../shared/alert-sentences.ts';
import type { AlertSentences } from '../shared/alert-sentences.ts';
import type { Alert } from '../shared/contract/schemas/observability.ts';
import type { Notifications } from '../shared/contract/schemas/settings.ts';
import type { Job } from '../shared/contract/schemas/job.ts';
import { jobName, plainName } from './job-words.ts';
import type { ShellText } from './text.ts';

export interface Notice {
  readonly title: string;
  readonly body: string;
  /** Of the interface. */
  readonly path: string;
}

/** What a person wants to be told, at this moment. */
export type Wanted = Pick<Notifications, 'completed' | 'failed' | 'alerts'>;

const nothing: Wanted = { completed: false, failed: false, alerts: false };

/** Nothing in quiet hours, whose end may be on the next day. */
export function wantedAt({ quiet, ...wanted }: Notifications, at: Date): Wanted {
  if (quiet === null) return wanted;
  const time = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
  const isQuiet = quiet.from <= quiet.to ? time >= quiet.from && time < quiet.to : time >= quiet.from || time < quiet.to;
  return isQuiet ? nothing : wanted;
}

/** Of a job that ended by itself; undefined where the person did it, looks at it anyway, or does not want to hear of it. */
export function jobNotice(job: Job, text: ShellText, watched: boolean, wanted: Wanted): Notice | undefined {
  if (!(job.phase === 'FAILED' ? wanted.failed : wanted.completed)) return undefined;
  if (watched || (job.phase !== 'COMPLETED' && job.phase !== 'PARTIAL' && job.phase !== 'FAILED')) return undefined;
  const body = job.error === null ? job.message : job.error.message;
  return { title: `${jobName(job, text)}: ${text.phase[job.phase]}`, body: shortened(body), path: `/jobs/${job.job_id}` };
}

/** `sentences` in the language of the shell. */
export function alertNotice(alert: Alert, wanted: Wanted, sentences: AlertSentences): Notice | undefined {
  if (alert.resolved_at !== null || !wanted.alerts) return undefined;
  const [first = '', ...rest] = alertText(alert, sentences).split('. ');
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
