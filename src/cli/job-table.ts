/** Jobs as a table for people: newest first, what runs with its progress. */
import type { Job } from '../shared/contract/schemas/job.ts';
import { formatBytes, formatSpeed, formatTime, formatTimeLeft } from './output/format.ts';
import { renderTable } from './output/table.ts';
import { visibleText } from './output/visible-text.ts';
import type { Style, Terminal } from './terminal.ts';

export function jobTable(terminal: Terminal, jobs: readonly Job[]): string[] {
  const columns = [
    { title: 'Job', style: terminal.style.cyan },
    { title: 'Kind' },
    { title: 'Phase' },
    { title: 'Done', align: 'right' as const },
    { title: 'Size', align: 'right' as const },
    { title: 'Speed', align: 'right' as const },
    { title: 'When' },
    { title: 'What', flexible: true },
  ];
  return renderTable(terminal, columns, jobs.map(row));
}

/** What a person wants to know of one job in a line. */
export function jobLine(job: Job, style: Style): string {
  const [, kind = '', phase = '', done = '', size = '', speed = '', when = '', what = ''] = row(job);
  return [style.cyan(job.job_id), kind, phase, done, size, speed, when, what].filter((text) => text !== '').join('  ');
}

function row(job: Job): string[] {
  const running = job.state === 'running';
  return [
    job.job_id,
    job.kind,
    phaseText(job),
    running || job.state === 'paused' || job.state === 'waiting' ? `${Math.floor(job.progress)} %` : '',
    job.bytes_total > 0 ? formatBytes(job.bytes_total) : '',
    running && job.speed_bytes_per_second > 0 ? formatSpeed(job.speed_bytes_per_second) : '',
    whenText(job),
    visibleText(whatText(job)),
  ];
}

/** `WAITING_RETRY` as `waiting retry`. */
function phaseText({ phase, attempt, state }: Job): string {
  const text = phase.toLowerCase().replaceAll('_', ' ');
  return attempt > 1 && state !== 'done' ? `${text} (attempt ${attempt})` : text;
}

function whenText(job: Job): string {
  if (job.state === 'waiting' && job.next_attempt_at !== null) return `again ${formatTime(job.next_attempt_at)}`;
  if (job.paused_until !== null && job.state === 'paused' && !job.paused_until.startsWith('9999')) return `until ${formatTime(job.paused_until)}`;
  if (job.state === 'running' && job.eta_range_seconds !== null) return formatTimeLeft(job.eta_range_seconds.low, job.eta_range_seconds.high);
  return formatTime(job.finished_at ?? job.started_at ?? job.created_at);
}

/** Why it failed or was cancelled; otherwise what it is about. */
function whatText(job: Job): string {
  if (job.error !== null && (job.phase === 'FAILED' || job.state === 'waiting')) return job.error.message;
  if (job.phase === 'CANCELLED' && job.cancel_reason !== null) return job.cancel_reason;
  if (job.state === 'done' && (job.kind === 'forget' || job.kind === 'prune')) return `${job.repository_id}: ${job.message}`;
  const [first = job.repository_id, ...others] = job.paths;
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}
