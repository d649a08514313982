import { describe, expect, it } from 'vitest';
import type { Addon } from '../native/addon.ts';
import { loadAddon } from '../native/load-addon.ts';
import { FakeClock } from '../platform/fake-clock.ts';
import { chooseParameters, parameterProblem } from './key-derivation.ts';

/** A machine on which one lane with N = 32768 takes `lane` milliseconds, and every other time `busy` more. */
function machine(lane: number, busy = 0): { addon: Addon; clock: FakeClock } {
  const clock = new FakeClock();
  let calls = 0;
  const addon: Addon = Object.assign(Object.create(loadAddon()) as Addon, {
    deriveKeySet: async (_password: Uint8Array, _salt: Uint8Array, N: number) => {
      await clock.advance((lane * N) / 32_768 + (calls++ % 2 === 0 ? busy : 0));
      return loadAddon().generateKeySet();
    },
  });
  return { addon, clock };
}

describe('choosing scrypt parameters', () => {
  it.each([
    [70, 0, { N: 32_768, r: 8, p: 7 }],
    [70, 5000, { N: 32_768, r: 8, p: 7 }],
    [50, 0, { N: 32_768, r: 8, p: 11 }],
    [10, 0, { N: 32_768, r: 8, p: 16 }],
    [400, 0, { N: 32_768, r: 8, p: 1 }],
    [1500, 0, { N: 8192, r: 8, p: 1 }],
    [1e9, 0, { N: 1024, r: 8, p: 1 }],
  ])('one lane in %d ms, at times busy for %d ms', async (lane, busy, expected) => {
    const { addon, clock } = machine(lane, busy);
    expect(await chooseParameters(addon, clock)).toEqual(expected);
  });
});

describe('parameters of a stored key', () => {
  it.each([
    [{ N: 2, r: 1, p: 1 }, true],
    [{ N: 32_768, r: 8, p: 9 }, true],
    [{ N: 65_536, r: 8, p: 1 }, true],
    [{ N: 2 ** 20, r: 8, p: 1 }, true],
    [{ N: 2 ** 21, r: 8, p: 1 }, false],
    [{ N: 2, r: 2 ** 30, p: 1 }, false],
    [{ N: 2, r: 1, p: 2 ** 30 }, false],
    [{ N: 2, r: 1, p: 2 ** 23 }, true],
    [{ N: 2, r: 2, p: 2 ** 23 }, false],
    [{ N: 1000, r: 8, p: 1 }, false],
    [{ N: 2 ** 53, r: 8, p: 1 }, false],
    [{ N: Number.NaN, r: 8, p: 1 }, false],
    [{ N: 2, r: Number.POSITIVE_INFINITY, p: 1 }, false],
  ])('%j may be used: %s', (parameters, allowed) => {
    expect(parameterProblem(parameters) === undefined).toBe(allowed);
  });
});
