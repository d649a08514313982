import { expect, it } from 'vitest';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { DueTimer } from './due-timer.ts';

it('calls once, at the latest time that was set, however far', async () => {
  const clock = new FakeClock();
  const calls: number[] = [];
  const timer = new DueTimer(clock, () => calls.push(clock.monotonic()));
  timer.set(clock.now() + 1000);
  timer.set(clock.now() + 40 * 86_400_000);
  await clock.advance(2000);
  expect(calls).toEqual([]);
  timer.set(clock.now() + 150_000);
  await clock.advance(1_000_000);
  expect(calls).toEqual([152_000]);
  timer.set(clock.now() - 5);
  await clock.advance(0);
  expect(calls).toEqual([152_000, 1_002_000]);
  timer.set(clock.now() + 5);
  await timer.close();
  expect(clock.sleeping).toBe(0);
  await clock.advance(10);
  expect(calls).toHaveLength(2);
});
