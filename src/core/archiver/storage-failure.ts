/** What a person is told when the storage ends a backup. */
import { Failure, type FailureCode } from '../../shared/errors.ts';
import { StorageError, type StorageErrorKind } from '../storage/object-store.ts';

const codes: Partial<Record<StorageErrorKind, FailureCode>> = {
  full: 'STORAGE_FULL',
  denied: 'STORAGE_DENIED',
  unreachable: 'STORAGE_UNREACHABLE',
};

const remedies: Partial<Record<StorageErrorKind, string>> = {
  full: 'Free some space there, or raise the quota, and run the backup again',
  denied: 'Check that this user may write there, then run the backup again',
  unreachable: 'Check the connection and run the backup again',
};

/** A failure as it is; a storage error in words; anything else unchanged, since it is a defect. */
export function backupFailure(error: unknown, location: string): unknown {
  if (!(error instanceof StorageError)) return error;
  return new Failure(
    codes[error.kind] ?? 'STORAGE_FAILED',
    {
      what: `The backup stopped because ${location} failed: ${error.message}`,
      safe: 'No snapshot was made; earlier snapshots are untouched, and what was stored already is used by the next run',
      next: remedies[error.kind] ?? 'Run the backup again; if it fails in the same way, check the storage',
    },
    { cause: error },
  );
}
