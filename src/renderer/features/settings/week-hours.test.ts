import { describe, expect, it } from 'vitest';
import { holdingNow, hoursOf, painted, stretchesOf } from './week-hours.ts';

const free = '0'.repeat(168);

describe('the hours of a week', () => {
  it('are painted in rectangles, from any corner', () => {
    const hours = painted(free, { day: 1, hour: 9 }, { day: 0, hour: 8 }, '2');
    expect([8, 9, 10, 32, 33, 34].map((at) => hours[at])).toEqual(['2', '2', '0', '2', '2', '0']);
    expect(painted(hours, { day: 0, hour: 0 }, { day: 6, hour: 23 }, '0')).toBe(free);
  });

  it('are stretches and back', () => {
    const stretches = [
      { day: 0, from: 0, to: 24, kind: '3' },
      { day: 2, from: 8, to: 18, kind: '1' },
      { day: 2, from: 18, to: 20, kind: '2' },
    ] as const;
    expect(stretchesOf(hoursOf(stretches))).toEqual(stretches);
    expect(stretchesOf(free)).toEqual([]);
  });

  it('know what holds and until when, over the end of the week', () => {
    // 7 January 2024 was a Sunday.
    const hours = hoursOf([{ day: 6, from: 20, to: 24, kind: '1' }, { day: 0, from: 0, to: 2, kind: '1' }]);
    expect(holdingNow(hours, new Date(2024, 0, 7, 21, 40))).toEqual({ kind: '1', until: new Date(2024, 0, 8, 2) });
    expect(holdingNow(hours, new Date(2024, 0, 8, 5))).toEqual({ kind: '0', until: new Date(2024, 0, 14, 20) });
    expect(holdingNow(free, new Date(2024, 0, 8))).toEqual({ kind: '0', until: undefined });
  });
});
