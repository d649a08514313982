/**
 * Times of the repository format (specification section 10.3).
 *
 * Vocabulary: an *instant* is nanoseconds since 1970-01-01T00:00:00Z, a bigint, negative before. Its *text* is
 * `YYYY-MM-DDTHH:MM:SS[.fraction]Z`.
 *
 * Invariant: what is written is always UTC, with the fraction's trailing zeros removed: canonical for every restic, and
 * the same on both sides of a clock change.
 */
const second = 1_000_000_000n;
const secondsPerDay = 86_400;
/** Years 0000 and 9999 bound what the format can hold; other instants are moved to the nearest. */
const earliest = -62_167_219_200n * second;
const latest = 253_402_300_799n * second + 999_999_999n;

export function instantFromMilliseconds(milliseconds: number): bigint {
  return BigInt(Math.floor(milliseconds)) * 1_000_000n;
}

export function formatTime(instant: bigint): string {
  const bounded = instant < earliest ? earliest : instant > latest ? latest : instant;
  // As two numbers: division of bigints dominates the encoding of a tree otherwise.
  let seconds = Number(bounded / second);
  let nanoseconds = Number(bounded % second);
  if (nanoseconds < 0) {
    nanoseconds += 1e9;
    seconds -= 1;
  }
  const day = Math.floor(seconds / secondsPerDay);
  const time = seconds - day * secondsPerDay;
  const fraction = nanoseconds === 0 ? '' : `.${nanoseconds.toString().padStart(9, '0').replace(/0+$/, '')}`;
  return `${dateText(day)}T${two(Math.floor(time / 3600))}:${two(Math.floor(time / 60) % 60)}:${two(time % 60)}${fraction}Z`;
}

const twoDigits: readonly string[] = Array.from({ length: 100 }, (_, value) => value.toString().padStart(2, '0'));

function two(value: number): string {
  return twoDigits[value] ?? '';
}

let lastDay = Number.NaN;
let lastDate = '';

/** `YYYY-MM-DD` of a day counted from 1970-01-01; neighbours in a folder share their day often enough to keep the last one. */
function dateText(day: number): string {
  if (day !== lastDay) {
    // The era arithmetic works on 400-year cycles that start on 1 March, so that leap days come last.
    const shifted = day + 719_468;
    const era = Math.floor(shifted / 146_097);
    const dayOfEra = shifted - era * 146_097;
    const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365);
    const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
    const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
    const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
    const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
    lastDate = `${year.toString().padStart(4, '0')}-${two(month)}-${two(dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1)}`;
    lastDay = day;
  }
  return lastDate;
}

function daysFromDate(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

const dash = 0x2d;
const colon = 0x3a;
const monthDays: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The instant of a time text in any zone, or undefined where restic would refuse the text. Digits after the ninth are dropped. */
export function parseTime(text: string): bigint | undefined {
  const year = number(text, 0, 4);
  const month = number(text, 5, 2);
  const day = number(text, 8, 2);
  const hour = number(text, 11, 2);
  const minute = number(text, 14, 2);
  const secondOfMinute = number(text, 17, 2);
  // A wrong digit makes its number NaN, which fails every one of these comparisons.
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month))) return undefined;
  if (!(hour <= 23 && minute <= 59 && secondOfMinute <= 59)) return undefined;
  if (text.charCodeAt(4) !== dash || text.charCodeAt(7) !== dash || text[10] !== 'T' || text.charCodeAt(13) !== colon || text.charCodeAt(16) !== colon) return undefined;
  let position = 19;
  let fraction = 0;
  if (text[position] === '.') {
    let unit = 100_000_000;
    for (position++; isDigit(text, position); position++) {
      if (unit >= 1) fraction += (text.charCodeAt(position) - 0x30) * unit;
      unit /= 10;
    }
    if (position === 20) return undefined;
  }
  const offset = zoneOffset(text, position);
  if (offset === undefined) return undefined;
  return nanoseconds(daysFromDate(year, month, day) * secondsPerDay + hour * 3600 + minute * 60 + secondOfMinute - offset, fraction);
}

function isDigit(text: string, position: number): boolean {
  const digit = text.charCodeAt(position) - 0x30;
  return digit >= 0 && digit <= 9;
}

function number(text: string, start: number, length: number): number {
  let value = 0;
  for (let position = start; position < start + length; position++) {
    const digit = text.charCodeAt(position) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

function daysOfMonth(year: number, month: number): number {
  const leapDay = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
  return (monthDays[month - 1] ?? 0) + leapDay;
}

/** Seconds east of UTC of the zone that ends the text. */
function zoneOffset(text: string, position: number): number | undefined {
  const sign = text[position];
  if (sign === 'Z') return position + 1 === text.length ? 0 : undefined;
  if ((sign !== '+' && sign !== '-') || text[position + 3] !== ':' || position + 6 !== text.length) return undefined;
  const hours = number(text, position + 1, 2);
  const minutes = number(text, position + 4, 2);
  if (!(hours <= 23 && minutes <= 59)) return undefined;
  return (hours * 3600 + minutes * 60) * (sign === '-' ? -1 : 1);
}

const wide = new BigUint64Array(1);
const halves = new Uint32Array(wide.buffer);
const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** `seconds · 10^9 + rest`; for usual dates without bigint arithmetic, which is several times slower. */
function nanoseconds(seconds: number, rest: number): bigint {
  if (seconds < 0 || seconds > 9_000_000_000 || !littleEndian) return BigInt(seconds) * second + BigInt(rest);
  // In base 2^16 and 2^32, with every intermediate below 2^53; division and subtraction, since `%` of doubles is slow.
  const high = Math.floor(seconds / 65_536);
  const product = high * 1_000_000_000;
  const productHigh = Math.floor(product / 65_536);
  const low = (product - productHigh * 65_536) * 65_536 + (seconds - high * 65_536) * 1_000_000_000 + rest;
  const carry = Math.floor(low / 4_294_967_296);
  halves[0] = low - carry * 4_294_967_296;
  halves[1] = productHigh + carry;
  return wide[0] ?? 0n;
}
