import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { idleProcesses } from '../../../test/support/idle-processes.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import { processStart } from '../../core/platform/process-start.ts';
import { endLeftoverWorkers } from './leftover-workers.ts';

const startChild = idleProcesses();

/** Lets a fake clock run until the promise is settled. */
async function running<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const watched = promise.finally(() => ended.abort());
  while (!ended.signal.aborted) {
    await clock.advance(50);
    await systemClock.sleep(1);
  }
  return watched;
}

describe.skipIf(process.platform === 'win32')('endLeftoverWorkers', () => {
  it.each([
    ['that listens', false, 'SIGTERM'],
    ['that does not listen', true, 'SIGKILL'],
  ] as const)('ends a worker %s', async (_, stubborn, expected) => {
    const child = await startChild({ stubborn });
    const exit = once(child, 'exit');
    const clock = new FakeClock();
    await running(clock, endLeftoverWorkers([{ id: 'job', workerPid: child.pid, workerStart: processStart(child.pid) ?? '' }], clock, silentLogger));
    expect(await exit).toEqual([null, expected]);
    expect(processStart(child.pid)).toBeUndefined();
  });

  it('leaves alone a process that has the id of an old worker', async () => {
    const child = await startChild();
    const clock = new FakeClock();
    await endLeftoverWorkers([{ id: 'job', workerPid: child.pid, workerStart: 'another time' }], clock, silentLogger);
    expect(clock.monotonic()).toBe(0);
    await running(clock, endLeftoverWorkers([{ id: 'job', workerPid: child.pid, workerStart: null }], clock, silentLogger));
    expect(clock.monotonic()).toBeGreaterThanOrEqual(15_000);
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
  });
});

it('has nothing to wait for where no worker was recorded', async () => {
  await endLeftoverWorkers([{ id: 'job', workerPid: null, workerStart: null }], new FakeClock(), silentLogger);
});
