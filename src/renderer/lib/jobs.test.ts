import { describe, expect, it } from 'vitest';
import type { Job } from '../../shared/contract/schemas/job.ts';
import { changed, foldActive, foldFinished } from './jobs.ts';
import type { JobChange, JobChanges } from './jobs.ts';
import { testJob } from './testing/test-job.ts';

const changes = (...jobs: readonly Job[]): JobChanges => new Map(jobs.map((job): [string, JobChange] => [job.job_id, { kind: 'job', job }]));
const cancelled = (id: string): JobChanges => new Map([[id, { kind: 'cancelled', reason: 'later', at: '2026-11-19T11:00:00.000Z' } as const]]);
const a = testJob({ job_id: 'a' });
const b = testJob({ job_id: 'b' });

describe('folding of job events', () => {
  it('keeps the objects of jobs that did not change', () => {
    const next = foldActive([a, b], changes(testJob({ job_id: 'b', progress: 5 })));
    expect(next[0]).toBe(a);
    expect(next[1]?.progress).toBe(5);
    const list = [a, b];
    expect(foldActive(list, new Map())).toBe(list);
  });

  it('new jobs stand first, ended ones leave', () => {
    expect(foldActive([a], changes(b)).map((job) => job.job_id)).toEqual(['b', 'a']);
    expect(foldActive([a, b], changes(testJob({ job_id: 'a', state: 'done', phase: 'COMPLETED' })))).toEqual([b]);
    expect(foldActive([a, b], cancelled('b'))).toEqual([a]);
  });

  it('progress never goes back within an attempt', () => {
    const before = testJob({ job_id: 'a', progress: 40 });
    expect(changed(before, { kind: 'job', job: testJob({ job_id: 'a', progress: 30 }) })?.progress).toBe(40);
    expect(changed(before, { kind: 'job', job: testJob({ job_id: 'a', progress: 0, attempt: 2 }) })?.progress).toBe(0);
  });

  it('an ended job comes to the front of the first page, once', () => {
    const old = testJob({ job_id: 'old', state: 'done', phase: 'COMPLETED' });
    const pages = { pages: [[old], []], pageParams: [undefined, 'old'] };
    const ended = changes(testJob({ job_id: 'a', state: 'done', phase: 'FAILED' }));
    const once = foldFinished(pages, ended, [a]);
    expect(once.pages[0]?.map((job) => job.job_id)).toEqual(['a', 'old']);
    expect(foldFinished(once, ended, []).pages[0]).toHaveLength(2);
    expect(foldFinished(pages, new Map(), [a])).toBe(pages);
  });

  it('a cancelled job takes its reason along, and one that is tried again leaves', () => {
    const empty = { pages: [[]], pageParams: [undefined] };
    const folded = foldFinished(empty, cancelled('a'), [a]);
    expect(folded.pages[0]?.[0]).toMatchObject({ job_id: 'a', state: 'done', phase: 'CANCELLED', cancel_reason: 'later' });
    expect(foldFinished(folded, changes(testJob({ job_id: 'a', state: 'queued', phase: 'QUEUED' })), []).pages[0]).toEqual([]);
  });
});
