/** What a failed request is answered: a status, and code, message and field; never a stack. */
import { invalidInput } from '../../shared/contract/check-input.ts';
import { Failure } from '../../shared/errors.ts';
import { Refusal } from '../operations/refusal.ts';

export interface FailureAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export function failureAnswer(failure: Failure): FailureAnswer {
  const { code, message, text, path, httpStatus } = failure;
  const more = failure instanceof Refusal ? failure.answer : {};
  return { status: httpStatus, body: { success: false, ...more, error: { code, message, parts: text, ...(path === undefined ? {} : { path }) } } };
}

/** The failure that stands for whatever was thrown while a request was read or answered; undefined for a defect of the program. */
export function expectedFailure(error: unknown): Failure | undefined {
  if (error instanceof Failure) return error.code === 'INTERNAL' ? undefined : error;
  const { code, statusCode } = typeof error === 'object' && error !== null ? (error as { code?: unknown; statusCode?: unknown }) : {};
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new Failure('BODY_TOO_LARGE', { what: 'The body is larger than 1 MiB', safe: 'Nothing was changed' }, { path: 'body' });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return invalidInput({ path: 'content-type', message: 'The body must be application/json' });
  // Everything else that the HTTP layer has against a request, such as a length that does not fit.
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) return invalidInput({ path: 'request', message: 'It is malformed' });
  return undefined;
}

export function internalFailure(traceId: string): Failure {
  return new Failure('INTERNAL', { what: `An unexpected error (trace ${traceId})`, next: 'The log of the agent says more under this trace; please report it' });
}
