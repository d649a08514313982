import { describe, expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { FakeClock } from './fake-clock.ts';

describe('FakeClock', () => {
  it('wakes sleepers in order, each at its own time', async () => {
    const clock = new FakeClock(1000);
    const woken: [string, number][] = [];
    const note = async (name: string, ms: number): Promise<void> => {
      await clock.sleep(ms);
      woken.push([name, clock.now()]);
    };
    const all = [note('late', 30), note('early', 10)];
    await clock.advance(5);
    expect(woken).toEqual([]);
    await clock.advance(50);
    await Promise.all(all);
    expect(woken).toEqual([
      ['early', 1010],
      ['late', 1030],
    ]);
    expect(clock.now()).toBe(1055);
    expect(clock.monotonic()).toBe(55);
  });

  it('wakes what a woken sleeper started', async () => {
    const clock = new FakeClock();
    let turns = 0;
    const loop = (async () => {
      while (turns < 3) {
        await clock.sleep(10);
        turns++;
      }
    })();
    await clock.advance(100);
    await loop;
    expect(turns).toBe(3);
  });

  it.each([['fake', new FakeClock()], ['system', systemClock]] as const)('%s: an abort ends the sleep with its reason', async (_, clock) => {
    const controller = new AbortController();
    const sleeping = clock.sleep(60_000, controller.signal);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(clock.sleep(1, controller.signal)).rejects.toBe(reason);
  });
});
