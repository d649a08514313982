import { expect, it } from 'vitest';
import { delayOfRetry } from './retry-policy.ts';

const unreachable = { code: 'STORAGE_UNREACHABLE', message: '', retryable: true } as const;

it('R3: doubles from half a second to a quarter of an hour, until the attempts are used up', () => {
  expect([0, 1, 2, 10, 11, 40].map((failures) => delayOfRetry({ failures, maxAttempts: 100 }, unreachable, 0.5))).toEqual([500, 1000, 2000, 512_000, 900_000, 900_000]);
  expect([0, 1].map((random) => delayOfRetry({ failures: 2, maxAttempts: 100 }, unreachable, random))).toEqual([1500, 2500]);
  expect(delayOfRetry({ failures: 8, maxAttempts: 10 }, unreachable, 0.5)).toBe(128_000);
  expect(delayOfRetry({ failures: 9, maxAttempts: 10 }, unreachable, 0.5)).toBeNull();
  expect(delayOfRetry({ failures: 0, maxAttempts: 1 }, unreachable, 0.5)).toBeNull();
});

it('waits as long as it is asked to', () => {
  expect(delayOfRetry({ failures: 0, maxAttempts: 3 }, { ...unreachable, retryAfter: 3_600_000 }, 0.5)).toBe(3_600_000);
});

it('tries nothing again that would fail again, and every worker that was lost', () => {
  expect(delayOfRetry({ failures: 0, maxAttempts: 3 }, { code: 'WRONG_PASSWORD', message: '', retryable: false }, 0.5)).toBeNull();
  for (const code of ['WORKER_CRASHED', 'WORKER_HUNG', 'WORKER_OUT_OF_MEMORY'] as const) expect(delayOfRetry({ failures: 0, maxAttempts: 3 }, { code, message: '', retryable: false }, 0.5)).toBe(500);
});
