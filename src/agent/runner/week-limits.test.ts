import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../core/platform/logger.ts';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { settings as settingsSchema } from '../../shared/contract/schemas/settings.ts';
import type { Settings } from '../../shared/contract/schemas/settings.ts';
import { newRunner } from './testing/test-runner.ts';
import { limitsAt, pausedStretchEnd } from './week-limits.ts';
import { WeekWatch } from './week-watch.ts';

/** Hours of a day for each day from Monday on. */
const week = (...days: readonly string[]): string => days.map((day) => day.padEnd(24, '0')).join('').padEnd(168, '0');
const withHours = (hours: string, more: Partial<Settings> = {}): Settings => settingsSchema.parse({ ...more, week_limits: { levels: [6000, 2000], hours } });
// Local times, whatever the zone of the machine: 1 January 2024 was a Monday.
const monday = (hour: number, minute = 0): Date => new Date(2024, 0, 1, hour, minute);

describe('limits by the hours of the week', () => {
  it('are those of the hour, or the fixed one where it is lower', () => {
    const settings = withHours(week('0120'));
    expect([0, 1, 2, 3].map((hour) => limitsAt(settings, monday(hour, 59)).uploadLimit)).toEqual([0, 6000, 2000, 0]);
    expect([0, 1, 2].map((hour) => limitsAt({ ...settings, upload_limit: 3000, download_limit: 7 }, monday(hour)))).toEqual([3000, 3000, 2000].map((uploadLimit) => ({ uploadLimit, downloadLimit: 7 })));
    expect(limitsAt(withHours('0'.repeat(167) + '1'), new Date(2024, 0, 7, 23, 30)).uploadLimit).toBe(6000);
  });

  it('know how long a pause lasts, over midnight and the end of the week', () => {
    const { week_limits: hours } = withHours(week('33').slice(0, 166) + '33');
    expect(pausedStretchEnd(hours, new Date(2024, 0, 7, 22, 15))).toBe(new Date(2024, 0, 8, 2).getTime());
    expect(pausedStretchEnd(hours, monday(2))).toBeUndefined();
    expect(pausedStretchEnd(withHours('3'.repeat(168)).week_limits, monday(5))).toBe(new Date(2024, 0, 8, 5).getTime());
  });

  it('reach workers that run, when settings change', async () => {
    const test = newRunner();
    await test.runner.start();
    const { worker } = await test.running();
    expect(worker.task).toMatchObject({ uploadLimit: 0, downloadLimit: 0 });
    test.settings = { ...test.settings, upload_limit: 500 };
    test.runner.settingsChanged();
    expect(worker.limits).toEqual([{ uploadLimit: 500, downloadLimit: 0 }]);
    await test.end();
  });
});

describe('the watch over the week', () => {
  interface Scene {
    readonly clock: FakeClock;
    readonly watch: WeekWatch;
    readonly said: string[];
    settings: Settings;
    pausedUntil: number | 'resumed' | null;
    end(): Promise<void>;
  }

  function scene(settings: Settings, start: Date): Scene {
    const clock = new FakeClock(start.getTime());
    const stop = new AbortController();
    const made: Omit<Scene, 'watch' | 'end'> = { clock, said: [], settings, pausedUntil: null };
    const watch = new WeekWatch({
      clock,
      logger: silentLogger,
      week: () => made.settings.week_limits,
      plansPausedUntil: () => made.pausedUntil,
      onLimits: () => void made.said.push('limits'),
      pauseAll: async (until) => {
        made.pausedUntil = until;
        made.said.push(`pause until ${new Date(until).getHours()}`);
      },
      resumeAll: async () => {
        made.pausedUntil = null;
        made.said.push('resume');
      },
    });
    const running = watch.run(stop.signal);
    return Object.assign(made, {
      watch,
      end: async () => {
        stop.abort(new Error('over'));
        await running;
      },
    });
  }

  it('tells of other limits at the full hour', async () => {
    const test = scene(withHours(week('0012')), monday(1, 58));
    await test.clock.advance(60_000);
    expect(test.said).toEqual([]);
    await test.clock.advance(60_000);
    expect(test.said).toEqual(['limits']);
    await test.clock.advance(3_600_000);
    expect(test.said).toEqual(['limits', 'limits']);
    await test.end();
  });

  it('pauses for the stretch once, and not what a person paused for longer', async () => {
    const test = scene(withHours(week('0330')), monday(0, 59));
    await test.clock.advance(60_000);
    expect(test.said).toEqual(['limits', 'pause until 3']);
    test.pausedUntil = null; // resumed by hand: that is respected
    await test.clock.advance(3_600_000);
    expect(test.said).toEqual(['limits', 'pause until 3']);
    await test.end();
    const held = scene(withHours(week('0330')), monday(0, 59));
    held.pausedUntil = 'resumed';
    await held.clock.advance(60_000);
    expect(held.said).toEqual(['limits']);
    await held.end();
  });

  it('ends its own pause when the hours are changed', async () => {
    const test = scene(withHours(week('33333')), monday(1));
    await test.clock.advance(1);
    expect(test.said).toEqual(['limits', 'pause until 5']);
    test.settings = withHours(week(''));
    await test.watch.look();
    expect(test.said.slice(2)).toEqual(['limits', 'resume']);
    await test.end();
  });
});
