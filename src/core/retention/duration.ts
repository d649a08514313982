/**
 * Spans of calendar time as retention rules give them: `1y5m7d2h`, restic's units in any order.
 *
 * Invariant: a span counts back on the calendar of the time it starts from, years, months and days first, hours last; the
 * 31st of a month that has none is the day after its last, as restic has it.
 */
import { Failure } from '../../shared/errors.ts';
import { isLocalZone, type WallTime } from './wall-time.ts';

export interface Duration {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
}

const units = { y: 'years', m: 'months', d: 'days', h: 'hours' } as const;
const nanosecondsPerMillisecond = 1_000_000n;
const nanosecondsPerHour = 3_600_000n * nanosecondsPerMillisecond;

/** Failure USAGE. The empty text is no time at all. */
export function parseDuration(text: string): Duration {
  const found = { years: 0, months: 0, days: 0, hours: 0 };
  const pieces = text.match(/\d{1,9}[ymdh]/g) ?? [];
  if (pieces.join('') !== text) {
    throw new Failure('USAGE', { what: `"${text}" is no duration`, next: 'Write it as 1y5m7d2h: numbers, each followed by y, m, d or h' });
  }
  for (const piece of pieces) found[units[piece.slice(-1) as keyof typeof units]] = Number(piece.slice(0, -1));
  return found;
}

export function formatDuration({ years, months, days, hours }: Duration): string {
  const parts: readonly (readonly [number, string])[] = [[years, 'y'], [months, 'm'], [days, 'd'], [hours, 'h']];
  return parts.filter(([count]) => count !== 0).map(([count, unit]) => `${count}${unit}`).join('');
}

export function isZero({ years, months, days, hours }: Duration): boolean {
  return years === 0 && months === 0 && days === 0 && hours === 0;
}

/** The instant that lies a duration before a time; undefined where that is before every time that can be written. */
export function before({ instant, offset }: WallTime, { years, months, days, hours }: Duration): bigint | undefined {
  const milliseconds = Number(instant / nanosecondsPerMillisecond);
  const rest = instant - BigInt(milliseconds) * nanosecondsPerMillisecond;
  // A time in the zone of this machine moves over changes of that zone's clocks; any other zone is a fixed distance.
  const moved = isLocalZone(milliseconds, offset) ? backLocally(milliseconds, years, months, days) : backBy(milliseconds + offset * 1000, years, months, days) - offset * 1000;
  return Number.isNaN(moved) ? undefined : BigInt(moved) * nanosecondsPerMillisecond + rest - BigInt(hours) * nanosecondsPerHour;
}

function backLocally(milliseconds: number, years: number, months: number, days: number): number {
  const date = new Date(milliseconds);
  return date.setFullYear(date.getFullYear() - years, date.getMonth() - months, date.getDate() - days);
}

function backBy(milliseconds: number, years: number, months: number, days: number): number {
  const date = new Date(milliseconds);
  return date.setUTCFullYear(date.getUTCFullYear() - years, date.getUTCMonth() - months, date.getUTCDate() - days);
}
