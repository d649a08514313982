/**
 * When a schedule is due.
 *
 * Vocabulary: an *occurrence* is an instant, milliseconds since the epoch, at which a schedule is due. An *opening* is an
 * occurrence of a window's beginning.
 *
 * Invariants, in the schedule's time zone, whatever its clock changes:
 * - a local time that does not exist is due at the first moment after the gap, one that exists twice once, at the first;
 * - every so many minutes or hours is regular in real time: counted from each opening of its window, or without a window from
 *   midnight of Monday, 1 January 2001; with a window, runs more than a day apart happen at the opening of every n-th day;
 * - what is due depends on schedule and zone only, never on when it was asked.
 *
 * Croner does the calendar and the clock changes; this file says what to ask it.
 */
import { Cron } from 'croner';
import { Failure } from '../../shared/errors.ts';
import type { Schedule } from '../../shared/contract/schemas/plan.ts';

export interface Occurrences {
  /** The first occurrence later than an instant; undefined where there is none. */
  after(instant: number): number | undefined;
}

const minute = 60_000;
const day = 24 * 60 * minute;
const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const beforeAnchor = Date.UTC(2000, 11, 30);

const never: Occurrences = { after: () => undefined };

/** Failure INVALID_INPUT (`time_zone`, `schedule.expression`) for a zone or cron text that cannot be used. */
export function occurrencesOf(schedule: Schedule, timeZone: string): Occurrences {
  checkTimeZone(timeZone);
  switch (schedule.kind) {
    case 'manual':
      return never;
    case 'minutes':
      return repeated(schedule.every * minute, schedule.window, timeZone);
    case 'hours':
      return repeated(schedule.every * 60 * minute, schedule.window, timeZone);
    case 'daily':
      return cron(`${clockFields(schedule.at)} * * *`, timeZone);
    case 'weekly':
      return cron(`${clockFields(schedule.at)} * * ${schedule.on.map((name) => weekdays.indexOf(name)).join(',')}`, timeZone);
    case 'monthly':
      return monthly(schedule.day, schedule.at, timeZone);
    case 'cron':
      return checkedCron(schedule.expression, timeZone);
    default:
      return schedule satisfies never;
  }
}

/** The next occurrences after an instant, at most `count`. */
export function nextOccurrences(occurrences: Occurrences, instant: number, count: number): number[] {
  const found: number[] = [];
  for (let next = occurrences.after(instant); next !== undefined && found.length < count; next = occurrences.after(next)) found.push(next);
  return found;
}

/** IANA names only: an offset would not know clock changes. */
function checkTimeZone(name: string): void {
  try {
    if (/^[A-Za-z]/.test(name)) {
      new Intl.DateTimeFormat('en', { timeZone: name }).format(0);
      return;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new Failure('INVALID_INPUT', { what: `"${name}" is no time zone`, safe: 'Nothing was changed', next: 'Give an IANA name, as in "Europe/Berlin"' }, { path: 'time_zone' });
}

/** Minute and hour of `21:30`, as cron has them. */
function clockFields(time: string): string {
  const [hours, minutes] = time.split(':').map(Number);
  return `${minutes} ${hours}`;
}

function cron(expression: string, timeZone: string): Occurrences {
  const job = makeCron(expression, timeZone);
  return { after: (instant) => job.nextRun(new Date(instant))?.getTime() };
}

/** It runs nothing: it only calculates. A list or range of hours heeds clock changes like a single time; a step is regular in real time. */
function makeCron(expression: string, timezone: string): Cron {
  return new Cron(expression, { paused: true, timezone, mode: '5-part', fixedTimeRule: 'no-wildcard' });
}

function checkedCron(expression: string, timeZone: string): Occurrences {
  const refusal = (what: string, cause?: unknown): Failure =>
    new Failure('INVALID_INPUT', { what, safe: 'Nothing was changed', next: 'Give five fields, minute hour day month weekday, as in "30 21 * * 1-5"' }, { path: 'schedule.expression', ...(cause === undefined ? {} : { cause }) });
  // Croner also knows nicknames, and `?` for the time at which it was made.
  if (expression.trim().split(/\s+/).length !== 5 || expression.includes('?')) throw refusal(`"${expression}" is no cron text of five fields`);
  let occurrences: Occurrences;
  try {
    occurrences = cron(expression.trim(), timeZone);
  } catch (error) {
    // That is all that Croner throws for a text that it refuses.
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw refusal(`"${expression}" is no valid cron text: ${error.message.replace(/^CronPattern: /, '').replace(/\.$/, '')}`, error);
  }
  if (occurrences.after(beforeAnchor) === undefined) throw refusal(`"${expression}" is never due: there is no such day`);
  return occurrences;
}

/** In months without that day their last one. */
function monthly(dayOfMonth: number, at: string, timeZone: string): Occurrences {
  const clock = clockFields(at);
  if (dayOfMonth <= 28) return cron(`${clock} ${dayOfMonth} * *`, timeZone);
  if (dayOfMonth === 31) return cron(`${clock} L * *`, timeZone);
  const usual = cron(`${clock} ${dayOfMonth} 1,3-12 *`, timeZone);
  const february = cron(`${clock} L 2 *`, timeZone);
  return { after: (instant) => earliest(usual.after(instant), february.after(instant)) };
}

function earliest(first: number | undefined, second: number | undefined): number | undefined {
  return first === undefined || (second !== undefined && second < first) ? second : first;
}

function repeated(every: number, window: { readonly from: string; readonly to: string } | undefined, timeZone: string): Occurrences {
  if (window !== undefined) return withinWindow(every, window, timeZone);
  const anchor = cron('0 0 1 1 *', timeZone).after(beforeAnchor) ?? 0;
  return { after: (instant) => anchor + (Math.floor((instant - anchor) / every) + 1) * every };
}

/** From the opening on, and before the closing. Equal ends make a window of a whole day. */
function withinWindow(every: number, { from, to }: { readonly from: string; readonly to: string }, timeZone: string): Occurrences {
  const openings = makeCron(`${clockFields(from)} * * *`, timeZone);
  const closings = cron(`${clockFields(to)} * * *`, timeZone);
  const firstOpening = openings.nextRun(new Date(beforeAnchor))?.getTime() ?? 0;
  const everyDays = Math.ceil(every / day);
  const openingAfter = (instant: number): number | undefined => {
    let next = openings.nextRun(new Date(instant));
    // Openings are a day apart, give or take a clock change.
    while (next !== null && Math.round((next.getTime() - firstOpening) / day) % everyDays !== 0) next = openings.nextRun(next);
    return next?.getTime();
  };
  let window = { opened: Number.POSITIVE_INFINITY, closes: 0, next: Number.NEGATIVE_INFINITY };
  /** The last window that opened at or before an instant; kept, since most questions are about the same one. */
  const windowAt = (instant: number): typeof window | undefined => {
    if (instant >= window.opened && instant < window.next) return window;
    // Croner takes a run within the same second as earlier, so this is the last opening within or before the minute.
    const opened = openings.previousRuns(1, new Date(Math.floor(instant / minute) * minute + 59_999))[0];
    if (opened === undefined) return undefined;
    window = { opened: opened.getTime(), closes: closings.after(opened.getTime()) ?? 0, next: openings.nextRun(opened)?.getTime() ?? Number.POSITIVE_INFINITY };
    return window;
  };
  return {
    after: (instant) => {
      const current = everyDays === 1 ? windowAt(instant) : undefined;
      if (current === undefined) return openingAfter(instant);
      const next = current.opened + (Math.floor((instant - current.opened) / every) + 1) * every;
      return next < current.closes ? next : current.next;
    },
  };
}
