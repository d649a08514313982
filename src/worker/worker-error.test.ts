import { describe, expect, it } from 'vitest';
import { StorageError } from '../core/storage/object-store.ts';
import type { StorageErrorKind } from '../core/storage/object-store.ts';
import { storageFailure } from '../core/storage/storage-failure.ts';
import { Failure } from '../shared/errors.ts';
import type { FailureCode } from '../shared/errors.ts';
import { workerError } from './worker-error.ts';

describe('what the agent is told of an error', () => {
  it.each<[StorageErrorKind, FailureCode, boolean]>([
    ['unreachable', 'STORAGE_UNREACHABLE', true],
    ['temporary', 'STORAGE_UNREACHABLE', true],
    ['mismatch', 'STORAGE_FAILED', true],
    ['permanent', 'STORAGE_FAILED', false],
    ['not-found', 'STORAGE_FAILED', false],
    ['denied', 'STORAGE_DENIED', false],
    ['ended', 'UPLOAD_ENDED', false],
    ['full', 'STORAGE_FULL', false],
    ['too-large', 'STORAGE_FAILED', false],
    ['untrusted', 'FINGERPRINT_CHANGED', false],
  ])('a storage error of kind %s is %s, tried again: %s', (kind, code, retryable) => {
    const error = new StorageError(kind, 'the reason');
    for (const thrown of [error, storageFailure(error, 'rest:http://host/')]) expect(workerError(thrown)).toMatchObject({ code, retryable });
  });

  it.each<[FailureCode, boolean]>([
    ['REPOSITORY_LOCKED', true],
    ['LOCK_LOST', true],
    ['WRONG_PASSWORD', false],
    ['REPOSITORY_MISSING', false],
    ['CHECK_FAILED', false],
    ['TARGET_FULL', false],
    ['DAMAGED', false],
  ])('%s is tried again: %s', (code, retryable) => {
    expect(workerError(new Failure(code, { what: 'x' }))).toEqual({ code, message: 'x', parts: { what: 'x' }, retryable });
  });

  it('carries what the server asked to wait', () => {
    expect(workerError(storageFailure(new StorageError('temporary', 'busy', { retryAfter: 7000 }), '/'))).toMatchObject({ retryAfter: 7000 });
  });

  it('calls anything unforeseen a defect, and names no credential', () => {
    const told = workerError(new TypeError('cannot fetch https://anna:planted@host/'));
    expect(told).toMatchObject({ code: 'INTERNAL', retryable: false, message: expect.stringContaining('TypeError') as string });
    expect(JSON.stringify(told)).not.toContain('planted');
    expect(told.parts).toMatchObject({ safe: 'Everything stored earlier is unchanged', next: 'Report it with the log of the agent' });
  });
});
