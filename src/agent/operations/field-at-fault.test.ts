import { expect, it } from 'vitest';
import { Failure } from '../../shared/errors.ts';
import { withFieldAtFault } from './field-at-fault.ts';
import { jobOver } from './refusal.ts';

const notFound = new Failure('JOB_NOT_FOUND', { what: 'There is no job x' });

it('names the field that the input has', () => {
  expect(withFieldAtFault(notFound, { job_id: 'x' })).toMatchObject({ code: 'JOB_NOT_FOUND', path: 'job_id', message: notFound.message });
  expect(withFieldAtFault(notFound, { before: 'x', limit: 1 })).toMatchObject({ path: 'before' });
});

it('names a URL that leads to no storage, and blames the caller rather than this server', () => {
  const failure = withFieldAtFault(new Failure('STORAGE_UNREACHABLE', { what: 'Nobody is there' }), { url: 'rest:http://127.0.0.1:1/' });
  expect(failure).toMatchObject({ path: 'url', httpStatus: 424 });
});

it('keeps what a refusal answers besides', () => {
  expect(withFieldAtFault(jobOver('x', 'COMPLETED'), { job_id: 'x' })).toMatchObject({ path: 'job_id', answer: { phase: 'COMPLETED' } });
});

it('leaves alone what names its field, what no field is the cause of, and defects', () => {
  const named = new Failure('PATH_NOT_FOUND', { what: 'x' }, { path: 'paths.1' });
  expect(withFieldAtFault(named, { path: '/' })).toBe(named);
  expect(withFieldAtFault(notFound, {})).toBe(notFound);
  const defect = new TypeError('x');
  expect(withFieldAtFault(defect, { job_id: 'x' })).toBe(defect);
});
