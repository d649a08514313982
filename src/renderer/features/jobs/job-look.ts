/** How a job looks in each of its phases: tone, icon, word, and whether its total is known. */
import { Ban, CircleCheck, CircleX, Clock, Download, Eraser, RefreshCw, ShieldCheck, Sparkles, TriangleAlert, Upload } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { Job, JobKind } from '../../../shared/contract/schemas/job.ts';
import { Pause } from '../../components/pause-icon.ts';
import type { Tone } from '../../components/progress.tsx';
import type { Format } from '../../lib/format.ts';
import { baseName } from '../../lib/display-text.ts';
import type { messages } from './messages.ts';

export type JobTexts = ReturnType<(typeof messages)['in']>;

export const kindIcons: Readonly<Record<JobKind, LucideIcon>> = { backup: Upload, restore: Download, check: ShieldCheck, forget: Eraser, prune: Sparkles };

export interface JobLook {
  readonly tone: Tone;
  readonly icon: LucideIcon;
  readonly word: string;
}

/** `now` matters only to a job that waits for its next attempt. */
export function lookOf(job: Job, t: JobTexts, f: Format, now: Date): JobLook {
  switch (job.phase) {
    case 'QUEUED':
      return { tone: 'idle', icon: Clock, word: t.queued };
    case 'CONNECTING':
      return { tone: 'accent', icon: kindIcons[job.kind], word: t.connecting };
    case 'SCANNING':
      return { tone: 'accent', icon: kindIcons[job.kind], word: t.counting };
    case 'TRANSFERRING':
      return { tone: 'accent', icon: kindIcons[job.kind], word: { backup: t.backingUp, restore: t.restoring, check: t.checking, forget: t.freeing, prune: t.freeing }[job.kind] };
    case 'FINALIZING':
      return { tone: 'accent', icon: kindIcons[job.kind], word: t.finishing };
    case 'VERIFYING':
      return { tone: 'accent', icon: ShieldCheck, word: t.verifying };
    case 'PAUSED':
      return { tone: 'idle', icon: Pause, word: t.paused };
    case 'WAITING_RETRY':
      return { tone: 'warn', icon: RefreshCw, word: job.next_attempt_at === null ? t.retrying : t.retryIn(f.countdown((Date.parse(job.next_attempt_at) - now.getTime()) / 1000)) };
    case 'CANCELLING':
      return { tone: 'idle', icon: Ban, word: t.cancelling };
    case 'COMPLETED':
      return { tone: 'ok', icon: CircleCheck, word: t.completed };
    case 'PARTIAL':
      return { tone: 'warn', icon: TriangleAlert, word: t.skipped(job.error_count) };
    case 'FAILED':
      return { tone: 'danger', icon: CircleX, word: t.failed };
    default:
      return { tone: 'idle', icon: Ban, word: t.cancelled };
  }
}

/** Percent as it is shown: 99 until the job's last step ended; undefined where the total is not known. */
export function shownProgress(job: Job): number | undefined {
  if (job.phase === 'SCANNING' && job.progress === 0) return undefined;
  return job.state === 'done' ? job.progress : Math.min(99, job.progress);
}

/** "10–13 min left"; empty where nothing can be said yet. */
export function timeLeft(job: Job, t: JobTexts, f: Format): string {
  if (job.state !== 'running' || job.phase === 'CANCELLING' || job.phase === 'WAITING_RETRY' || job.phase === 'SCANNING') return '';
  const range = job.eta_range_seconds ?? (job.eta_seconds === null ? null : { low: job.eta_seconds, high: job.eta_seconds });
  if (range === null) return '';
  const text = f.range(range.low, range.high);
  return text === undefined ? t.underMinute : t.left(text);
}

/** What a job is called: its plan, else the last part of its path. */
export function jobName(job: Pick<Job, 'kind' | 'paths'>, planName: string | undefined, t: JobTexts): string {
  if (job.kind === 'check' || job.kind === 'prune') return t.kind[job.kind];
  if (job.kind === 'forget') return planName === undefined ? t.kind.forget : `${t.kind.forget}: ${planName}`;
  if (planName !== undefined) return planName;
  const [first] = job.paths;
  if (first === undefined) return t.kind[job.kind];
  return job.paths.length === 1 ? baseName(first) : `${baseName(first)} +${job.paths.length - 1}`;
}

/** The line under the name of a job that is over. */
export function outcomeText(job: Job, t: JobTexts, f: Format): string {
  const number = (name: string): number => (typeof job.summary?.[name] === 'number' ? job.summary[name] : 0);
  switch (job.phase) {
    case 'CANCELLED':
      return job.cancel_reason === null || job.cancel_reason === '' ? t.noReason : t.quoted(job.cancel_reason);
    case 'FAILED':
      return job.error?.parts?.what ?? job.error?.message ?? t.failed;
    case 'PARTIAL':
      return job.kind === 'forget' ? t.leftAlone(job.error_count) : t.unreadable(job.error_count);
    default:
      break;
  }
  if (job.summary?.['dry_run'] === true) return t.onlyTried;
  if (job.kind === 'forget') return t.forgotten(number('snapshots_removed'), number('snapshots_kept'));
  if (job.kind === 'prune') return t.freed(f.bytes(number('bytes_freed')));
  if (job.kind === 'check') return t.checked;
  if (job.kind === 'restore') return t.restored(job.files_done, f.bytes(job.bytes_done));
  const touched = number('files_new') + number('files_changed');
  return touched === 0 ? t.nothingChanged : t.filesChanged(touched, f.bytes(number('data_added_packed')));
}

export function secondsTaken(job: Job, now: Date): number | undefined {
  if (job.started_at === null) return undefined;
  return ((job.finished_at === null ? now.getTime() : Date.parse(job.finished_at)) - Date.parse(job.started_at)) / 1000;
}
