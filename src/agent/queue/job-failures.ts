/** What callers get who ask for something that a job cannot do. */
import type { JobPhase } from '../../shared/contract/schemas/job.ts';
import { Failure } from '../../shared/errors.ts';

/** `JOB_OVER`, with the phase in which the job ended. */
export class JobOver extends Failure {
  readonly jobId: string;
  readonly phase: JobPhase;

  constructor(jobId: string, phase: JobPhase) {
    super('JOB_OVER', { what: `The job ${jobId} is over already (${phase})`, safe: 'Nothing was changed', next: 'Look at the job to see how it ended' });
    this.jobId = jobId;
    this.phase = phase;
  }
}

export function jobNotFound(id: string): Failure {
  return new Failure('JOB_NOT_FOUND', { what: `There is no job ${id}`, next: 'List the jobs to see their ids; old jobs are removed from the history' });
}

export function jobState(id: string, phase: JobPhase, asked: string): Failure {
  return new Failure('JOB_STATE', { what: `The job ${id} is ${phase} and cannot be ${asked} now`, safe: 'Nothing was changed', next: 'Look at the job, and try again when its phase has changed' });
}
