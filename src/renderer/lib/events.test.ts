import { describe, expect, it } from 'vitest';
import { progressNews } from './events.ts';
import { testJob } from './testing/test-job.ts';

const queued = testJob({ job_id: 'a', state: 'queued', phase: 'QUEUED' });
const at = (progress: number) => testJob({ job_id: 'a', progress });

describe('news of a job that runs', () => {
  it('is its start, once', () => {
    expect(progressNews(queued, at(0))).toBe('started');
    expect(progressNews(undefined, at(3))).toBe('started');
    expect(progressNews(at(0), at(3))).toBeUndefined();
  });

  it('is each quarter, once, and not its end', () => {
    expect(progressNews(at(24.9), at(25))).toBe('quarter');
    expect(progressNews(at(25), at(49.9))).toBeUndefined();
    expect(progressNews(at(20), at(80))).toBe('quarter');
    expect(progressNews(at(99), at(100))).toBeUndefined();
  });

  it('is nothing for a job that goes on, waits or is over', () => {
    expect(progressNews({ ...queued, state: 'paused', phase: 'PAUSED' }, at(60))).toBeUndefined();
    expect(progressNews(at(10), { ...at(30), state: 'paused', phase: 'PAUSED' })).toBeUndefined();
    expect(progressNews(at(99), { ...at(100), state: 'done', phase: 'COMPLETED' })).toBeUndefined();
  });
});
