/** A time to come, as people write it: `21:30`, `45m`, `2h`, `3d`, `2026-11-30`, `2026-11-30T08:00`. Local time. */
import { InvalidArgumentError } from 'commander';

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds since the epoch, after `now`. */
export function parseUntil(text: string, now: number): number {
  const time = afterNow(text, now);
  if (!Number.isFinite(time)) throw new InvalidArgumentError('A time such as 21:30, 2h or 2026-11-30T08:00 is expected.');
  if (time <= now) throw new InvalidArgumentError('A time to come is expected.');
  return time;
}

function afterNow(text: string, now: number): number {
  const [, amount, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) return now + Number(amount) * (units[unit] ?? Number.NaN);
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hours !== undefined && minutes !== undefined) return nextTimeOfDay(Number(hours), Number(minutes), now);
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)) return Number.NaN;
  // A date alone would be read as UTC; people mean their own midnight.
  return new Date(text.includes('T') ? text : `${text}T00:00`).getTime();
}

function nextTimeOfDay(hours: number, minutes: number, now: number): number {
  const date = new Date(now);
  date.setHours(hours, minutes, 0, 0);
  if (date.getTime() <= now) date.setDate(date.getDate() + 1);
  return date.getTime();
}
