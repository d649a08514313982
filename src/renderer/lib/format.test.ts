import { describe, expect, it } from 'vitest';
import { createFormat } from './format.ts';

const en = createFormat('en-GB', { timeZone: 'UTC' });
const de = createFormat('de-DE', { timeZone: 'UTC' });

describe('format', () => {
  it('writes sizes in thousands with three digits, four from a terabyte on', () => {
    expect([0, 999, 1000, 18_400, 999_499, 999_500, 12_412_000, 453e9, 1.2344e12].map(en.bytes)).toEqual(['0 B', '999 B', '1 KB', '18.4 KB', '999 KB', '1 MB', '12.4 MB', '453 GB', '1.234 TB']);
    expect(de.bytes(12_412_000)).toBe('12,4 MB');
  });

  it('writes sizes in powers of two, and numbers of another country, where that is wanted', () => {
    const binary = createFormat('en-GB', { sizes: 'binary' });
    expect([1024, 1536 * 1024, 5 * 1024 ** 3].map(binary.bytes)).toEqual(['1 KiB', '1.5 MiB', '5 GiB']);
    expect(binary.speed(1024 ** 2)).toBe('1.00 MiB/s');
    const mixed = createFormat('de-DE', { language: 'en', timeZone: 'UTC' });
    expect([mixed.number(1234), mixed.list(['a', 'b']), mixed.day(new Date('2026-11-18T14:00:00Z'), new Date('2026-11-19T14:00:00Z'))]).toEqual(['1.234', 'a and b', 'yesterday']);
  });

  it('writes both sizes of a pair in the unit of the larger', () => {
    expect(en.bytesPair(54_100_000_000, 93_200_000_000)).toEqual(['54.1', '93.2 GB']);
    expect(en.bytesPair(5_000_000, 93_200_000_000)).toEqual(['0.01', '93.2 GB']);
  });

  it('writes spans with their two largest units', () => {
    expect([0, 41, 64, 918, 10_200, 90_000].map(en.duration)).toEqual(['0 s', '41 s', '1 min 4 s', '15 min 18 s', '2 h 50 min', '1 d 1 h']);
  });

  it('writes a range of time, and none below a minute', () => {
    expect(en.range(20, 59)).toBeUndefined();
    expect(en.range(610, 775)).toBe('10–13 min');
    expect(en.range(100, 110)).toBe('1–2 min');
    expect(en.range(7200, 10_000)).toBe('2–3 h');
  });

  it('counts down', () => {
    expect([0, 9.2, 192, 3725].map(en.countdown)).toEqual(['0:00', '0:10', '3:12', '1:02:05']);
  });

  it('names days near now, and gives the date of others', () => {
    const now = new Date('2026-11-19T14:32:00Z');
    expect(en.moment(new Date('2026-11-19T08:31:00Z'), now)).toBe('today 08:31');
    expect(en.moment(new Date('2026-11-20T02:00:00Z'), now)).toBe('tomorrow 02:00');
    expect(en.ago(new Date('2026-11-19T14:00:00Z'), now)).toBe('32 min ago');
    expect(en.ago(new Date('2026-11-13T14:00:00Z'), now)).toBe('13 Nov');
    expect(de.day(new Date('2026-11-18T14:00:00Z'), now)).toBe('gestern');
  });

  it('chooses the form of a number', () => {
    const forms = { one: '# file', other: '# files' };
    expect([0, 1, 1234].map((count) => en.plural(count, forms))).toEqual(['0 files', '1 file', '1,234 files']);
  });

  it('never rounds a percent up', () => {
    expect(en.percent(99.99)).toBe('99 %');
  });
});
