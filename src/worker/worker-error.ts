/** What the agent is told of an attempt that failed, and whether another one may help (interfaces, section 5). */
import { failureOf } from '../core/storage/failure-of.ts';
import { StorageError } from '../core/storage/object-store.ts';
import type { StorageErrorKind } from '../core/storage/object-store.ts';
import { withoutCredentials } from '../core/storage/store-url.ts';
import { Failure } from '../shared/errors.ts';
import type { FailureCode, FailureText } from '../shared/errors.ts';
import type { WorkerError } from '../shared/worker-protocol.ts';

const retryableCodes: ReadonlySet<FailureCode> = new Set<FailureCode>(['STORAGE_UNREACHABLE', 'REPOSITORY_LOCKED', 'LOCK_LOST']);
const retryableKinds: ReadonlySet<StorageErrorKind> = new Set<StorageErrorKind>(['unreachable', 'temporary', 'mismatch']);

export function workerError(error: unknown): WorkerError {
  const failure = failureOf(error) ?? defect(error);
  const storage = storageErrorIn(failure);
  return {
    code: failure.code,
    message: withoutCredentials(failure.message),
    parts: partsOf(failure.text),
    retryable: retryableCodes.has(failure.code) || (failure.code === 'STORAGE_FAILED' && storage !== undefined && retryableKinds.has(storage.kind)),
    ...(storage?.retryAfter === undefined ? {} : { retryAfter: storage.retryAfter }),
  };
}

function partsOf({ what, safe, next }: FailureText): FailureText {
  return { what: withoutCredentials(what), ...(safe === undefined ? {} : { safe: withoutCredentials(safe) }), ...(next === undefined ? {} : { next: withoutCredentials(next) }) };
}

function defect(error: unknown): Failure {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Failure('INTERNAL', { what: `An unexpected error in the worker: ${message}`, safe: 'Everything stored earlier is unchanged', next: 'Report it with the log of the agent' }, { cause: error });
}

/** A failure of storage keeps what it was made from as its cause. */
function storageErrorIn(failure: Failure): StorageError | undefined {
  return failure.cause instanceof StorageError ? failure.cause : undefined;
}
