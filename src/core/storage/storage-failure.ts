/** Storage errors in the words of people: what happened, what is safe, what to do. */
import { Failure } from '../../shared/errors.ts';
import type { FailureCode } from '../../shared/errors.ts';
import { StorageError } from './object-store.ts';
import type { StorageErrorKind } from './object-store.ts';

const unchanged = 'Everything that was stored before is unchanged';

interface Explanation {
  readonly code: FailureCode;
  readonly happened: string;
  /** Default: what was stored is unchanged. */
  readonly safe?: string;
  readonly next: string;
}

const explanations: Readonly<Record<StorageErrorKind, Explanation>> = {
  'not-found': { code: 'STORAGE_FAILED', happened: 'has not what was looked for', next: 'Check the location, and run check to see whether something is missing' },
  exists: { code: 'STORAGE_FAILED', happened: 'holds other content under a name that was to be stored', next: 'Run check: a stored object is damaged, or another program wrote it' },
  mismatch: { code: 'STORAGE_FAILED', happened: 'received other bytes than were sent, several times', next: 'Run the same command again; if it fails again, test the memory and the network of both machines' },
  range: { code: 'STORAGE_FAILED', happened: 'holds an object that is shorter than recorded', next: 'Run check to learn what is damaged' },
  denied: { code: 'STORAGE_DENIED', happened: 'refused access', next: 'Check user name and password, or the permissions of the folder; an append-only server refuses every removal' },
  ended: {
    code: 'UPLOAD_ENDED',
    happened: 'took an upload no further, because an administrator of the server ended it',
    safe: 'What was stored before that stays stored, also from this run; of the ended upload nothing is left',
    next: 'Ask the administrator if you do not know why, then start again: it continues',
  },
  full: { code: 'STORAGE_FULL', happened: 'has no room left', next: 'Free some space or raise the quota, then run the same command again: it continues' },
  'too-large': { code: 'STORAGE_FAILED', happened: 'does not take or give objects of this size', next: 'Raise the limit of the server, or of the proxy before it' },
  unreachable: { code: 'STORAGE_UNREACHABLE', happened: 'cannot be reached', next: 'Check the address, the network and that the server runs, then run the same command again: it continues' },
  untrusted: {
    code: 'FINGERPRINT_CHANGED',
    happened: 'shows another certificate than the one that is pinned',
    safe: 'Neither a name nor a password nor data was sent to it',
    next: 'If the server was set up anew, compare this fingerprint with the one that the server printed at its start, and pin it; otherwise somebody may be in between',
  },
  temporary: { code: 'STORAGE_UNREACHABLE', happened: 'did not answer properly, also when tried again', next: 'Run the same command again later: it continues' },
  permanent: { code: 'STORAGE_FAILED', happened: 'failed', next: 'See the reason; then run the same command again' },
};

/** A `Failure` for a storage error, with the location of the store (which holds no credentials); other errors as they are. */
export function storageFailure(error: unknown, location: string): unknown {
  if (!(error instanceof StorageError)) return error;
  const { code, happened, next, safe = unchanged } = explanations[error.kind];
  return new Failure(code, { what: `The storage ${location} ${happened} (${error.message})`, safe, next }, { cause: error });
}
