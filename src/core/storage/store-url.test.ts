import * as fc from 'fast-check';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../shared/errors.ts';
import { loadAddon } from '../native/load-addon.ts';
import { systemClock } from '../platform/clock.ts';
import { openStore } from './open-store.ts';
import { parseStoreUrl, withoutCredentials } from './store-url.ts';

describe('parseStoreUrl', () => {
  it.each([
    ['/backups/mine', '/backups/mine'],
    ['/backups/with:colon@sign', '/backups/with:colon@sign'],
    ['local:/backups/mine', '/backups/mine'],
    ['local:relative', resolve('relative')],
    ['./here', resolve('here')],
    ['here', resolve('here')],
    ['/a b/ü', '/a b/ü'],
  ])('takes %s as a folder', (text, path) => {
    expect(parseStoreUrl(text)).toEqual({ kind: 'local', path });
  });

  it.each([
    ['rest:http://host:1256/', 'http://host:1256/', '', ''],
    ['rest:http://host:1256', 'http://host:1256/', '', ''],
    ['rest:https://host/a/b', 'https://host/a/b/', '', ''],
    ['REST:https://user:pass@host/', 'https://host/', 'user', 'pass'],
    ['rest:https://us%40er:p%3Aa%2Fss@host/', 'https://host/', 'us@er', 'p:a/ss'],
    ['rest:http://[::1]:8000/x/', 'http://[::1]:8000/x/', '', ''],
    ['rest:http://user@host/', 'http://host/', 'user', ''],
  ])('takes %s as a server', (text, href, username, password) => {
    const location = parseStoreUrl(text);
    expect(location.kind === 'rest' && { ...location, url: location.url.href }).toEqual({ kind: 'rest', url: href, username, password });
  });

  it.each([
    ['', 'USAGE'],
    ['  ', 'USAGE'],
    ['/with\0nul', 'USAGE'],
    ['local:', 'USAGE'],
    ['sftp:user@host:/path', 'USAGE'],
    ['http://host/', 'USAGE'],
    ['rest:', 'USAGE'],
    ['rest:host:8000', 'USAGE'],
    ['rest:ftp://host/', 'USAGE'],
    ['rest:http://host/?x=1', 'USAGE'],
    ['rest:http://%zz:x@host/', 'USAGE'],
    ['s3:https://host/bucket', 'CONFIGURATION'],
  ])('refuses %j', (text, code) => {
    expect(() => parseStoreUrl(text)).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('never repeats a credential', () => {
    fc.assert(
      fc.property(fc.constantFrom('rest:http://', 'rest:ftp://', 'rest:', 'sftp://', 'http://', 'rest:https://['), fc.constantFrom('', '/?x', ':99999/', '/%'), (start, end) => {
        const text = `${start}someone:planted%zzsecret@host${end}`;
        try {
          parseStoreUrl(text);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
          expect(`${String(error)} ${String((error as Failure).cause)}`).not.toContain('planted');
        }
        expect(withoutCredentials(text.includes('://') ? text : `x://${text}`)).not.toContain('planted');
      }),
    );
  });
});

describe('openStore', () => {
  const options = { addon: loadAddon(), clock: systemClock };

  it('shows no credentials in its location', async () => {
    const store = openStore('rest:http://someone:planted@127.0.0.1:1/repo', options);
    expect(store.location).toBe('rest:http://127.0.0.1:1/repo/');
    await store.close();
  });

  it('refuses trust that it cannot read', () => {
    for (const env of [{ CYBERBACKUP_CACERT: '/does/not/exist.pem' }, { RESTIC_CACERT: '/does/not/exist.pem' }, { CYBERBACKUP_TLS_FINGERPRINT: 'abc' }]) {
      expect(() => openStore('rest:https://127.0.0.1:1/', { ...options, env })).toThrow(expect.objectContaining({ code: 'CONFIGURATION' }) as Error);
    }
  });
});
