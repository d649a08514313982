import { describe, expect, it } from 'vitest';
import { Announcer, restMs } from './announcer.ts';

function scene() {
  const said: string[] = [];
  const timers: (() => void)[] = [];
  const announcer = new Announcer({
    say: (text) => said.push(text),
    later: (ms, act) => {
      expect(ms).toBe(restMs);
      timers.push(act);
    },
    more: (count) => `and ${count} more`,
  });
  return { said, announcer, rest: () => timers.shift()?.(), timers };
}

describe('what a screen reader is told of jobs', () => {
  it('is said at once, then rests, and says what came meanwhile in one message', () => {
    const { said, announcer, rest, timers } = scene();
    announcer.tell('a', 'progress', 'A started');
    expect(said).toEqual(['A started']);
    announcer.tell('a', 'progress', 'A 25 percent');
    announcer.tell('b', 'progress', 'B started');
    expect(said).toHaveLength(1);
    rest();
    expect(said[1]).toBe('A 25 percent. B started');
    rest();
    expect(said).toHaveLength(2);
    expect(timers).toHaveLength(0);
    announcer.tell('b', 'progress', 'B 50 percent');
    expect(said[2]).toBe('B 50 percent');
  });

  it('of a job is only the newest; its end takes the place of a quarter', () => {
    const { said, announcer, rest } = scene();
    announcer.tell('x', 'progress', 'X started');
    announcer.tell('a', 'progress', 'A 50 percent');
    announcer.tell('a', 'ended', 'A is backed up');
    rest();
    expect(said[1]).toBe('A is backed up');
  });

  it('puts failures before ends and ends before the rest, and counts what is too much', () => {
    const { said, announcer, rest } = scene();
    announcer.tell('x', 'progress', 'X started');
    announcer.tell('a', 'progress', 'A 25 percent');
    announcer.tell('b', 'ended', 'B is backed up');
    announcer.tell('c', 'failed', 'C failed');
    announcer.tell('d', 'ended', 'D was cancelled');
    announcer.tell('e', 'progress', 'E 75 percent');
    rest();
    expect(said[1]).toBe('C failed. B is backed up. D was cancelled. and 2 more');
  });
});
