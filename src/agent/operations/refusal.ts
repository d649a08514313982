/** A failure whose answer says more than code and message: fields beside `error`, as interfaces, section 3, has `phase`. */
import type { JobPhase } from '../../shared/contract/schemas/job.ts';
import { Failure } from '../../shared/errors.ts';

export class Refusal extends Failure {
  readonly answer: Readonly<Record<string, unknown>>;

  constructor(failure: Failure, answer: Readonly<Record<string, unknown>>) {
    super(failure.code, failure.text, { cause: failure, ...(failure.path === undefined ? {} : { path: failure.path }) });
    this.answer = answer;
  }
}

export function jobOver(id: string, phase: JobPhase): Refusal {
  return new Refusal(new Failure('JOB_OVER', { what: `The job ${id} is over already (${phase})`, safe: 'Nothing was changed' }), { phase });
}
