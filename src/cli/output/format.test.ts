import { describe, expect, it } from 'vitest';
import { formatBytes, formatBytesOf, formatCount, formatCounted, formatDuration, formatSpeed, formatTime, formatTimeLeft } from './format.ts';

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [1536, '1.54 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [54_100_000_000, '54.1 GB'],
    [1_234_000_000_000, '1.234 TB'],
    [2 ** 53, '9.007 PB'],
  ])('%d bytes read as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('takes sizes beyond the exact numbers', () => {
    expect(formatBytes(18_446_744_073_709_551_615n)).toBe('18.45 EB');
  });

  it('writes a part in the unit of the whole, and never more than the whole', () => {
    expect(formatBytesOf(54_100_000, 93_200_000_000)).toBe('0.05 of 93.2 GB');
    expect(formatBytesOf(200, 100)).toBe('100 of 100 B');
  });

  it('writes a speed', () => {
    expect(formatSpeed(62_400_000.4)).toBe('62.4 MB/s');
    expect(formatSpeed(-5)).toBe('0 B/s');
  });
});

describe('counts', () => {
  it('groups thousands', () => {
    expect(formatCount(1_121_406)).toBe('1,121,406');
    expect(formatCount(-1234)).toBe('-1,234');
    expect(formatCount(12n)).toBe('12');
  });

  it('puts the noun in the right number', () => {
    expect(formatCounted(1, 'file')).toBe('1 file');
    expect(formatCounted(0, 'file')).toBe('0 files');
    expect(formatCounted(2, 'entry', 'entries')).toBe('2 entries');
  });
});

describe('durations and times', () => {
  it.each([
    [0.004, '0.00 s'],
    [9.994, '9.99 s'],
    [9.996, '10.0 s'],
    [59.96, '1 min 00 s'],
    [245, '4 min 05 s'],
    [7620, '2 h 07 min'],
    [273_600, '3 d 4 h'],
  ])('%d seconds read as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it.each([
    [20, 59, 'under 1 min left'],
    [600, 740, '10–13 min left'],
    [600, 600, '10 min left'],
    [7000, 10_000, '1–3 h left'],
    [200_000, 300_000, '2–4 d left'],
  ])('between %d and %d seconds: %s', (fastest, slowest, text) => {
    expect(formatTimeLeft(fastest, slowest)).toBe(text);
  });

  it('shows what is no time as it is', () => {
    expect(formatTime('yesterday')).toBe('yesterday');
    expect(formatTime('2026-11-23T15:22:24.123456789Z')).toMatch(/^2026-11-2\d \d\d:\d\d:24$/);
  });
});
