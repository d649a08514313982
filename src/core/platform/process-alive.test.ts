import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isProcessAlive } from './process-alive.ts';

describe('isProcessAlive', () => {
  it('tells living processes from dead ones', () => {
    const deadPid = spawnSync(process.execPath, ['--version']).pid;
    expect(isProcessAlive(process.pid)).toBe(true);
    expect(isProcessAlive(process.ppid)).toBe(true);
    expect(isProcessAlive(deadPid)).toBe(false);
    for (const pid of [0, -1, 0.5, Number.NaN]) expect(isProcessAlive(pid)).toBe(false);
  });
});
