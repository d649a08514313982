/**
 * The failure behind whatever was thrown: core throws `Failure`s; a storage error and an error of the system are given the
 * nearest one.
 */
import { Failure } from '../../shared/errors.ts';
import { storageFailure } from './storage-failure.ts';

const stored = 'Everything stored earlier is unchanged';
const deepestCause = 4;

/** Undefined for anything that nobody foresaw: a defect of the program. */
export function failureOf(error: unknown): Failure | undefined {
  const failure = findFailure(error);
  if (failure !== undefined) return failure;
  const storage = storageFailure(error, 'in use');
  if (storage instanceof Failure) return storage;
  return isSystemError(error) ? fromSystemError(error) : undefined;
}

/** A failure may be wrapped: as the cause of another error, or among several. */
function findFailure(error: unknown, depth = 0): Failure | undefined {
  if (error instanceof Failure) return error;
  if (depth > deepestCause || !(error instanceof Error)) return undefined;
  if (error instanceof AggregateError) {
    for (const one of error.errors) {
      const found = findFailure(one, depth + 1);
      if (found !== undefined) return found;
    }
  }
  return findFailure(error.cause, depth + 1);
}

interface SystemError extends Error {
  readonly code: string;
  readonly path?: string;
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

function fromSystemError(error: SystemError): Failure {
  const place = error.path === undefined ? '' : ` ${error.path}`;
  const cause = { cause: error };
  switch (error.code) {
    case 'ENOENT':
      return new Failure('PATH_NOT_FOUND', { what: `There is no${place === '' ? ' such file' : place}`, next: 'Check the spelling of the path' }, cause);
    case 'EACCES':
    case 'EPERM':
      return new Failure('STORAGE_DENIED', { what: `No permission for${place === '' ? ' a file' : place}`, safe: stored, next: 'Run as a user who may, or change the permissions' }, cause);
    case 'ENOSPC':
    case 'EDQUOT':
      return new Failure('STORAGE_FULL', { what: `No space is left${place === '' ? '' : ` for${place}`}`, safe: stored, next: 'Free some space, then run the same command again' }, cause);
    default:
      return new Failure('STORAGE_FAILED', { what: `The system refused${place} (${error.message})`, safe: stored, next: 'See the reason; then run the same command again' }, cause);
  }
}
