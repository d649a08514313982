import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { silentLogger } from '../core/platform/logger.ts';
import { isOwnPage, serveInterface } from './app-scheme.ts';

const root = temporaryFolder('scheme');
const folder = join(root, 'interface');
mkdirSync(join(folder, 'assets'), { recursive: true });
writeFileSync(join(folder, 'index.html'), '<p>page</p>');
writeFileSync(join(folder, 'assets', 'a.js'), '1');
writeFileSync(join(root, 'secret.txt'), 'secret');
afterAll(() => rmSync(root, { recursive: true }));

it.each([
  ['app://cyberbackup/', true],
  ['app://cyberbackup/jobs/1', true],
  ['app://cyberbackup.evil.example/', false],
  ['app://evil@cyberbackup/', false],
  ['app://cyberbackup:1/', false],
  ['https://cyberbackup/', false],
  ['file:///app://cyberbackup/', false],
  ['', false],
])('%s is a page of ours: %s', (url, own) => {
  expect(isOwnPage(url)).toBe(own);
});

describe('the scheme', () => {
  const ask = async (url: string, init: RequestInit = {}): Promise<Response> => await (await serveInterface(folder, silentLogger))(new Request(url, init));

  it('serves the page for every path of the interface, and its files by their types', async () => {
    for (const path of ['/', '/jobs/j1']) expect(await (await ask(`app://cyberbackup${path}`)).text()).toBe('<p>page</p>');
    const script = await ask('app://cyberbackup/assets/a.js');
    expect(script.headers.get('Content-Type')).toBe('text/javascript; charset=utf-8');
    expect(script.headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(script.headers.get('Content-Security-Policy')).toContain("script-src 'self'");
  });

  it.each(['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/..%5c..%5csecret.txt', '/%E0.js', '/missing.js'])('has no %s', async (path) => {
    expect((await ask(`app://cyberbackup${path}`)).status).toBe(404);
  });

  it('refuses other hosts, methods and origins', async () => {
    expect((await ask('app://other/')).status).toBe(403);
    expect((await ask('app://cyberbackup/', { method: 'POST', body: 'x' })).status).toBe(405);
    expect((await ask('app://cyberbackup/', { headers: { 'Sec-Fetch-Site': 'cross-site' } })).status).toBe(403);
    expect((await ask('app://cyberbackup/', { method: 'HEAD' })).body).toBeNull();
  });
});
