import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { idleProcesses } from '../../../test/support/idle-processes.ts';
import { systemClock } from './clock.ts';
import { processStart } from './process-start.ts';

const startChild = idleProcesses();

describe.skipIf(process.platform === 'win32')('processStart', () => {
  it('stays the same while a process lives, and is unknown when it is gone', async () => {
    const child = await startChild();
    const start = processStart(child.pid);
    expect(start).toMatch(/\d/);
    expect(processStart(child.pid)).toBe(start);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(processStart(child.pid)).toBeUndefined();
  });

  it('differs between processes that did not start together', async () => {
    const first = await startChild();
    // The coarsest of the systems counts seconds, Linux hundredths.
    await systemClock.sleep(process.platform === 'linux' ? 50 : 1100);
    const second = await startChild();
    expect(processStart(first.pid)).not.toBe(processStart(second.pid));
  });
});

describe('processStart', () => {
  it('does not know what is no process id', () => {
    for (const pid of [0, -1, 0.5, Number.NaN, 2 ** 40]) expect(processStart(pid)).toBeUndefined();
  });

  it.runIf(process.platform === 'win32')('is unknown on Windows', () => {
    expect(processStart(process.pid)).toBeUndefined();
  });
});
