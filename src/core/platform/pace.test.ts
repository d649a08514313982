import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';

describe('pace', () => {
  it('is a range between the last ten seconds and the whole time', () => {
    const pace = new Pace(5000);
    for (let second = 1; second <= 30; second++) pace.note(5000 + second * 1000, second <= 20 ? second * 100 : 2000 + (second - 20) * 400);
    expect([pace.recent, pace.overall]).toEqual([400, 200]);
    expect(pace.timeLeft(1200)).toEqual({ seconds_remaining: 4, seconds_remaining_low: 3, seconds_remaining_high: 6 });
  });

  it('claims nothing too early, and nothing while nothing moves', () => {
    const pace = new Pace(0);
    pace.note(900, 500);
    expect(pace.timeLeft(100)).toBeUndefined();
    for (let at = 1000; at <= 12_000; at += 1000) pace.note(at, 500);
    expect(pace.recent).toBe(0);
    expect(pace.timeLeft(100)).toBeUndefined();
    expect(new Pace(0).overall).toBe(0);
  });
});
