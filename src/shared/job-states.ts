/**
 * The state machine of a job, written down once.
 *
 *     queued ──claim──▶ running ──succeed──▶ done (COMPLETED, PARTIAL)
 *       ▲  ▲              │ ├────fail, no attempt left──▶ done (FAILED)
 *       │  │              │ ├────fail──▶ waiting ──due──▶ running
 *       │  └──resume── paused ◀──pause──┤  (also from queued and waiting)
 *       │                 │ └────cancel──▶ running (CANCELLING) ──stopped──▶ done (CANCELLED)
 *       └──recover, retry─┘      (queued, waiting and paused jobs are CANCELLED at once)
 *
 * `recover`: the agent or the machine went down under a running job. `retry`: a person asks for a job again that waits, or
 * that failed or was cancelled.
 *
 * A running job shows WAITING_RETRY while its worker waits to try a storage operation again and nothing else moves; the
 * queue never holds it so.
 */
import type { JobPhase, JobState } from './contract/schemas/job.ts';
import { finalPhases } from './contract/schemas/job.ts';

export type JobTransition = 'claim' | 'succeed' | 'fail' | 'postpone' | 'cancel' | 'stopped' | 'pause' | 'resume' | 'recover' | 'retry';

/** Where a transition leads from each state that allows it. `cancel` of a running job keeps it running until `stopped`. */
export const transitions: Readonly<Record<JobTransition, Readonly<Partial<Record<JobState, JobState>>>>> = {
  claim: { queued: 'running', waiting: 'running' },
  succeed: { running: 'done' },
  fail: { running: 'done' },
  postpone: { running: 'waiting' },
  cancel: { queued: 'done', waiting: 'done', paused: 'done', running: 'running' },
  stopped: { running: 'done' },
  pause: { queued: 'paused', waiting: 'paused', running: 'paused' },
  resume: { paused: 'queued' },
  recover: { running: 'queued' },
  retry: { waiting: 'queued', done: 'queued' },
};

/** Phases that a job may have in each state. */
export const phasesOf: Readonly<Record<JobState, readonly JobPhase[]>> = {
  queued: ['QUEUED'],
  running: ['CONNECTING', 'SCANNING', 'TRANSFERRING', 'FINALIZING', 'VERIFYING', 'WAITING_RETRY', 'CANCELLING'],
  paused: ['PAUSED'],
  waiting: ['WAITING_RETRY'],
  done: finalPhases,
};

export function nextState(state: JobState, transition: JobTransition): JobState | undefined {
  return transitions[transition][state];
}

/** All that can happen to a running job whose phase is CANCELLING: its worker is gone, or was done before it heard of it. */
const afterCancel: readonly JobTransition[] = ['stopped', 'succeed'];

/** Like `nextState`, and a job that is being cancelled can only end; only such a job can be `stopped`. */
export function nextStateOf(job: { readonly state: JobState; readonly phase: JobPhase }, transition: JobTransition): JobState | undefined {
  const cancelling = job.phase === 'CANCELLING';
  if (cancelling ? !afterCancel.includes(transition) : transition === 'stopped') return undefined;
  return nextState(job.state, transition);
}

/** Whether a job in this state can still be cancelled. */
export function isCancelable(state: JobState, phase: JobPhase): boolean {
  return state !== 'done' && phase !== 'CANCELLING';
}
