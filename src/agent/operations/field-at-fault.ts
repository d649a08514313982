/** Names the field that a failure is about, where the part that failed does not know the request. */
import { Failure } from '../../shared/errors.ts';
import type { FailureCode } from '../../shared/errors.ts';
import { Refusal } from './refusal.ts';

/** Fields by code; the first that the input has is at fault. */
const fields: Readonly<Partial<Record<FailureCode, readonly string[]>>> = {
  JOB_NOT_FOUND: ['job_id', 'before'],
  JOB_OVER: ['job_id'],
  JOB_STATE: ['job_id'],
  REPOSITORY_NOT_FOUND: ['repository_id'],
  REPOSITORY_IN_USE: ['repository_id'],
  PLAN_NOT_FOUND: ['plan_id'],
  PARTIAL_NOT_FOUND: ['partial_id'],
  TRACE_NOT_FOUND: ['trace_id'],
  MEASURE_NOT_FOUND: ['measure_id'],
  SNAPSHOT_NOT_FOUND: ['snapshot', 'snapshots'],
  SNAPSHOT_PINNED: ['snapshots'],
  PATH_NOT_FOUND: ['path'],
  PATH_UNREADABLE: ['path'],
  WRONG_PASSWORD: ['password'],
  REPOSITORY_MISSING: ['url'],
  REPOSITORY_EXISTS: ['url'],
  STORAGE_UNREACHABLE: ['url'],
  STORAGE_DENIED: ['url'],
  STORAGE_FAILED: ['url'],
  FINGERPRINT_CHANGED: ['certificate_fingerprint', 'url'],
};

/** The error with its field; as it is where that is known already, or where the input has none that fits. */
export function withFieldAtFault(error: unknown, input: Readonly<Record<string, unknown>>): unknown {
  if (!(error instanceof Failure) || error.path !== undefined) return error;
  const path = fields[error.code]?.find((field) => input[field] !== undefined);
  if (path === undefined) return error;
  const named = new Failure(error.code, error.text, { cause: error, path });
  return error instanceof Refusal ? new Refusal(named, error.answer) : named;
}
