import { describe, expect, it } from 'vitest';
import { parseUntil } from './parse-until.ts';

// Local times: whatever the time zone of the machine.
const now = new Date(2026, 10, 27, 14, 30).getTime();
const local = (...parts: [number, number, number, number, number]): number => new Date(...parts).getTime();

describe('a time to come', () => {
  it.each([
    ['45m', now + 45 * 60_000],
    ['2h', now + 2 * 3_600_000],
    ['3d', now + 3 * 86_400_000],
    ['21:30', local(2026, 10, 27, 21, 30)],
    ['9:05', local(2026, 10, 28, 9, 5)],
    ['14:30', local(2026, 10, 28, 14, 30)],
    ['2026-11-30', local(2026, 10, 30, 0, 0)],
    ['2026-11-30T08:00', local(2026, 10, 30, 8, 0)],
    ['2026-11-30T08:00Z', Date.UTC(2026, 10, 30, 8, 0)],
  ])('%s', (text, time) => {
    expect(parseUntil(text, now)).toBe(time);
  });

  it.each(['', '25:00', '2', 'tomorrow', '-2h', '0m', '2026-11-27', '2026-13-01', '2h30', '1e3m'])('%j is none', (text) => {
    expect(() => parseUntil(text, now)).toThrow(/is expected/);
  });
});
