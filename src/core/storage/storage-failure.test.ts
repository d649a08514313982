import { describe, expect, it } from 'vitest';
import { Failure } from '../../shared/errors.ts';
import { StorageError } from './object-store.ts';
import { storageFailure } from './storage-failure.ts';

describe('storageFailure', () => {
  it.each([
    ['denied', 'STORAGE_DENIED'],
    ['ended', 'UPLOAD_ENDED'],
    ['full', 'STORAGE_FULL'],
    ['unreachable', 'STORAGE_UNREACHABLE'],
    ['temporary', 'STORAGE_UNREACHABLE'],
    ['mismatch', 'STORAGE_FAILED'],
    ['permanent', 'STORAGE_FAILED'],
    ['untrusted', 'FINGERPRINT_CHANGED'],
  ] as const)('says of %s what happened, what is safe and what to do', (kind, code) => {
    const cause = new StorageError(kind, 'storing the data 0123456789: the reason');
    const failure = storageFailure(cause, 'rest:http://host/');
    if (!(failure instanceof Failure)) throw new Error('a Failure is expected');
    expect(failure.code).toBe(code);
    expect(failure.cause).toBe(cause);
    expect(failure.text.what).toContain('rest:http://host/');
    expect(failure.text.what).toContain('the reason');
    expect([failure.text.safe, failure.text.next]).not.toContain(undefined);
  });

  it('leaves other errors as they are', () => {
    const failure = new Failure('USAGE', { what: 'x' });
    expect(storageFailure(failure, '/')).toBe(failure);
    expect(storageFailure('text', '/')).toBe('text');
  });
});
