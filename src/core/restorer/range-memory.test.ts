import { expect, it } from 'vitest';
import { loadAddon } from '../native/load-addon.ts';
import { RangeMemory } from './range-memory.ts';
import { maxRange } from './write-plan.ts';

it('hands out the same memory again, and gives that of large ranges back with the next', () => {
  const memory = new RangeMemory(loadAddon());
  const first = memory.take(1000);
  const whole = memory.take(maxRange);
  expect([first.length, whole.length]).toEqual([1000, maxRange]);
  expect(whole.buffer).toBe(first.buffer);
  const large = memory.take(maxRange + 1);
  expect(large.length).toBe(maxRange + 1);
  expect(large.buffer).not.toBe(first.buffer);
  const larger = memory.take(maxRange + 2);
  expect([large.length, larger.length]).toEqual([0, maxRange + 2]);
  expect(memory.take(5).buffer).toBe(first.buffer);
  expect(larger.length).toBe(0);
});
