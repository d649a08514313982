/**
 * Which limits hold at a moment, by the settings and the hour of the week on this machine's clock.
 *
 * Vocabulary: a *stretch* is a row of hours of the same kind, over midnight and over the end of the week as well.
 */
import { hoursOfWeek } from '../../shared/contract/schemas/settings.ts';
import type { Settings, WeekLimits } from '../../shared/contract/schemas/settings.ts';
import type { WorkerLimits } from '../../shared/worker-protocol.ts';

type Limits = Pick<Settings, 'upload_limit' | 'download_limit' | 'week_limits'>;

const paused = '3';

/** The lower of the fixed limit and that of the hour counts. */
export function limitsAt({ upload_limit, download_limit, week_limits }: Limits, at: Date): WorkerLimits {
  const kind = kindAt(week_limits, at);
  const level = kind === '1' ? week_limits.levels[0] : kind === '2' ? week_limits.levels[1] : 0;
  const uploads = [upload_limit, level].filter((limit) => limit > 0);
  return { uploadLimit: uploads.length === 0 ? 0 : Math.min(...uploads), downloadLimit: download_limit };
}

/** Milliseconds since the epoch of the end of the paused stretch that holds now; undefined where none does, a week from now where every hour is paused. */
export function pausedStretchEnd(week: WeekLimits, at: Date): number | undefined {
  if (kindAt(week, at) !== paused) return undefined;
  let end = hourAfter(at);
  for (let hours = 1; hours < hoursOfWeek && kindAt(week, end) === paused; hours += 1) end = hourAfter(end);
  return end.getTime();
}

/** When the next hour of the clock begins. */
export function hourAfter(at: Date): Date {
  // By local fields, since zones may differ by a part of an hour; a clock that is set back repeats an hour, so time must move on.
  const next = new Date(at.getFullYear(), at.getMonth(), at.getDate(), at.getHours() + 1).getTime();
  return new Date(next > at.getTime() ? next : next + 3_600_000);
}

function kindAt({ hours }: WeekLimits, at: Date): string {
  const sinceMonday = (at.getDay() + 6) % 7;
  return hours[sinceMonday * 24 + at.getHours()] ?? '0';
}
