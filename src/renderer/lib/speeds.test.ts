import { expect, it } from 'vitest';
import { rememberSpeeds, speedsOf } from './speeds.ts';
import { testJob } from './testing/test-job.ts';

const at = (speed: number) => testJob({ job_id: 'a', stages: { upload: { bytes_per_second: speed, busy: 1 }, read: { bytes_per_second: 9, busy: 1 } } });

it('keeps five minutes, a sample a second, and forgets a job that does not run', () => {
  rememberSpeeds([at(1)], 1000);
  rememberSpeeds([at(2)], 1500);
  rememberSpeeds([at(3)], 2000);
  expect(speedsOf('a')).toEqual([{ at: 1000, bytesPerSecond: 1 }, { at: 2000, bytesPerSecond: 3 }]);
  rememberSpeeds([at(4)], 301_500);
  expect(speedsOf('a').map(({ bytesPerSecond }) => bytesPerSecond)).toEqual([3, 4]);
  rememberSpeeds([testJob({ job_id: 'a', state: 'waiting' })], 302_000);
  expect(speedsOf('a')).toEqual([]);
});
