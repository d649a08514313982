import { join, sep } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTarget, pathOf, queryOf, urlName } from './request-target.ts';

const id = '0123456789abcdef'.repeat(4);

describe('parseTarget', () => {
  it.each([
    ['/', { kind: 'repository', folders: [] }],
    ['/?create=true', { kind: 'repository', folders: [] }],
    ['/foo/', { kind: 'repository', folders: ['foo'] }],
    ['/foo/bar/', { kind: 'repository', folders: ['foo', 'bar'] }],
    ['/foo/bar/baz/', { kind: 'unknown', folders: ['foo'] }],
    ['/foo', { kind: 'unknown', folders: [] }],
    ['/data', { kind: 'unknown', folders: [] }],
    ['/data/', { kind: 'list', folders: [], type: 'data' }],
    ['/foo/locks/', { kind: 'list', folders: ['foo'], type: 'lock' }],
    ['/config', { kind: 'object', folders: [], handle: { type: 'config', name: '' } }],
    ['/a/b/config', { kind: 'object', folders: ['a', 'b'], handle: { type: 'config', name: '' } }],
    [`/a/snapshots/${id}`, { kind: 'object', folders: ['a'], handle: { type: 'snapshot', name: id } }],
    [`/%6bey%73/${id}`, { kind: 'object', folders: [], handle: { type: 'key', name: id } }],
    ['/m%C3%BCller/', { kind: 'repository', folders: ['müller'] }],
    [`/data/longer/${id}`, { kind: 'unknown', folders: [] }],
    [`/keys/data/${id}`, { kind: 'unknown', folders: [] }],
    ['/health', { kind: 'reserved', segments: ['health'] }],
    ['/api/partials/u1?x', { kind: 'reserved', segments: ['api', 'partials', 'u1'] }],
    ['/metrics', { kind: 'reserved', segments: ['metrics'] }],
    ['/anna/metrics/', { kind: 'repository', folders: ['anna', 'metrics'] }],
  ])('%s', (url, target) => {
    expect(parseTarget(url)).toEqual(target);
  });

  it('never gives a folder that leads out, whatever the URL', () => {
    const part = fc.oneof(fc.constantFrom('..', '.', '%2e%2e', '%2E.', '%2f', '%5c', '\\', '%00', '%', '', 'data', 'x', '...', ' '), fc.string({ unit: 'binary', maxLength: 6 }), fc.webPath());
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const target = parseTarget(`/${parts.join('/')}`);
        if (target.kind === 'reserved' || target.kind === 'unknown') return;
        expect(target.folders.length).toBeLessThanOrEqual(2);
        const root = join(sep, 'data-folder');
        const path = join(root, ...target.folders);
        expect(path.split(sep)).toEqual([...root.split(sep), ...target.folders]);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});

it('shows a path without its query, which may hold anything', () => {
  expect(pathOf('/data/?token=secret')).toBe('/data/');
  expect(queryOf('/?create=true').get('create')).toBe('true');
  expect([urlName('key'), urlName('index'), urlName('config')]).toEqual(['keys', 'index', 'config']);
});
