import { describe, expect, it } from 'vitest';
import { deepLinkIn, pathOfLink } from './deep-link.ts';
import { parseLaunch } from './launch-options.ts';

describe('a deep link', () => {
  it.each([
    ['cyberbackup://job/j_1-x', '/jobs/j_1-x'],
    ['CYBERBACKUP://job/j1', '/jobs/j1'],
    ['cyberbackup://snapshot/0a1b', '/restore?snapshot=0a1b'],
    ['cyberbackup://snapshot/0a1b/some/a%20path%26x', '/restore?snapshot=0a1b&path=%2Fsome%2Fa+path%26x'],
    ['cyberbackup://snapshot/0a1b/some/%2e%2e/path', '/restore?snapshot=0a1b&path=%2Fpath'],
    ['cyberbackup://snapshot/0a1b/a%2Fb', '/restore?snapshot=0a1b'],
    ['cyberbackup://snapshot/0a1b/%ff', '/restore?snapshot=0a1b'],
    ['cyberbackup://trace/0123456789abcdef0123456789abcdef', '/health'],
  ])('%s leads to %s', (link, path) => {
    expect(pathOfLink(link)).toBe(path);
  });

  it.each(['cyberbackup://job/', 'cyberbackup://job/a/b', 'cyberbackup://job/<b>', 'cyberbackup://job/j1?x=1', 'cyberbackup://job/j1#x', 'cyberbackup://run/rm', 'cyberbackup://trace/1', 'cyberbackup://snapshot/xyz'])('%s shows the first page and nothing else', (link) => {
    expect(pathOfLink(link)).toBe('/');
  });

  it.each(['https://evil.example/', 'cyberbackup:job/j1', 'job', '', `cyberbackup://job/${'x'.repeat(5000)}`])('%j is none', (text) => {
    expect(pathOfLink(text)).toBeUndefined();
  });

  it('is found among the arguments of a start', () => {
    expect(deepLinkIn(['--hidden', 'cyberbackup://job/j1', '--allow-file-access'])).toBe('/jobs/j1');
    expect(deepLinkIn(['--hidden'])).toBeUndefined();
  });
});

describe('a start', () => {
  it('opens a window by default, hidden where wanted', () => {
    expect(parseLaunch([])).toEqual({ kind: 'window', options: { home: undefined, hidden: false, path: undefined } });
    expect(parseLaunch(['--hidden', '--home', '/h'])).toEqual({ kind: 'window', options: { home: '/h', hidden: true, path: undefined } });
    expect(parseLaunch(['--home=/h'])).toMatchObject({ options: { home: '/h' } });
    expect(parseLaunch(['--home='])).toMatchObject({ options: { home: undefined } });
  });

  it('is the server with --server, without what launchers add', () => {
    expect(parseLaunch(['--no-sandbox', '--ozone-platform=headless', '--server', '--listen', '127.0.0.1:1'])).toEqual({ kind: 'server', args: ['--server', '--listen', '127.0.0.1:1'] });
  });
});
