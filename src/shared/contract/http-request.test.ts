import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkInput } from './check-input.ts';
import { fromHttpRequest, toHttpRequest } from './http-request.ts';
import { operationNames, operations } from './operations.ts';

const { get_job: getJob, list_jobs: listJobs, list_tree: listTree, cancel_job: cancelJob, get_metrics: getMetrics } = operations;

describe('an input as a request, and back', () => {
  it('puts fields of the path into the path, others into query or body', () => {
    expect(toHttpRequest(cancelJob, { job_id: 'j1', reason: 'enough' })).toEqual({ method: 'POST', target: '/api/cancel/j1', body: { reason: 'enough' } });
    expect(toHttpRequest(listJobs, { limit: 5, state: undefined })).toEqual({ method: 'GET', target: '/api/jobs?limit=5', body: undefined });
  });

  it('brings every path of a snapshot back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(10_000), (path, offset) => {
        const input = { repository_id: 'r', snapshot: 'latest', path, offset, limit: 7 };
        const { target } = toHttpRequest(listTree, input);
        expect(fromHttpRequest(listTree, { target, body: undefined })).toEqual(input);
      }),
    );
  });

  it('decodes a value of the path once', () => {
    expect(fromHttpRequest(getJob, { target: '/api/jobs/a%252Fb', body: undefined })).toEqual({ job_id: 'a%2Fb' });
    expect(fromHttpRequest(getJob, { target: '/api/jobs/..%2F..%2Fetc', body: undefined })).toEqual({ job_id: '../../etc' });
    expect(() => fromHttpRequest(getJob, { target: '/api/jobs/%E0%A4', body: undefined })).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', path: 'job_id' }));
  });

  it.each(['1e3', '0x10', ' 5', '5 ', '', '05', '+5', 'NaN', 'Infinity', '٥'])('leaves %j a text where a number is wanted, which is then refused', (text) => {
    const input = fromHttpRequest(getMetrics, { target: `/x?${new URLSearchParams({ window: text }).toString()}`, body: undefined });
    expect(input).toEqual({ window: text });
    expect(() => checkInput('get_metrics', input)).toThrow(expect.objectContaining({ path: 'window' }));
  });

  it('keeps a text of digits a text where a text is wanted', () => {
    expect(fromHttpRequest(listJobs, { target: '/api/jobs?before=12&limit=12', body: undefined })).toEqual({ before: '12', limit: 12 });
  });

  it.each([
    ['a query where the body is meant', cancelJob, '/api/cancel/j?reason=x', undefined, 'reason'],
    ['a second value for what the path says, in the body', cancelJob, '/api/cancel/j', { job_id: 'k' }, 'job_id'],
    ['a second value for what the path says, in the query', getJob, '/api/jobs/j?job_id=k', undefined, 'job_id'],
    ['a field twice', listJobs, '/api/jobs?limit=1&limit=2', undefined, 'limit'],
    ['a body where there is none', listJobs, '/api/jobs', { limit: 1 }, 'body'],
    ['a list as body', cancelJob, '/api/cancel/j', [1], 'body'],
    ['a text as body', cancelJob, '/api/cancel/j', 'x', 'body'],
  ])('refuses %s', (_, operation, target, body, path) => {
    expect(() => fromHttpRequest(operation, { target, body })).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', path }));
  });

  it('refuses a query field that pretends to be the prototype', () => {
    const input = fromHttpRequest(listJobs, { target: '/api/jobs?__proto__=x', body: undefined });
    expect(Object.getPrototypeOf(input)).toBe(Object.prototype);
    expect(() => checkInput('list_jobs', input)).toThrow(expect.objectContaining({ path: '__proto__' }));
  });
});

describe('checking an input', () => {
  it.each([
    ['start_backup', {}, 'paths', /missing/],
    ['start_backup', { paths: [] }, 'paths', /Too small/],
    ['start_backup', { paths: ['/a', 1] }, 'paths.1', /string/],
    ['start_backup', { paths: ['/a'], shell: 'rm' }, 'shell', /no such field/],
    ['start_backup', { paths: ['/a'], excludes: { patterns: ['a', ''] } }, 'excludes.patterns.1', /Too small/],
    ['cancel_all', { reasons: { '../x': 'y' } }, 'reasons.../x', /letters, digits/],
    ['add_plan', { name: 'a', repository_id: 'r', paths: ['/'], schedule: { kind: 'daily', at: '25:00' } }, 'schedule.at', /time of day/],
    ['add_plan', { name: 'a', repository_id: 'r', paths: ['/'], schedule: { kind: 'sometimes' } }, 'schedule.kind', /discriminator/],
    ['list_jobs', { state: 'gone' }, 'state', /expected one of/],
    ['get_job', [], undefined, /object/],
    ['get_job', null, undefined, /object/],
  ] as const)('%s %j names the field %s', (name, input, path, message) => {
    expect(() => checkInput(name, input)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', path, message: expect.stringMatching(message) as string }));
  });

  it('repeats only the beginning of a long name of a field', () => {
    expect(() => checkInput('list_plans', { ['x'.repeat(100_000)]: 1 })).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{0,400}$/) as string }));
  });

  it('never throws anything but a failure with code INVALID_INPUT', () => {
    fc.assert(
      fc.property(fc.constantFrom(...operationNames), fc.anything(), (name, input) => {
        try {
          checkInput(name, input);
        } catch (error) {
          expect(error).toMatchObject({ name: 'Failure', code: 'INVALID_INPUT' });
        }
      }),
    );
  });
});
