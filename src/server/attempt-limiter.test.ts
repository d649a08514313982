import { beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../core/platform/fake-clock.ts';
import { AttemptLimiter } from './attempt-limiter.ts';

let clock: FakeClock;
let limiter: AttemptLimiter;

beforeEach(() => {
  clock = new FakeClock();
  limiter = new AttemptLimiter(clock, { burst: 3, refillMs: 1000, maximumAddresses: 100 });
});

function fail(address: string, times: number): void {
  for (let time = 0; time < times; time++) limiter.take(address);
}

it('stops an address after its burst, and gives one attempt back each second', async () => {
  fail('192.0.2.1', 2);
  expect(limiter.waitMs('192.0.2.1')).toBe(0);
  fail('192.0.2.1', 1);
  expect(limiter.waitMs('192.0.2.1')).toBe(1000);
  await clock.advance(400);
  expect(limiter.waitMs('192.0.2.1')).toBe(600);
  await clock.advance(600);
  expect(limiter.waitMs('192.0.2.1')).toBe(0);
  fail('192.0.2.1', 1);
  expect(limiter.waitMs('192.0.2.1')).toBe(1000);
  await clock.advance(60_000);
  fail('192.0.2.1', 2);
  expect(limiter.waitMs('192.0.2.1')).toBe(0);
});

it('never costs another address anything', () => {
  fail('192.0.2.1', 50);
  expect([limiter.waitMs('192.0.2.2'), limiter.waitMs('::1'), limiter.waitMs('2001:db8::1')]).toEqual([0, 0, 0]);
});

it('counts an IPv6 customer as one, whatever the address', () => {
  fail('2001:db8:1:2::1', 2);
  fail('2001:db8:1:2:ffff::7', 1);
  expect(limiter.waitMs('2001:db8:1:2:3:4:5:6')).toBeGreaterThan(0);
  expect(limiter.waitMs('2001:db8:1:3::1')).toBe(0);
  fail('::ffff:192.0.2.9', 3);
  expect(limiter.waitMs('::ffff:192.0.2.10')).toBe(0);
});

it('does not count what was right', () => {
  for (let time = 0; time < 20; time++) {
    limiter.take('192.0.2.1');
    limiter.giveBack('192.0.2.1');
  }
  expect(limiter.waitMs('192.0.2.1')).toBe(0);
});

it('forgets those that were quiet longest', () => {
  fail('192.0.2.1', 3);
  for (let number = 0; number < 100; number++) fail(`198.51.100.${number}`, 1);
  expect(limiter.waitMs('192.0.2.1')).toBe(0);
});
