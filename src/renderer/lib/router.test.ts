import { describe, expect, it } from 'vitest';
import { parsePath, toPath } from './router.tsx';
import type { Route } from './router.tsx';

const routes: readonly Route[] = [{ place: 'overview' }, { place: 'first-run' }, { place: 'jobs' }, { place: 'jobs', jobId: '5c47ffc8-3f1b' }, { place: 'restore' }, { place: 'restore', page: 'search' }, { place: 'health', page: 'connections' }, { place: 'settings', page: 'network' }];

describe('router', () => {
  it.each(routes)('a route survives the way to its path and back: %o', (route) => {
    expect(parsePath(toPath(route))).toEqual(route);
  });

  it.each(['/nowhere', '/index.html', '', '//', '/%2e%2e/x'])('a path that names nothing leads to the overview: %s', (path) => {
    expect(parsePath(path)).toEqual({ place: 'overview' });
  });

  it('what is no id of ours is left out', () => {
    expect(parsePath('/jobs/<script>')).toEqual({ place: 'jobs' });
    expect(parsePath('/jobs/a/b')).toEqual({ place: 'jobs' });
    expect(parsePath('/settings/../x')).toEqual({ place: 'settings' });
  });
});
