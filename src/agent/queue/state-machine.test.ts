import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JobState } from '../../shared/contract/schemas/job.ts';
import { nextStateOf, phasesOf, transitions } from '../../shared/job-states.ts';
import type { JobTransition } from '../../shared/job-states.ts';
import { Failure } from '../../shared/errors.ts';
import type { JobRecord } from './job-record.ts';
import type { JobQueue } from './queue-port.ts';
import { sampleJob, sampleProgress } from './testing/sample-jobs.ts';
import { newQueue } from './testing/test-queue.ts';

/** A call on one of the jobs, and how a change of it must have come about. */
interface Step {
  readonly name: string;
  readonly job: number;
  readonly number: number;
}

const failed = { code: 'WORKER_CRASHED', message: 'crashed' } as const;
const done = { phase: 'PARTIAL', snapshotId: null, summary: {}, message: '' } as const;
const limits = { total: 3, perRepository: 1 };
/** Calls that are about no job in particular: there is nothing to refuse. */
const neverRefused = ['enqueue', 'claim', 'claimAgain', 'resumeDue', 'recover', 'trim', 'cancelIdle', 'pauseIdle', 'resumeMany'];

type Call = (queue: JobQueue, id: string, step: Step, now: number) => unknown;
const calls: Record<string, Call> = {
  enqueue: (queue, _, { number }) => queue.enqueue({ ...sampleJob, repositoryId: `r${number % 3}`, priority: number % 4 }),
  claim: (queue) => queue.claim(limits),
  claimAgain: (queue) => queue.claim(limits),
  workerStarted: (queue, id) => queue.workerStarted(id, 1, undefined),
  checkpoint: (queue, id, { number }) => queue.checkpoint(id, { ...sampleProgress, percent: number }),
  complete: (queue, id) => queue.complete(id, done),
  fail: (queue, id) => queue.fail(id, failed, null),
  postpone: (queue, id, { number }, now) => queue.fail(id, failed, now + number),
  cancel: (queue, id) => queue.cancel(id, 'why'),
  cancelIdle: (queue, id) => queue.cancelIdle([id, 'nobody'], () => 'all'),
  cancelled: (queue, id) => queue.cancelled(id),
  pause: (queue, id, { number }, now) => queue.pause(id, number % 2 === 0 ? null : now + number),
  pauseIdle: (queue, id, { number }, now) => queue.pauseIdle([id], number % 2 === 0 ? null : now + number),
  resume: (queue, id) => queue.resume(id),
  resumeMany: (queue, id) => queue.resumeMany([id]),
  resumeDue: (queue) => queue.resumeDue(),
  retry: (queue, id) => queue.retry(id),
  remove: (queue, id) => queue.remove(id),
  recover: (queue) => queue.recover(),
  trim: (queue, _, { number }) => queue.trimHistory({ olderThan: 0, keep: 5 + number }),
};

const allowed = (before: JobRecord, after: JobRecord): boolean =>
  (Object.keys(transitions) as JobTransition[]).some((transition) => nextStateOf(before, transition) === after.state) ||
  // A CANCELLING job that is recovered: its worker is gone, so it has stopped.
  (before.phase === 'CANCELLING' && after.phase === 'CANCELLED');

function check(before: Map<string, JobRecord>, after: Map<string, JobRecord>, step: Step): void {
  const running: Record<string, number> = {};
  for (const [id, job] of after) {
    const earlier = before.get(id);
    if (earlier === undefined) expect([step.name, job.state]).toEqual(['enqueue', 'queued']);
    else if (earlier.state !== job.state) expect(allowed(earlier, job), `${step.name}: ${earlier.phase} to ${job.phase}`).toBe(true);
    expect(phasesOf[job.state]).toContain(job.phase);
    expect(job.attempts.length).toBeLessThanOrEqual(20);
    expect(job.attempts.filter((attempt) => attempt.finished_at === null)).toHaveLength(job.state === 'running' ? 1 : 0);
    // A claim begins an attempt, nothing else does, and never under one that is not over.
    if (earlier !== undefined && job.attempt !== earlier.attempt) expect([step.name.startsWith('claim'), earlier.state !== 'running', job.attempt - earlier.attempt]).toEqual([true, true, 1]);
    expect(job.finishedAt === null).toBe(job.state !== 'done');
    expect(job.nextAttemptAt === null).toBe(job.state !== 'waiting');
    if (job.state !== 'paused') expect(job.pausedUntil).toBeNull();
    if (job.state === 'running') running[job.repositoryId] = (running[job.repositoryId] ?? 0) + 1;
  }
  for (const [id, job] of before) if (!after.has(id)) expect(job.state).toBe('done');
  expect(Object.values(running).reduce((sum, jobs) => sum + jobs, 0)).toBeLessThanOrEqual(limits.total);
  expect(Math.max(0, ...Object.values(running))).toBeLessThanOrEqual(limits.perRepository);
}

it('no sequence of calls leaves the state machine, runs a job twice at once, or exceeds a limit', async () => {
  const steps = fc.array(fc.record<Step>({ name: fc.constantFrom(...Object.keys(calls)), job: fc.nat(7), number: fc.nat(40) }), { minLength: 20, maxLength: 80 });
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const test = newQueue();
      const { queue, clock } = test;
      try {
        queue.together(() => [0, 1, 2, 3].map((number) => queue.enqueue({ ...sampleJob, repositoryId: `r${number % 3}` })));
        const all = (): Map<string, JobRecord> => new Map(queue.list({ limit: 1000 }).map((job) => [job.id, job]));
        let before = all();
        for (const step of sequence) {
          const ids = [...before.keys()];
          const id = ids[step.job % Math.max(1, ids.length)] ?? 'none';
          let refused = false;
          try {
            calls[step.name]?.(queue, id, step, clock.now());
          } catch (error) {
            if (!(error instanceof Failure) || !['JOB_NOT_FOUND', 'JOB_OVER', 'JOB_STATE'].includes(error.code)) throw error;
            refused = true;
          }
          const after = all();
          if (refused) expect([after, neverRefused.includes(step.name)]).toEqual([before, false]);
          else check(before, after, step);
          for (const [key, job] of after) if (before.get(key)?.phase !== job.phase) seen.add(`${before.get(key)?.phase ?? 'new'}>${job.phase}`);
          const counted: Record<JobState, number> = { queued: 0, running: 0, paused: 0, waiting: 0, done: 0 };
          for (const job of after.values()) counted[job.state]++;
          expect(queue.counts()).toEqual(counted);
          before = after;
          await clock.advance(step.number % 5);
        }
      } finally {
        test.close();
      }
    }),
    { numRuns: 40 },
  );
  // The sequences went through the machine, not around it.
  expect(seen.size).toBeGreaterThan(15);
});
