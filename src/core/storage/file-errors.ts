/** Error numbers of the operating system as kinds of storage errors. */
import type { StorageErrorKind } from './object-store.ts';
import { StorageError } from './object-store.ts';

const kinds: Readonly<Record<string, StorageErrorKind>> = {
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  EEXIST: 'exists',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  ENOSPC: 'full',
  EDQUOT: 'full',
  EFBIG: 'too-large',
  EMFILE: 'temporary',
  ENFILE: 'temporary',
  EAGAIN: 'temporary',
  EBUSY: 'temporary',
  EINTR: 'temporary',
  ESTALE: 'temporary',
  ETIMEDOUT: 'temporary',
};

/** The `code` of a system or addon error, or undefined. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * A `StorageError` for a failed file operation; `what` says what was tried. Storage errors, and errors without a system
 * code (an abort's reason, a defect), are returned as they are.
 */
export function fileError(error: unknown, what: string): unknown {
  if (error instanceof StorageError) return error;
  const code = errorCode(error);
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  return new StorageError(kinds[code] ?? 'permanent', `${what}: ${code}`, { cause: error });
}
