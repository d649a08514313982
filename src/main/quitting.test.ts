import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../core/platform/logger.ts';
import { Quitting } from './quitting.ts';

function scene(jobs: number) {
  const done: string[] = [];
  const answers: ((quit: boolean) => void)[] = [];
  const stopping = Promise.withResolvers<void>();
  const quitting = new Quitting({
    logger: silentLogger,
    runningJobs: () => jobs,
    ask: (count) => {
      done.push(`ask ${count}`);
      return new Promise((resolve) => void answers.push(resolve));
    },
    stop: () => {
      done.push('stop');
      return stopping.promise;
    },
    exit: () => void done.push('exit'),
  });
  return { done, answers, stopping, quitting };
}

describe('quitting', () => {
  it('without running jobs stops the agent, then goes', async () => {
    const { done, quitting, stopping } = scene(0);
    void quitting.wish();
    await setImmediate();
    expect(done).toEqual(['stop']);
    expect(quitting.isLeaving).toBe(true);
    void quitting.wish();
    void quitting.leave();
    stopping.resolve();
    await setImmediate();
    expect(done).toEqual(['stop', 'exit']);
  });

  it('with running jobs asks once, and stays where that is the answer', async () => {
    const { done, quitting, answers } = scene(2);
    void quitting.wish();
    void quitting.wish();
    await setImmediate();
    answers[0]?.(false);
    await setImmediate();
    expect(done).toEqual(['ask 2']);
    expect(quitting.isLeaving).toBe(false);
    void quitting.wish();
    await setImmediate();
    expect(done).toEqual(['ask 2', 'ask 2']);
  });

  it('a signal while it asks ends it without an answer', async () => {
    const { done, quitting, answers, stopping } = scene(1);
    void quitting.wish();
    await setImmediate();
    void quitting.leave();
    stopping.resolve();
    await setImmediate();
    answers[0]?.(false);
    await setImmediate();
    expect(done).toEqual(['ask 1', 'stop', 'exit']);
    expect(quitting.isLeaving).toBe(true);
  });

  it('goes also where the agent could not be stopped in good order', async () => {
    const { done, quitting, stopping } = scene(0);
    stopping.reject(new Error('the disk is full'));
    await quitting.leave();
    expect(done).toEqual(['stop', 'exit']);
  });

  it('a question that cannot be shown leaves everything as it is', async () => {
    const quitting = new Quitting({ logger: silentLogger, runningJobs: () => 1, ask: () => Promise.reject(new Error('no display')), stop: () => Promise.resolve(), exit: () => undefined });
    await expect(quitting.wish()).rejects.toThrow('no display');
    expect(quitting.isLeaving).toBe(false);
  });
});
