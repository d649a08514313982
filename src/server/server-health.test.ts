import { chmod, readdir, rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { unprivileged } from '../../test/support/rights.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { FakeClock } from '../core/platform/fake-clock.ts';
import { ServerHealth } from './server-health.ts';

const gibibyte = 1024 ** 3;
let folder: string;
let clock: FakeClock;
let free: () => Promise<number>;
let quota: number;
let health: ServerHealth;

beforeEach(async () => {
  folder = temporaryFolder('health');
  clock = new FakeClock();
  free = () => Promise.resolve(100 * gibibyte);
  quota = Number.POSITIVE_INFINITY;
  health = new ServerHealth({ folder, clock, freeSpace: () => free(), quotaRemaining: () => quota });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('is ok where writing works, and leaves nothing', async () => {
  expect(await health.report()).toEqual({ status: 'ok', canStore: true, problems: [] });
  expect(await readdir(folder)).toEqual([]);
});

it.each([
  ['a full disk', () => Promise.resolve(0), { status: 'degraded', canStore: false, problems: ['no-space'] }],
  ['a nearly full disk', () => Promise.resolve(gibibyte / 2), { status: 'degraded', canStore: true, problems: ['little-space'] }],
  ['a drive that is gone', () => Promise.reject(Object.assign(new Error(), { code: 'EIO' })), { status: 'degraded', canStore: false, problems: ['not-writable'] }],
])('says what is wrong: %s', async (_, source, report) => {
  free = source;
  expect(await health.report()).toEqual(report);
});

it('cannot store without quota, or without the folder', async () => {
  quota = 0;
  expect(await health.report()).toMatchObject({ canStore: false, problems: ['quota-used-up'] });
  quota = 1;
  await clock.advance(6000);
  await rm(folder, { recursive: true });
  expect(await health.report()).toMatchObject({ canStore: false, problems: ['not-writable'] });
});

it.runIf(process.platform !== 'win32')('cannot store in a folder that may not be written', async () => {
  await chmod(folder, 0o777);
  expect(await unprivileged(() => health.report())).toMatchObject({ canStore: true });
  await clock.advance(6000);
  await chmod(folder, 0o555);
  expect(await unprivileged(() => health.report())).toMatchObject({ canStore: false, problems: ['not-writable'] });
});

it('answers while the disk hangs, and asks it only once', async () => {
  let asked = 0;
  const disk = Promise.withResolvers<number>();
  free = () => {
    asked += 1;
    return disk.promise;
  };
  const answers = Promise.all([health.report(), health.report()]);
  await clock.advance(800);
  expect((await answers)[0]).toMatchObject({ canStore: false, problems: ['storage-slow'] });
  expect(asked).toBe(1);
  disk.resolve(100 * gibibyte);
  expect(await health.report()).toMatchObject({ status: 'ok' });
});

it('keeps an answer for some seconds', async () => {
  await health.report();
  free = () => Promise.resolve(0);
  expect((await health.report()).status).toBe('ok');
  await clock.advance(5000);
  expect((await health.report()).status).toBe('degraded');
});
