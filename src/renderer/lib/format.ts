/**
 * Numbers, sizes, times and spans as people read them, by Intl and the person's locale.
 *
 * Invariants: 1 GB is 1,000 MB unless set otherwise; sizes have three significant digits, four from 1 TB; nothing here knows a word of a
 * language but the symbols of units.
 */

export interface Format {
  readonly locale: string;
  readonly number: (value: number) => string;
  /** Whole percent, as in "58 %". */
  readonly percent: (value: number) => string;
  readonly bytes: (count: number) => string;
  /** Both in the unit of the larger, as in "54.1" and "93.2 GB". */
  readonly bytesPair: (done: number, total: number) => readonly [done: string, total: string];
  readonly speed: (bytesPerSecond: number) => string;
  /** The two largest units, as in "2 h 50 min". */
  readonly duration: (seconds: number) => string;
  /** "10–13 min"; undefined below a minute. */
  readonly range: (low: number, high: number) => string | undefined;
  /** "3:12". */
  readonly countdown: (seconds: number) => string;
  readonly time: (at: Date) => string;
  readonly date: (at: Date) => string;
  readonly dateTime: (at: Date) => string;
  /** "today", "tomorrow", else the date. */
  readonly day: (at: Date, now: Date) => string;
  /** "today 14:00", "13 Nov". */
  readonly moment: (at: Date, now: Date) => string;
  /** "32 min ago" up to a day, then the date. */
  readonly ago: (at: Date, now: Date) => string;
  readonly list: (items: readonly string[]) => string;
  readonly plural: (count: number, forms: PluralForms) => string;
}

export interface PluralForms {
  /** `#` stands for the number. */
  readonly one: string;
  readonly other: string;
}

const units = { decimal: ['B', 'KB', 'MB', 'GB', 'TB', 'PB'], binary: ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] } as const;
const terabyte = 4;
const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

export interface FormatOptions {
  readonly timeZone?: string;
  readonly sizes?: keyof typeof units;
  /** Of the words of dates and lists; by default that of the locale. */
  readonly language?: string;
}

export function createFormat(locale: string, { timeZone, sizes = 'decimal', language = locale }: FormatOptions = {}): Format {
  const names = units[sizes];
  const kilo = sizes === 'binary' ? 1024 : 1000;
  const unitOf = (count: number): number => {
    let unit = 0;
    // 999.5 KB would be written as 1,000 KB.
    while (unit < names.length - 1 && count / kilo ** unit >= 999.5) unit += 1;
    return unit;
  };
  const zone = timeZone === undefined ? {} : { timeZone };
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const threeDigits = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  const fourDigits = new Intl.NumberFormat(locale, { maximumSignificantDigits: 4 });
  const steadyDigits = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3, minimumSignificantDigits: 3 });
  const hundredths = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const plurals = new Intl.PluralRules(language);
  const lists = new Intl.ListFormat(language, { type: 'conjunction' });
  const days = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const times = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', ...zone });
  const dates = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', ...zone });
  const datesWithYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', ...zone });
  const dayKeys = new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', ...zone });

  const dayNumber = (at: Date): number => Date.parse(`${dayKeys.format(at)}T00:00:00Z`) / (day * 1000);
  const bytes = (count: number): string => {
    const unit = unitOf(count);
    return `${(unit >= terabyte ? fourDigits : unit === 0 ? whole : threeDigits).format(count / kilo ** unit)} ${names[unit] ?? ''}`;
  };
  const date = (at: Date): string => dates.format(at);
  const dayWord = (at: Date, now: Date): string => {
    const distance = dayNumber(at) - dayNumber(now);
    if (Math.abs(distance) <= 1) return days.format(distance, 'day');
    return Math.abs(distance) > 300 ? datesWithYear.format(at) : date(at);
  };

  return {
    locale,
    number: (value) => whole.format(value),
    percent: (value) => `${whole.format(Math.floor(value))} %`,
    bytes,
    bytesPair(done, total) {
      const unit = unitOf(Math.max(done, total));
      const scale = kilo ** unit;
      const digits = unit === 0 ? whole : done < scale ? hundredths : unit >= terabyte ? fourDigits : steadyDigits;
      return [digits.format(done / scale), `${(unit === 0 ? whole : unit >= terabyte ? fourDigits : threeDigits).format(total / scale)} ${names[unit] ?? ''}`];
    },
    speed(bytesPerSecond) {
      const unit = unitOf(bytesPerSecond);
      return `${(unit === 0 ? whole : steadyDigits).format(bytesPerSecond / kilo ** unit)} ${names[unit] ?? ''}/s`;
    },
    duration(seconds) {
      const rounded = Math.max(0, Math.round(seconds));
      if (rounded < minute) return `${rounded} s`;
      if (rounded < hour) return pair(Math.floor(rounded / minute), 'min', rounded % minute, 's');
      if (rounded < day) return pair(Math.floor(rounded / hour), 'h', Math.floor((rounded % hour) / minute), 'min');
      return pair(Math.floor(rounded / day), 'd', Math.floor((rounded % day) / hour), 'h');
    },
    range(low, high) {
      if (high < minute) return undefined;
      const [scale, unit] = high < 90 * minute ? [minute, 'min'] : high < 2 * day ? [hour, 'h'] : [day, 'd'];
      const from = Math.max(1, Math.floor(low / scale));
      const to = Math.max(from, Math.ceil(high / scale));
      return `${from === to ? whole.format(to) : `${whole.format(from)}–${whole.format(to)}`} ${unit}`;
    },
    countdown(seconds) {
      const left = Math.max(0, Math.ceil(seconds));
      const parts = left < hour ? [Math.floor(left / minute), left % minute] : [Math.floor(left / hour), Math.floor((left % hour) / minute), left % minute];
      return parts.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
    },
    time: (at) => times.format(at),
    date,
    dateTime: (at) => `${date(at)} ${times.format(at)}`,
    day: dayWord,
    moment: (at, now) => `${dayWord(at, now)} ${times.format(at)}`,
    ago(at, now) {
      const seconds = (now.getTime() - at.getTime()) / 1000;
      const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
      if (seconds < minute) return relative.format(0, 'second');
      if (seconds < hour) return relative.format(-Math.floor(seconds / minute), 'minute');
      if (seconds < day) return relative.format(-Math.floor(seconds / hour), 'hour');
      return dayWord(at, now);
    },
    list: (items) => lists.format(items),
    plural: (count, forms) => (plurals.select(count) === 'one' ? forms.one : forms.other).replaceAll('#', whole.format(count)),
  };
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
