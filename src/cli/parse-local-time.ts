/** A moment as restic's options take it: `2006-01-02 15:04:05`, the time of this computer. */
import { InvalidArgumentError } from 'commander';

/** Milliseconds since the epoch. */
export function parseLocalTime(text: string): number {
  const fields = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(text)?.slice(1).map(Number);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields ?? [];
  const date = new Date(year, month - 1, day, hour, minute, second);
  // A date that there is not, as 30 February, would become another one.
  const same = date.getMonth() === month - 1 && date.getDate() === day && hour < 24 && minute < 60 && second < 60;
  if (fields === undefined || !same) throw new InvalidArgumentError('A time such as "2026-11-30 08:00:00" is expected.');
  return date.getTime();
}
