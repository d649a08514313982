/**
 * Failures of the target as a whole, which end a restore.
 */
import { Failure } from '../../shared/errors.ts';

/** Whether this error code means that the file system, or the user's share of it, is full. */
export function isFull(code: string | undefined): boolean {
  return code === 'ENOSPC' || code === 'EDQUOT';
}

export function targetFull(path: Buffer, options?: ErrorOptions): Failure {
  return new Failure(
    'TARGET_FULL',
    {
      what: `The target is full: "${path.toString('utf8')}" could not be written`,
      safe: 'Files restored so far are complete; what was half-written was removed',
      next: 'Make room or choose another target, and run the same restore again: it continues with what is missing',
    },
    options,
  );
}

/** `needed` and `free` in bytes. */
export function targetTooSmall(target: Buffer, needed: number, free: number): Failure {
  return new Failure('TARGET_FULL', {
    what: `The restore needs ${readable(needed)} and "${target.toString('utf8')}" has ${readable(free)} free`,
    safe: 'Nothing was written',
    next: 'Make room, choose another target, or restore less with --include',
  });
}

function readable(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? 'bytes'}`;
}

export function targetUnusable(target: Buffer, cause: unknown): Failure {
  return new Failure(
    'TARGET_FAILED',
    {
      what: `The target "${target.toString('utf8')}" cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      safe: 'Nothing was written',
      next: 'Choose a folder that you may write to',
    },
    { cause },
  );
}
