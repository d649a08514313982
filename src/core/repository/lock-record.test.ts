import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../platform/fake-clock.ts';
import { decodeLock, encodeLock, isStale, type LockRecord } from './lock-record.ts';
import { formatTime, instantFromMilliseconds } from './times.ts';

const minute = 60_000;

/** The id of a process that has ended. */
const deadPid = spawnSync(process.execPath, ['--version']).pid;

function record(clock: FakeClock, members: Partial<LockRecord> & { readonly age?: number } = {}): LockRecord {
  const { age = 0, ...rest } = members;
  return { time: formatTime(instantFromMilliseconds(clock.now() - age)), exclusive: false, hostname: 'elsewhere', username: 'u', pid: 1, uid: 0, gid: 0, ...rest };
}

describe('lock files (specification section 14)', () => {
  it('have restic’s members in restic’s order', () => {
    const lock: LockRecord = { time: '2024-01-02T03:04:05Z', exclusive: true, hostname: 'h', username: 'u', pid: 7, uid: 0, gid: 5 };
    expect(encodeLock(lock).toString()).toBe('{"time":"2024-01-02T03:04:05Z","exclusive":true,"hostname":"h","username":"u","pid":7,"gid":5}');
    expect(decodeLock(encodeLock(lock))).toEqual(lock);
  });

  it('are stale after 30 minutes, or when their process on this host is gone', () => {
    const clock = new FakeClock();
    const stale = (members: Parameters<typeof record>[1]): boolean => isStale(record(clock, members), clock.now());
    expect(stale({ age: 1801_000 })).toBe(true);
    expect(stale({ age: 1799_000 })).toBe(false);
    expect(stale({ age: -90 * minute })).toBe(false);
    expect(stale({ hostname: hostname(), pid: deadPid })).toBe(hostname() !== 'localhost');
    expect(stale({ hostname: hostname(), pid: process.pid })).toBe(false);
    expect(stale({ pid: deadPid })).toBe(false);
    expect(isStale(record(clock, { hostname: 'localhost', pid: deadPid }), clock.now(), 'localhost')).toBe(false);
    expect(isStale(record(clock, { hostname: 'box', pid: deadPid }), clock.now(), 'box')).toBe(true);
  });
});
