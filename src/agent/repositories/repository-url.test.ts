import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStoreUrl } from '../../core/storage/store-url.ts';
import { parseRepositoryUrl, withCredentials } from './repository-url.ts';

describe('the URL of a repository', () => {
  it.each([
    ['/backups/mine', { kind: 'local', url: '/backups/mine' }],
    ['local:/backups/mine/', { kind: 'local', url: '/backups/mine' }],
    ['/a/../b', { kind: 'local', url: '/b' }],
    ['rest:http://host:1256', { kind: 'rest', url: 'rest:http://host:1256/' }],
    ['REST:https://an%40na:p%3Aw@host/x', { kind: 'rest', url: 'rest:https://host/x/', credentials: { username: 'an@na', password: 'p:w' } }],
  ])('%s is taken', (text, place) => {
    expect(parseRepositoryUrl(text)).toEqual(place);
  });

  it.each(['', ' ', 'relative', './here', 'local:', 'local:relative', '/nul\0', 'sftp:user@host:/x', 's3:https://host/bucket', 'rclone:remote:x', 'http://host/', 'file:///etc', 'rest:ftp://h/', 'rest:/etc/passwd', 'rest:http://h/?q', 'rest:http://%zz@h/'])(
    '%j is refused',
    (text) => {
      expect(() => parseRepositoryUrl(text)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', path: 'url' }) as Error);
    },
  );

  it('comes back with its credentials, whatever is in them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme', minLength: 1 }), (username, password) => {
        const location = parseStoreUrl(withCredentials('rest:https://host:1256/x/', { username, password }));
        expect(location).toMatchObject({ kind: 'rest', username, password });
        const text = withCredentials('rest:https://host:1256/x/', { username, password });
        expect(parseRepositoryUrl(text)).toEqual({ kind: 'rest', url: 'rest:https://host:1256/x/', credentials: { username, password } });
      }),
    );
  });
});
