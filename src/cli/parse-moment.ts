/** A moment in the past, as restic's `find` takes it; local time where no zone is given. */
import { InvalidArgumentError } from 'commander';

const zone = String.raw`(?: (?<zone>[+-]\d{4}|UTC|GMT|Z))?`;
const time = String.raw`(?: (?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)${zone})?)?`;
const layouts = [
  new RegExp(String.raw`^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)${time}$`),
  new RegExp(String.raw`^(?<day>\d\d)\.(?<month>\d\d)\.(?<year>\d{4})${time}$`),
  new RegExp(String.raw`^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)T(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?<zone>Z|[+-]\d\d:\d\d)$`),
] as const;

/** Nanoseconds since 1970. Throws commander's `InvalidArgumentError`. */
export function parseMoment(text: string): bigint {
  const fields = layouts.map((layout) => layout.exec(text)?.groups).find((groups) => groups !== undefined);
  const milliseconds = fields === undefined ? Number.NaN : instantOf(fields);
  if (!Number.isFinite(milliseconds)) throw new InvalidArgumentError('A time such as 2026-11-30, "2026-11-30 08:00" or "2026-11-30 08:00:00 +0100" is expected.');
  return BigInt(milliseconds) * 1_000_000n;
}

function instantOf(fields: Readonly<Record<string, string | undefined>>): number {
  const number = (name: string): number => Number(fields[name] ?? '0');
  const [year, month, day, hour, minute, second] = [number('year'), number('month'), number('day'), number('hour'), number('minute'), number('second')];
  const utc = Date.UTC(year, month - 1, day, hour, minute, second);
  const check = new Date(utc);
  // JavaScript would take the 31st of February for a day in March.
  if (check.getUTCMonth() !== month - 1 || check.getUTCDate() !== day || check.getUTCHours() !== hour || check.getUTCMinutes() !== minute || check.getUTCSeconds() !== second) return Number.NaN;
  const offset = /^([+-])(\d\d):?(\d\d)$/.exec(fields['zone'] ?? '');
  if (offset !== null) return utc - (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) * 60_000;
  return fields['zone'] === undefined ? new Date(year, month - 1, day, hour, minute, second).getTime() : utc;
}
