import { describe, expect, it } from 'vitest';
import { setImmediate } from 'node:timers/promises';
import { mapConcurrently } from './concurrently.ts';

describe('mapConcurrently', () => {
  it('keeps the order and the limit', async () => {
    let running = 0;
    let most = 0;
    const results = await mapConcurrently([5, 1, 4, 2, 3], 2, async (turns) => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < turns; turn++) await setImmediate();
      running--;
      return turns * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(most).toBe(2);
    expect(await mapConcurrently([], 4, () => Promise.resolve(1))).toEqual([]);
  });

  it('starts nothing after a failure and waits for what runs', async () => {
    const ended: number[] = [];
    const started: number[] = [];
    const call = mapConcurrently([0, 1, 2, 3], 2, async (item) => {
      started.push(item);
      if (item === 0) throw new Error('broken');
      await setImmediate();
      ended.push(item);
    });
    await expect(call).rejects.toThrow('broken');
    expect(started).toEqual([0, 1]);
    expect(ended).toEqual([1]);
  });

  it('stops with the reason of an abort', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const call = mapConcurrently(
      [1, 2, 3],
      1,
      async (item) => {
        if (item === 2) controller.abort(reason);
        await setImmediate();
      },
      controller.signal,
    );
    await expect(call).rejects.toBe(reason);
  });
});
