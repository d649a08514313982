import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTime, instantFromMilliseconds, parseTime } from './times.ts';

const second = 1_000_000_000n;

describe('times (specification 10.3)', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 0n],
    ['1969-12-31T23:59:59.999999999Z', -1n],
    ['2024-01-02T03:04:05.5Z', 1_704_164_645_500_000_000n],
    ['2024-02-29T12:00:00.123456789Z', 1_709_208_000_123_456_789n],
    ['2000-02-29T00:00:00Z', 951_782_400n * second],
    ['0000-01-01T00:00:00Z', -62_167_219_200n * second],
    ['0001-01-01T00:00:00Z', -62_135_596_800n * second],
    ['9999-12-31T23:59:59.999999999Z', 253_402_300_799n * second + 999_999_999n],
    ['2262-04-11T23:47:16.854775807Z', 9_223_372_036_854_775_807n],
  ])('%s is written and read', (text, instant) => {
    expect(formatTime(instant)).toBe(text);
    expect(parseTime(text)).toBe(instant);
  });

  it.each([
    ['2024-01-02T03:04:05.120Z', '2024-01-02T03:04:05.12Z'],
    ['2024-01-02T03:04:05.000Z', '2024-01-02T03:04:05Z'],
    ['2024-01-02T03:04:05+00:00', '2024-01-02T03:04:05Z'],
    ['2024-01-02T03:04:05-00:00', '2024-01-02T03:04:05Z'],
    ['2024-01-02T03:04:05.5+02:00', '2024-01-02T01:04:05.5Z'],
    ['2024-01-01T00:30:00+05:45', '2023-12-31T18:45:00Z'],
    ['2024-01-02T03:04:05-23:59', '2024-01-03T03:03:05Z'],
    ['2024-01-02T03:04:05.1234567891Z', '2024-01-02T03:04:05.123456789Z'],
  ])('%s is read as %s', (text, utc) => {
    expect(formatTime(parseTime(text) ?? 0n)).toBe(utc);
  });

  it.each([
    '',
    '2024-01-02',
    '2024-01-02t03:04:05Z',
    '2024-01-02T03:04:05z',
    '2024-01-02 03:04:05Z',
    '2024-01-02T03:04:60Z',
    '2024-01-02T24:00:00Z',
    '2024-13-02T03:04:05Z',
    '2024-00-02T03:04:05Z',
    '2024-01-00T03:04:05Z',
    '2023-02-29T03:04:05Z',
    '1900-02-29T03:04:05Z',
    '2024-04-31T03:04:05Z',
    '12024-01-02T03:04:05Z',
    '2024-01-02T03:04:05',
    '2024-01-02T03:04:05.Z',
    '2024-01-02T03:04:05,5Z',
    '2024-01-02T03:04:05+24:00',
    '2024-01-02T03:04:05+01:60',
    '2024-01-02T03:04:05+0100',
    '2024-01-02T03:04:05Z ',
    '2024-1-02T03:04:05Z',
    '2024/01/02T03:04:05Z',
  ])('refuses %j', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  it('moves instants outside the years 0000 to 9999 to the nearest', () => {
    expect(formatTime(-(2n ** 63n))).toBe('1677-09-21T00:12:43.145224192Z');
    expect(formatTime(-(2n ** 70n))).toBe('0000-01-01T00:00:00Z');
    expect(formatTime(2n ** 70n)).toBe('9999-12-31T23:59:59.999999999Z');
  });

  it('agrees with Date on every second it knows, and keeps nanoseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200, max: 253_402_300_799 }), fc.integer({ min: 0, max: 999_999_999 }), (seconds, rest) => {
        const instant = BigInt(seconds) * second + BigInt(rest);
        const text = formatTime(instant);
        expect(text.slice(0, 19)).toBe(new Date(seconds * 1000).toISOString().slice(0, 19));
        expect(parseTime(text)).toBe(instant);
        expect(parseTime(text.replace('Z', '+00:00'))).toBe(instant);
      }),
      { seed: 4, numRuns: 2000 },
    );
  });

  it('takes milliseconds of a clock', () => {
    expect(formatTime(instantFromMilliseconds(1_704_164_645_500.7))).toBe('2024-01-02T03:04:05.5Z');
  });
});
