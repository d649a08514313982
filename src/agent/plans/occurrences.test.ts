import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Schedule } from '../../shared/contract/schemas/plan.ts';
import { nextOccurrences, occurrencesOf } from './occurrences.ts';

const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/Sao_Paulo', 'UTC'] as const;

/** `2026-03-29 03:00 +02:00` of an instant, by the system's own table of zones. */
function local(instant: number, timeZone: string): string {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'longOffset' }).formatToParts(instant).map(({ type, value }) => [type, value]),
  );
  return `${parts['year']}-${parts['month']}-${parts['day']} ${parts['hour']}:${parts['minute']} ${parts['timeZoneName'] === 'GMT' ? '+00:00' : (parts['timeZoneName'] ?? '').slice(3)}`;
}

function following(schedule: Schedule, zone: string, from: string, count: number): string[] {
  return nextOccurrences(occurrencesOf(schedule, zone), Date.parse(from), count).map((instant) => local(instant, zone));
}

const daily = (at: string): Schedule => ({ kind: 'daily', at });
const cron = (expression: string): Schedule => ({ kind: 'cron', expression });

describe('a schedule over a clock change', () => {
  it.each<[string, Schedule, string, string, string[]]>([
    ['in the gap: after it', daily('02:30'), 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29 03:00 +02:00', '2026-03-30 02:30 +02:00']],
    ['twice: once, the first', daily('02:30'), 'Europe/Berlin', '2026-10-24T12:00Z', ['2026-10-25 02:30 +02:00', '2026-10-26 02:30 +01:00']],
    ['in the gap', daily('02:15'), 'America/New_York', '2026-03-07T12:00Z', ['2026-03-08 03:00 -04:00', '2026-03-09 02:15 -04:00']],
    ['twice', daily('01:15'), 'America/New_York', '2026-10-31T12:00Z', ['2026-11-01 01:15 -04:00', '2026-11-02 01:15 -05:00']],
    ['in a gap of half an hour', daily('02:10'), 'Australia/Lord_Howe', '2026-10-03T00:00Z', ['2026-10-04 02:30 +11:00', '2026-10-05 02:10 +11:00']],
    ['twice within half an hour', daily('01:45'), 'Australia/Lord_Howe', '2026-04-04T00:00Z', ['2026-04-05 01:45 +11:00', '2026-04-06 01:45 +10:30']],
    ['at an odd offset without changes', daily('02:30'), 'Asia/Kathmandu', '2026-03-28T12:00Z', ['2026-03-29 02:30 +05:45', '2026-03-30 02:30 +05:45']],
    ['in a gap at midnight', daily('00:30'), 'America/Sao_Paulo', '2018-11-03T12:00Z', ['2018-11-04 01:00 -02:00', '2018-11-05 00:30 -02:00']],
    ['twice before midnight', daily('23:30'), 'America/Sao_Paulo', '2018-02-17T12:00Z', ['2018-02-17 23:30 -02:00', '2018-02-18 23:30 -03:00']],
    ['without changes any more', daily('00:30'), 'America/Sao_Paulo', '2026-11-01T12:00Z', ['2026-11-02 00:30 -03:00', '2026-11-03 00:30 -03:00']],
    ['weekly, in the gap', { kind: 'weekly', on: ['sunday'], at: '02:30' }, 'Europe/Berlin', '2026-03-25T12:00Z', ['2026-03-29 03:00 +02:00', '2026-04-05 02:30 +02:00']],
    ['monthly, twice', { kind: 'monthly', day: 25, at: '02:00' }, 'Europe/Berlin', '2026-10-01T12:00Z', ['2026-10-25 02:00 +02:00', '2026-11-25 02:00 +01:00']],
    ['cron, in the gap', cron('30 2 * * *'), 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29 03:00 +02:00', '2026-03-30 02:30 +02:00']],
    ['cron with a list, twice', cron('30 2,14 * * *'), 'Europe/Berlin', '2026-10-24T22:00Z', ['2026-10-25 02:30 +02:00', '2026-10-25 14:30 +01:00']],
    ['cron with steps: regular', cron('*/30 * * * *'), 'Europe/Berlin', '2026-10-25T00:20Z', ['2026-10-25 02:30 +02:00', '2026-10-25 02:00 +01:00', '2026-10-25 02:30 +01:00', '2026-10-25 03:00 +01:00']],
    ['hours: regular', { kind: 'hours', every: 1 }, 'Europe/Berlin', '2026-03-28T23:30Z', ['2026-03-29 01:00 +01:00', '2026-03-29 03:00 +02:00', '2026-03-29 04:00 +02:00']],
    ['hours: regular', { kind: 'hours', every: 1 }, 'Australia/Lord_Howe', '2026-10-03T13:45Z', ['2026-10-04 00:30 +10:30', '2026-10-04 01:30 +10:30', '2026-10-04 03:00 +11:00']],
    ['a window that the gap shortens', { kind: 'minutes', every: 45, window: { from: '01:00', to: '04:00' } }, 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29 01:00 +01:00', '2026-03-29 01:45 +01:00', '2026-03-29 03:30 +02:00', '2026-03-30 01:00 +02:00']],
    ['a window that opens in the gap', { kind: 'hours', every: 1, window: { from: '02:30', to: '04:30' } }, 'Europe/Berlin', '2026-03-28T12:00Z', ['2026-03-29 03:00 +02:00', '2026-03-29 04:00 +02:00', '2026-03-30 02:30 +02:00', '2026-03-30 03:30 +02:00']],
  ])('%s (%j, %s)', (_what, schedule, zone, from, expected) => {
    expect(following(schedule, zone, from, expected.length)).toEqual(expected);
  });
});

describe('a schedule', () => {
  it.each<[string, Schedule, string, string[]]>([
    ['monthly 31: the last day of shorter months', { kind: 'monthly', day: 31, at: '06:00' }, '2027-12-01T00:00Z', ['2027-12-31', '2028-01-31', '2028-02-29', '2028-03-31', '2028-04-30']],
    ['monthly 30', { kind: 'monthly', day: 30, at: '06:00' }, '2027-01-01T00:00Z', ['2027-01-30', '2027-02-28', '2027-03-30', '2027-04-30']],
    ['monthly 29, in a leap year and not', { kind: 'monthly', day: 29, at: '06:00' }, '2028-02-01T00:00Z', ['2028-02-29', '2028-03-29']],
    ['monthly 29, in a leap year and not', { kind: 'monthly', day: 29, at: '06:00' }, '2027-02-01T00:00Z', ['2027-02-28', '2027-03-29']],
    ['daily over the leap day', daily('06:00'), '2028-02-28T00:00Z', ['2028-02-28', '2028-02-29', '2028-03-01']],
    ['cron of the leap day', cron('0 6 29 2 *'), '2026-01-01T00:00Z', ['2028-02-29', '2032-02-29']],
    ['weekly on two days', { kind: 'weekly', on: ['friday', 'monday'], at: '06:00' }, '2026-05-06T00:00Z', ['2026-05-08', '2026-05-11', '2026-05-15']],
    ['cron of working days', cron('0 6 * * 1-5'), '2026-05-08T12:00Z', ['2026-05-11', '2026-05-12']],
  ])('%s', (_what, schedule, from, expected) => {
    expect(following(schedule, 'UTC', from, expected.length)).toEqual(expected.map((date) => `${date} 06:00 +00:00`));
  });

  it.each<[string, Schedule, string[]]>([
    ['begins at the opening and ends before the closing', { kind: 'hours', every: 3, window: { from: '08:00', to: '17:00' } }, ['05-01 08:00', '05-01 11:00', '05-01 14:00', '05-02 08:00']],
    ['may pass midnight', { kind: 'minutes', every: 90, window: { from: '22:00', to: '02:00' } }, ['05-01 01:00', '05-01 22:00', '05-01 23:30', '05-02 01:00', '05-02 22:00']],
    ['that is shorter than the interval gives one run a day', { kind: 'hours', every: 6, window: { from: '20:00', to: '22:00' } }, ['05-01 20:00', '05-02 20:00']],
    ['with runs a day apart', { kind: 'hours', every: 24, window: { from: '20:00', to: '22:00' } }, ['05-01 20:00', '05-02 20:00']],
    ['with runs more than a day apart', { kind: 'hours', every: 48, window: { from: '20:00', to: '22:00' } }, ['05-02 20:00', '05-04 20:00', '05-06 20:00']],
    ['of a whole day', { kind: 'hours', every: 10, window: { from: '06:00', to: '06:00' } }, ['05-01 02:00', '05-01 06:00', '05-01 16:00', '05-02 02:00']],
  ])('with a window %s', (_what, schedule, expected) => {
    // In the whole-day case the window of the day before is still open at midnight.
    const first = schedule.kind === 'minutes' ? '2026-05-01T00:00Z' : '2026-04-30T23:00Z';
    expect(following(schedule, 'UTC', first, expected.length).map((text) => text.slice(5, 16))).toEqual(expected);
  });

  it('every 15 minutes is on the quarter of the local hour, also where the offset is odd', () => {
    expect(following({ kind: 'minutes', every: 15 }, 'Asia/Kathmandu', '2026-05-01T00:01Z', 2).map((text) => text.slice(11, 16))).toEqual(['06:00', '06:15']);
    expect(following({ kind: 'hours', every: 168 }, 'Asia/Kathmandu', '2026-05-01T00:00Z', 1)).toEqual(['2026-05-04 00:00 +05:45']);
  });

  it('by hand is never due', () => {
    expect(occurrencesOf({ kind: 'manual' }, 'UTC').after(0)).toBeUndefined();
  });

  it.each([
    ['0 0 30 2 *', 'schedule.expression'],
    ['61 0 * * *', 'schedule.expression'],
    ['@midnight', 'schedule.expression'],
    ['* * * * * *', 'schedule.expression'],
    ['a b c d e', 'schedule.expression'],
    ['*/0 * * * *', 'schedule.expression'],
    ['? ? * * *', 'schedule.expression'],
  ])('cron %s is refused', (expression, path) => {
    expect(() => occurrencesOf(cron(expression), 'UTC')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', path }) as Error);
  });

  it.each(['Mars/Olympus', '+02:00', '', ' ', 'Europe/Berlin\n', '../UTC'])('in the zone %j is refused', (zone) => {
    expect(() => occurrencesOf(daily('10:00'), zone)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', path: 'time_zone' }) as Error);
  });

  const time = fc.tuple(fc.nat(23), fc.nat(59)).map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
  const window = fc.option(fc.record({ from: time, to: time }), { nil: undefined });
  const withWindow = <Base extends object>(base: Base, chosen: { from: string; to: string } | undefined): Base & { window?: { from: string; to: string } } => (chosen === undefined ? base : { ...base, window: chosen });
  const anySchedule = fc.oneof<fc.Arbitrary<Schedule>[]>(
    fc.tuple(fc.integer({ min: 5, max: 1440 }), window).map(([every, chosen]) => withWindow({ kind: 'minutes' as const, every }, chosen)),
    fc.tuple(fc.integer({ min: 1, max: 168 }), window).map(([every, chosen]) => withWindow({ kind: 'hours' as const, every }, chosen)),
    time.map(daily),
    fc.tuple(fc.integer({ min: 1, max: 31 }), time).map(([day, at]) => ({ kind: 'monthly' as const, day, at })),
    fc.constantFrom('0 3 * * *', '*/7 * * * *', '30 1-3 * * 0', '15 2,3 1 * *').map(cron),
  );
  const instant = fc.integer({ min: Date.UTC(2018, 0, 1), max: Date.UTC(2032, 0, 1) });

  it('is always due later than asked, and the same whenever it is asked', () => {
    fc.assert(
      fc.property(anySchedule, fc.constantFrom(...zones), instant, fc.double({ min: 0, max: 1, noNaN: true }), (schedule, zone, from, share) => {
        const occurrences = occurrencesOf(schedule, zone);
        const [first = 0, second = 0] = nextOccurrences(occurrences, from, 2);
        expect(first).toBeGreaterThan(from);
        expect(second).toBeGreaterThan(first);
        const between = first + Math.floor((second - first - 1) * share);
        expect(occurrences.after(between)).toBe(second);
        expect(occurrences.after(second - 1)).toBe(second);
      }),
      { numRuns: 120 },
    );
  });

  it('daily is due once on every local day', () => {
    fc.assert(
      fc.property(time, fc.constantFrom(...zones), fc.constantFrom(2018, 2026, 2028), (at, zone, year) => {
        const days = nextOccurrences(occurrencesOf(daily(at), zone), Date.UTC(year, 0, 1, 12), 300).map((due) => local(due, zone).slice(0, 10));
        expect(new Set(days).size).toBe(300);
        expect(Date.parse(days.at(-1)!) - Date.parse(days[0]!)).toBe(299 * 86_400_000);
      }),
      { numRuns: 6 },
    );
  });

  it('with a window is due within it, and as often as its interval says', () => {
    fc.assert(
      fc.property(time, time, fc.integer({ min: 5, max: 300 }), fc.constantFrom(...zones), instant, (from, to, every, zone, start) => {
        // Where the clock changes within the window its ends move; the table above says how.
        const due = nextOccurrences(occurrencesOf({ kind: 'minutes', every, window: { from, to } }, zone), start, 50);
        for (const [at, one] of due.entries()) {
          const clock = local(one, zone).slice(11, 16);
          const offset = local(one, zone).slice(17);
          const steady = local(one - 86_400_000, zone).slice(17) === offset && local(one + 86_400_000, zone).slice(17) === offset;
          if (steady) expect(from < to ? clock >= from && clock < to : clock >= from || clock < to).toBe(true);
          const previous = due[at - 1];
          if (previous !== undefined && one - previous !== every * 60_000 && steady) expect(clock).toBe(from);
        }
      }),
      { numRuns: 20 },
    );
  });
});
