import { describe, expect, it } from 'vitest';
import { StorageError } from '../core/storage/object-store.ts';
import { Failure } from '../shared/errors.ts';
import { failureLine, toFailure } from './explain-error.ts';
import { interruptedFailure } from './interrupt.ts';

describe('what a person reads of an error', () => {
  it('is one line of up to three sentences', () => {
    const failure = new Failure('DAMAGED', { what: 'The index\nis damaged.', safe: 'The packs are whole', next: 'Run "check"' });
    expect(failureLine(failure)).toBe('cyberbackup: The index is damaged. The packs are whole. Run "check".');
  });

  it('shows no escape sequence of a name', () => {
    expect(failureLine(new Failure('PATH_NOT_FOUND', { what: 'There is no \u001b[2J' }))).toBe('cyberbackup: There is no \\x1b[2J.');
  });

  it.each([
    ['denied', 'STORAGE_DENIED'],
    ['ended', 'UPLOAD_ENDED'],
    ['full', 'STORAGE_FULL'],
    ['unreachable', 'STORAGE_UNREACHABLE'],
    ['permanent', 'STORAGE_FAILED'],
  ] as const)('gives a storage error of kind %s the code %s', (kind, code) => {
    expect(toFailure(new StorageError(kind, 'It failed')).code).toBe(code);
  });

  it('finds a failure inside other errors', () => {
    const inner = new Failure('WRONG_PASSWORD', { what: 'x' });
    expect(toFailure(new Error('outer', { cause: new AggregateError([new Error('other'), inner]) }))).toBe(inner);
  });

  it('explains errors of the system', () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
    expect(toFailure(full).code).toBe('STORAGE_FULL');
  });

  it('lets an interruption win over what it caused', () => {
    expect(toFailure(new Error('aborted'), AbortSignal.abort(interruptedFailure())).exitCode).toBe(130);
    expect(failureLine(interruptedFailure())).toBe('cyberbackup: Interrupted. Nothing half-written is visible; run the same command to continue.');
  });

  it('calls anything else a defect', () => {
    const failure = toFailure(new TypeError('x is undefined'));
    expect(failure.code).toBe('INTERNAL');
    expect(failureLine(failure)).toContain('--verbose');
  });
});
