/** Who may do what: credentials on every route, private repositories, append-only mode, guessing. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hash } from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../core/platform/clock.ts';
import type { Clock } from '../core/platform/clock.ts';
import { FakeClock } from '../core/platform/fake-clock.ts';
import { filesBelow, randomObject, startTestServer, until } from './testing/test-server.ts';
import type { CallOptions, TestServer } from './testing/test-server.ts';

const sha = (password: string): string => `{SHA}${createHash('sha1').update(password).digest('base64')}`;
const bcryptHash = await hash('right', 4);
const htpasswd = `# users\n\nanna:${bcryptHash}\n  bert:${sha('right')}\nclara:${bcryptHash.replace('$2b$', '$2y$')}\nmetrics:${sha('right')}\nold:$apr1$xxxxxxxx$yyyyyyyyyyyyyyyyyyyyyy\nplain:right\n`;
const { bytes, name } = randomObject(100);
const other = randomObject(50);

const types = ['data', 'index', 'keys', 'locks', 'snapshots'];
const methods = ['GET', 'HEAD', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS'];
/** Every route below a folder. */
const routes = (folder: string): string[] => [folder, `${folder}?create=true`, `${folder}config`, ...types.flatMap((type) => [`${folder}${type}/`, `${folder}${type}/${name}`])];
const adminRoutes = ['/api', '/api/', '/api/connections', '/api/partials', '/api/partials/u1', '/api/x', '/metrics', '/metrics/x'];

const wrongCredentials: [string, CallOptions][] = [
  ['nothing', {}],
  ['an empty name and password', { headers: { authorization: 'Basic Og==' } }],
  ['a wrong password', { auth: 'bert:wrong' }],
  ['an unknown user', { auth: 'nobody:right' }],
  ['another form of hash', { auth: 'old:right' }],
  ['a plain password in the file', { auth: 'plain:right' }],
  ['another scheme', { headers: { authorization: 'Digest username="bert"' } }],
  ['a user as bearer', { headers: { authorization: 'Bearer right' } }],
  ['no base64', { headers: { authorization: 'Basic !!!' } }],
  ['an endless header', { headers: { authorization: `Basic ${'A'.repeat(8000)}` } }],
];

describe('credentials', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ htpasswd, limits: { passwordBurst: 100_000, passwordQueue: 1000 } });
    await server.call('POST', '/?create=true', { auth: 'bert:right' });
    await server.call('POST', `/data/${name}`, { auth: 'bert:right', body: bytes });
  });
  afterAll(() => server.stop());

  it.each(wrongCredentials)('%s: 401 on every route, and nothing changes', async (_, options) => {
    const before = await filesBelow(server.data);
    for (const path of [...routes('/'), ...routes('/a/'), '/no/such/path/at/all', '/%2e%2e/', ...adminRoutes]) {
      for (const method of methods) {
        const answer = await server.call(method, path, options);
        expect([path, method, answer.status]).toEqual([path, method, 401]);
        expect(answer.headers['www-authenticate']).toMatch(/^(Basic|Bearer) /);
      }
    }
    expect(await filesBelow(server.data)).toEqual(before);
  });

  it.each(['anna:right', 'bert:right', 'clara:right'])('%s is let in', async (auth) => {
    expect((await server.call('GET', `/data/${name}`, { auth })).body.equals(bytes)).toBe(true);
    expect((await server.call('HEAD', '/config', { auth })).status).toBe(404);
  });

  it('wants the administrator’s token for the administrator’s routes, and only there', async () => {
    const authorization = `Bearer ${server.adminToken}`;
    expect((await server.call('GET', '/api/connections', { headers: { authorization } })).status).toBe(200);
    expect((await server.call('GET', '/api/partials', { headers: { authorization } })).body.toString()).toBe('[]\n');
    expect((await server.call('DELETE', '/api/partials/u99', { headers: { authorization } })).status).toBe(404);
    expect((await server.call('GET', '/api/other', { headers: { authorization } })).status).toBe(404);
    expect((await server.call('POST', '/api/partials', { headers: { authorization } })).status).toBe(405);
    expect((await server.call('GET', `/data/${name}`, { headers: { authorization } })).status).toBe(401);
    expect((await server.call('GET', '/api/connections', { headers: { authorization: `Bearer ${server.adminToken}x` } })).status).toBe(401);
    expect((await server.call('GET', '/api/connections', { auth: 'bert:right' })).status).toBe(401);
  });

  it('shows metrics to the administrator and to users', async () => {
    for (const options of [{ headers: { authorization: `Bearer ${server.adminToken}` } }, { auth: 'bert:right' }]) {
      const answer = await server.call('GET', '/metrics', options);
      expect(answer.status).toBe(200);
      expect(answer.body.toString()).toContain('rest_server_blob_write_total{user="bert",repo="",type="data"} 1\n');
      expect(answer.body.toString()).toContain('rest_server_blob_write_bytes_total{user="bert",repo="",type="data"} 100\n');
    }
  });

  it('tells health to everyone', async () => {
    const answer = await server.call('GET', '/health');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ status: expect.stringMatching(/^(ok|degraded)$/) as string });
  });
});

describe('a changed file of users', () => {
  it('is noticed: a removed user is out, a new one is in, a broken file changes nothing', async () => {
    const clock = new FakeClock();
    const server = await startTestServer({ htpasswd, limits: { passwordBurst: 1000 } }, { clock: steppedClock(clock) });
    try {
      await server.call('POST', '/?create=true', { auth: 'bert:right' });
      const status = async (auth: string): Promise<number> => (await server.call('GET', '/data/', { auth })).status;
      expect([await status('bert:right'), await status('dora:right')]).toEqual([200, 401]);
      const file = join(server.outside, 'htpasswd');

      await writeFile(file, `dora:${sha('right')}\n`);
      await clock.advance(1100);
      expect([await status('bert:right'), await status('dora:right')]).toEqual([401, 200]);

      await writeFile(file, 'dora:too:many:fields\n');
      await clock.advance(1100);
      expect([await status('bert:right'), await status('dora:right')]).toEqual([401, 200]);

      await writeFile(file, `dora:${sha('changed')}\n`);
      await server.server.reloadUsers();
      expect([await status('dora:right'), await status('dora:changed')]).toEqual([401, 200]);
    } finally {
      await server.stop();
    }
  });
});

describe('private repositories', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startTestServer({ htpasswd: `${htpasswd}ann:${sha('right')}\n`, privateRepositories: true, limits: { passwordBurst: 100_000 } });
    for (const user of ['anna', 'bert']) {
      expect((await server.call('POST', `/${user}/?create=true`, { auth: `${user}:right` })).status).toBe(200);
      expect((await server.call('POST', `/${user}/data/${name}`, { auth: `${user}:right`, body: bytes })).status).toBe(200);
    }
  });
  afterAll(() => server.stop());

  it('belong to their users: every route of another folder is 401 and changes nothing', async () => {
    const before = await filesBelow(server.data);
    for (const folder of ['/', '/bert/', '/annax/', '/ann/', '/Anna/', '/bert/anna/', '/%62ert/', '/anna%2f..%2fbert/', '/./bert/']) {
      for (const path of routes(folder)) {
        for (const method of methods) {
          const answer = await server.call(method, path, { auth: 'anna:right', ...(method === 'POST' ? { body: other.bytes } : {}) });
          expect([method, path, answer.status]).toEqual([method, path, 401]);
        }
      }
    }
    expect(await filesBelow(server.data)).toEqual(before);
  });

  it('may be divided by their users', async () => {
    expect((await server.call('POST', '/anna/laptop/?create=true', { auth: 'anna:right' })).status).toBe(200);
    expect((await server.call('POST', `/anna/laptop/keys/${name}`, { auth: 'anna:right', body: bytes })).status).toBe(200);
    expect((await server.call('GET', `/anna/laptop/keys/${name}`, { auth: 'bert:right' })).status).toBe(401);
    expect((await server.call('POST', '/anna/a/b/?create=true', { auth: 'anna:right' })).status).toBe(404);
  });

  it('show their metrics to the user metrics alone', async () => {
    expect((await server.call('GET', '/metrics', { auth: 'anna:right' })).status).toBe(401);
    expect((await server.call('GET', '/metrics', { auth: 'metrics:right' })).status).toBe(200);
  });
});

describe('append-only', () => {
  it('denies every removal but of locks, and every overwriting', async () => {
    const server = await startTestServer({ appendOnly: true });
    try {
      await server.call('POST', '/?create=true');
      await server.call('POST', '/config', { body: Buffer.from('config') });
      for (const type of types) await server.call('POST', `/${type}/${name}`, { body: bytes });
      const before = await filesBelow(server.data);
      for (const path of ['/config', ...types.filter((type) => type !== 'locks').flatMap((type) => [`/${type}/${name}`, `/${type}/${other.name}`])]) {
        expect((await server.call('DELETE', path)).status).toBe(403);
      }
      for (const path of ['/config', ...types.map((type) => `/${type}/${name}`)]) expect((await server.call('POST', path, { body: other.bytes })).status).toBe(403);
      expect((await server.call('DELETE', '/')).status).toBe(405);
      expect(await filesBelow(server.data)).toEqual(before);
      expect((await server.call('DELETE', `/locks/${name}`)).status).toBe(200);
    } finally {
      await server.stop();
    }
  });
});

describe('guessing passwords', () => {
  it('is slowed down for that address, while those at work there go on', async () => {
    const clock = new FakeClock();
    const server = await startTestServer({ htpasswd, limits: { passwordBurst: 3, passwordRefillMs: 5000 } }, { clock: steppedClock(clock) });
    try {
      const status = async (auth: string): Promise<number> => (await server.call('GET', '/data/', { auth })).status;
      expect(await status('anna:right')).toBe(200);
      expect([await status('anna:1'), await status('anna:2'), await status('nobody:3')]).toEqual([401, 401, 401]);
      const limited = await server.call('GET', '/data/', { auth: 'anna:4' });
      expect([limited.status, limited.headers['retry-after']]).toEqual([429, '5']);
      expect(await status('bert:right')).toBe(429);
      expect(await status('anna:right')).toBe(200);
      await clock.advance(5000);
      expect(await status('bert:right')).toBe(200);
      expect([await status('anna:5'), await status('anna:6')]).toEqual([401, 429]);
    } finally {
      await server.stop();
    }
  });

  it('runs few comparisons at once: more wait as 503, none is taken for right', async () => {
    const server = await startTestServer({ htpasswd: `anna:${await hash('right', 8)}\n`, limits: { passwordQueue: 2, passwordBurst: 1000 } });
    try {
      const answers = await Promise.all(Array.from({ length: 20 }, (_, guess) => server.call('GET', '/data/', { auth: `anna:${guess}` })));
      const statuses = new Set(answers.map(({ status }) => status));
      expect([...statuses].sort((a, b) => a - b)).toEqual([401, 503]);
      await until(async () => (await server.call('GET', '/data/', { auth: 'anna:right' })).status === 200);
    } finally {
      await server.stop();
    }
  });
});

/** The fake's time, but real waiting, so that the server's own loops go on. */
function steppedClock(clock: FakeClock): Clock {
  return { now: () => clock.now(), monotonic: () => clock.monotonic(), sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) };
}
