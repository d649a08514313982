/**
 * Turns whatever was thrown into the one line that a person gets: `cyberbackup: <what>. <safe>. <next>.`
 *
 * Core throws `Failure`s; what else arrives (a storage error, a system error) is given the nearest one, and the rest is
 * a defect of the program and says so.
 */
import { storageFailure } from '../core/storage/storage-failure.ts';
import { Failure } from '../shared/errors.ts';
import { interruptedFailure } from './interrupt.ts';
import { visibleText } from './output/visible-text.ts';

const stored = 'Everything stored earlier is unchanged';

/** The failure that stands for a thrown value. An aborted signal's reason wins over what its abort caused. */
export function toFailure(error: unknown, signal?: AbortSignal): Failure {
  if (signal?.aborted === true) return signal.reason instanceof Failure ? signal.reason : interruptedFailure();
  const failure = findFailure(error);
  if (failure !== undefined) return failure;
  const storage = storageFailure(error, 'in use');
  if (storage instanceof Failure) return storage;
  if (isSystemError(error)) return fromSystemError(error);
  const message = error instanceof Error ? error.message : String(error);
  return new Failure(
    'INTERNAL',
    { what: `An unexpected error: ${message}`, safe: stored, next: 'Run the command again with --verbose to see where, and report it' },
    { cause: error },
  );
}

/** A failure may be wrapped: as the cause of another error, or among several. */
function findFailure(error: unknown, depth = 0): Failure | undefined {
  if (error instanceof Failure) return error;
  if (depth > 4 || !(error instanceof Error)) return undefined;
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
      return new Failure('STORAGE_FAILED', { what: `The system refused${place} (${error.message})`, safe: stored, next: 'Run the command again with --verbose to see where' }, cause);
  }
}

/** The line for standard error, without its end. One line, whatever the texts hold. */
export function failureLine(failure: Failure): string {
  const sentences = [failure.text.what, failure.text.safe, failure.text.next]
    .filter((text) => text !== undefined && text !== '')
    .map((text) => withStop(visibleText(String(text).replace(/\s*\n\s*/g, ' '))));
  return `cyberbackup: ${sentences.join(' ')}`;
}

function withStop(sentence: string): string {
  const bare = sentence.replace(/[.\s]+$/, '');
  return bare.endsWith('?') ? bare : `${bare}.`;
}

/** Stack of an error and of its causes, for `--verbose`. */
export function errorDetails(failure: Failure): string {
  const lines: string[] = [`code ${failure.code}`];
  for (let error: unknown = failure, depth = 0; error instanceof Error && depth < 6; error = error.cause, depth += 1) {
    lines.push(`${depth === 0 ? '' : 'caused by '}${error.stack ?? error.message}`);
  }
  return lines.map((line) => line.split('\n').map(visibleText).join('\n')).join('\n');
}
