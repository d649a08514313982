/** The users' file: private repositories, quota and append-only of each user, followed while the server runs; restic as a client. */
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hash } from 'bcryptjs';
import { afterEach, describe, expect, it } from 'vitest';
import { hasNewestRestic, newestRestic } from '../../test/support/restic.ts';
import { mustRun, run } from '../../test/support/run-program.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { systemClock } from '../core/platform/clock.ts';
import type { Clock } from '../core/platform/clock.ts';
import { FakeClock } from '../core/platform/fake-clock.ts';
import { parseServerUsers, sightingsFileName, usersFileName } from '../shared/server-users.ts';
import type { ServerUser, ServerUserUse } from '../shared/server-users.ts';
import { call, randomObject, startTestServer, writeUsers } from './testing/test-server.ts';
import type { Answer, TestServer, TestServerOptions } from './testing/test-server.ts';

const right = await hash('right', 4);
const user = (name: string, fields: Partial<ServerUser> = {}): ServerUser => ({ name, password_hash: right, quota_bytes: null, append_only: false, ...fields });

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(users: readonly ServerUser[], options: TestServerOptions = {}, clock?: Clock): Promise<TestServer> {
  return (server = await startTestServer({ users, ...options, limits: { passwordBurst: 1000, ...options.limits } }, clock === undefined ? {} : { clock }));
}

const put = (one: TestServer, name: string, size: number, folder = `/${name}`): Promise<Answer> => {
  const object = randomObject(size);
  return one.call('POST', `${folder}/data/${object.name}`, { auth: `${name}:right`, body: object.bytes });
};
const make = (one: TestServer, name: string, folder = `/${name}`): Promise<Answer> => one.call('POST', `${folder}/?create=true`, { auth: `${name}:right` });
const asked = async (one: TestServer, path: string): Promise<unknown> => JSON.parse((await one.call('GET', path, { headers: { authorization: `Bearer ${one.adminToken}` } })).body.toString()) as unknown;
const uses = async (one: TestServer): Promise<readonly ServerUserUse[]> => (await asked(one, '/api/users')) as readonly ServerUserUse[];

describe('users of the file', () => {
  it('have repositories in the folder of their name alone', async () => {
    const one = await start([user('mara'), user('elin')]);
    expect((await make(one, 'mara')).status).toBe(200);
    expect((await make(one, 'mara', '/mara/laptop')).status).toBe(200);
    expect((await make(one, 'mara', '/elin')).status).toBe(401);
    expect((await put(one, 'elin', 10, '/mara')).status).toBe(401);
    expect((await one.call('POST', '/?create=true', { auth: 'mara:right' })).status).toBe(401);
    expect((await one.call('GET', '/metrics', { auth: 'mara:right' })).status).toBe(401);
    expect((await one.call('GET', '/mara/data/', { auth: 'mara:wrong' })).status).toBe(401);
  });

  it('stand beside those of .htpasswd, who may do what the server allows, and whose line wins', async () => {
    const one = await start([user('mara'), user('anna', { append_only: true })], { htpasswd: `anna:${right}\n` });
    expect((await make(one, 'mara')).status).toBe(200);
    expect((await put(one, 'anna', 10, '/mara')).status).toBe(200);
    expect((await uses(one)).map(({ name }) => name)).toEqual(['mara']);
  });

  it('may be append-only, each by itself: only locks are deleted', async () => {
    const one = await start([user('mara', { append_only: true }), user('elin')]);
    const { bytes, name } = randomObject(30);
    for (const who of ['mara', 'elin']) {
      await make(one, who);
      for (const type of ['data', 'locks']) expect((await one.call('POST', `/${who}/${type}/${name}`, { auth: `${who}:right`, body: bytes })).status).toBe(200);
    }
    const remove = async (who: string, type: string): Promise<[number, string]> => {
      const { status, body } = await one.call('DELETE', `/${who}/${type}/${name}`, { auth: `${who}:right` });
      return [status, body.toString()];
    };
    expect(await remove('mara', 'data')).toEqual([403, 'This user may only add\n']);
    expect((await remove('mara', 'locks'))[0]).toBe(200);
    expect((await remove('elin', 'data'))[0]).toBe(200);
    expect((await one.call('HEAD', `/mara/data/${name}`, { auth: 'mara:right' })).status).toBe(200);
  });

  it('have a quota over all of their repositories, at once and over restarts, with a sentence for what is refused', async () => {
    const outside = temporaryFolder('users');
    const data = join(outside, 'data');
    const users = [user('mara', { quota_bytes: 1000 }), user('elin')];
    const first = await start(users, { dataFolder: data });
    await make(first, 'mara');
    await make(first, 'mara', '/mara/laptop');
    const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => put(first, 'mara', 300, index % 2 === 0 ? '/mara' : '/mara/laptop')));
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 200, 200, 507, 507, 507]);
    expect(answers.find(({ status }) => status === 507)?.body.toString()).toMatch(/^The quota of the user mara is used up: 1000 bytes\. What was stored before is unchanged/);
    await make(first, 'elin');
    expect((await put(first, 'elin', 5000)).status).toBe(200);
    await first.stop();
    const again = await start(users, { dataFolder: data });
    expect((await put(again, 'mara', 101)).status).toBe(507);
    expect((await put(again, 'mara', 100)).status).toBe(200);
    expect(await uses(again)).toMatchObject([{ name: 'mara', quota_bytes: 1000, stored_bytes: 1000 }, { name: 'elin', quota_bytes: null, stored_bytes: 5000 }]);
    while (((await asked(again, '/api/storage')) as { stored_bytes: number | null }).stored_bytes === null) await systemClock.sleep(5);
    expect(await asked(again, '/api/storage')).toEqual({ stored_bytes: 6000 });
    rmSync(outside, { recursive: true });
  });

  it('get room back by removing, and only once', async () => {
    const one = await start([user('mara', { quota_bytes: 100 })]);
    await make(one, 'mara');
    const { bytes, name } = randomObject(100);
    const path = `/mara/data/${name}`;
    expect((await one.call('POST', path, { auth: 'mara:right', body: bytes })).status).toBe(200);
    expect((await put(one, 'mara', 1)).status).toBe(507);
    await Promise.all([one.call('DELETE', path, { auth: 'mara:right' }), one.call('DELETE', path, { auth: 'mara:right' })]);
    expect(await uses(one)).toMatchObject([{ stored_bytes: 0 }]);
    expect((await one.call('POST', path, { auth: 'mara:right', body: bytes })).status).toBe(200);
    expect(await uses(one)).toMatchObject([{ stored_bytes: 100 }]);
  });
});

describe('the file of users', () => {
  it('is followed: users come, change and go; a broken file changes nothing', async () => {
    const clock = new FakeClock();
    const one = await start([user('mara', { quota_bytes: 10 })], {}, { now: () => clock.now(), monotonic: () => clock.monotonic(), sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) });
    await make(one, 'mara');
    expect((await put(one, 'mara', 11)).status).toBe(507);
    await writeUsers(one.data, [user('mara', { quota_bytes: 20 }), user('elin')]);
    await clock.advance(1100);
    expect((await put(one, 'mara', 11)).status).toBe(200);
    expect((await make(one, 'elin')).status).toBe(200);
    await writeUsers(one.data, [user('mara', { password_hash: await hash('new', 4) })]);
    await clock.advance(1100);
    expect((await put(one, 'mara', 1)).status).toBe(401);
    expect((await one.call('GET', '/mara/data/', { auth: 'mara:new' })).status).toBe(200);
    expect((await make(one, 'elin')).status).toBe(401);
    await writeFile(join(one.data, usersFileName), '{"version":1,"users":[{}]}');
    await clock.advance(1100);
    expect((await one.call('GET', '/mara/data/', { auth: 'mara:new' })).status).toBe(200);
    rmSync(join(one.data, usersFileName));
    await clock.advance(1100);
    expect((await one.call('GET', '/mara/data/', { auth: 'mara:new' })).status).toBe(401);
  });

  it.each([
    ['no JSON', 'mara:x', /it is not JSON/],
    ['a plain password', JSON.stringify({ version: 1, users: [user('mara', { password_hash: 'right' })] }), /users\.0\.password_hash: .*bcrypt/],
    ['a name twice', JSON.stringify({ version: 1, users: [user('mara'), user('mara')] }), /a name stands twice/],
    ['a name of the protocol', JSON.stringify({ version: 1, users: [user('api')] }), /another meaning/],
    ['a name that leaves the folder', JSON.stringify({ version: 1, users: [user('../x')] }), /small letters/],
    ['capital letters', JSON.stringify({ version: 1, users: [user('Mara')] }), /small letters/],
  ])('is refused at start with %s', async (_, text, message) => {
    expect(() => parseServerUsers(text)).toThrow(message);
    const outside = temporaryFolder('users');
    await writeUsers(join(outside, 'data'), []);
    writeFileSync(join(outside, 'data', usersFileName), text);
    await expect(startTestServer({ dataFolder: join(outside, 'data'), htpasswd: '' })).rejects.toMatchObject({ code: 'CONFIGURATION' });
    rmSync(outside, { recursive: true });
  });

  it('is enough by itself, and where it is missing there is .htpasswd', async () => {
    const one = await start([user('mara')]);
    expect((await make(one, 'mara')).status).toBe(200);
    await one.stop();
    server = await startTestServer({ htpasswd: `anna:${right}\n` });
    expect(await uses(server)).toEqual([]);
    await writeUsers(server.data, [user('mara')]);
    await server.server.reloadUsers();
    expect((await make(server, 'mara')).status).toBe(200);
  });

  it('is never written by the server, which keeps beside it when each user was seen', async () => {
    const outside = temporaryFolder('users');
    const data = join(outside, 'data');
    const first = await start([user('mara'), user('elin')], { dataFolder: data });
    const before = await readFile(join(data, usersFileName), 'utf8');
    await make(first, 'mara');
    expect(await uses(first)).toMatchObject([{ name: 'mara', computers: 1, last_seen_at: expect.stringMatching(/Z$/) as string }, { name: 'elin', computers: 0, last_seen_at: null }]);
    await first.stop();
    if (process.platform !== 'win32') expect(statSync(join(data, sightingsFileName)).mode & 0o777).toBe(0o600);
    const again = await start([user('mara')], { dataFolder: data });
    expect(await uses(again)).toMatchObject([{ computers: 1, last_seen_at: expect.any(String) as string }]);
    expect(JSON.stringify(await uses(again))).not.toContain('$2');
    expect(JSON.parse(before)).toMatchObject({ users: [{ name: 'mara' }, { name: 'elin' }] });
    rmSync(outside, { recursive: true });
  });
});

describe('the address for other computers', () => {
  it('has TLS and asks for sign-in, beside the plain one; both tell of the same connections', async () => {
    const outside = temporaryFolder('network');
    const data = join(outside, 'data');
    const tls = { certificateFile: join(data, '.tls-certificate.pem'), keyFile: join(data, '.tls-key.pem') };
    const one = await start([user('mara')], { dataFolder: data, network: { host: '127.0.0.1', port: 0, tls } });
    const { network } = one.server;
    expect(network?.fingerprint).toMatch(/^[0-9A-F]{2}(:[0-9A-F]{2}){31}$/);
    expect(await asked(one, '/api/status')).toMatchObject({ network: { port: network?.port, fingerprint: network?.fingerprint } });
    expect((await call('GET', `${network?.url}/mara/data/`)).status).toBe(401);
    expect((await call('POST', `${network?.url}/mara/?create=true`, { auth: 'mara:right' })).status).toBe(200);
    expect((await put(one, 'mara', 10)).status).toBe(200);
    await expect(call('GET', `http://127.0.0.1:${network?.port}/health`)).rejects.toThrow();
    await one.stop();
    await expect(call('GET', `${network?.url}/health`)).rejects.toThrow('ECONNREFUSED');
    rmSync(outside, { recursive: true });
  });

  it('ends the start where it is taken, and frees the first address', async () => {
    const outside = temporaryFolder('network');
    const taken = await start([user('mara')]);
    const data = join(outside, 'data');
    const tls = { certificateFile: join(data, '.tls-certificate.pem'), keyFile: join(data, '.tls-key.pem') };
    await expect(startTestServer({ dataFolder: data, users: [user('mara')], network: { host: '127.0.0.1', port: taken.port, tls } })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    rmSync(outside, { recursive: true });
  });

  it.skipIf(!hasNewestRestic)('serves restic: a backup within the quota, one beyond it, and no forgetting for append-only', async () => {
    const outside = temporaryFolder('network');
    const data = join(outside, 'data');
    const tls = { certificateFile: join(data, '.tls-certificate.pem'), keyFile: join(data, '.tls-key.pem') };
    const one = await start([user('mara', { quota_bytes: 400_000, append_only: true })], { dataFolder: data, network: { host: '127.0.0.1', port: 0, tls } });
    const env = { PATH: process.env['PATH'], HOME: outside, RESTIC_REPOSITORY: `rest:${(one.server.network?.url ?? '').replace('://', '://mara:right@')}/mara/`, RESTIC_PASSWORD: 'secret', RESTIC_CACERT: tls.certificateFile };
    const restic = (...args: string[]) => run(newestRestic(), ['--no-cache', ...args], { env });
    await mustRun(newestRestic(), ['--no-cache', 'init'], { env });
    writeFileSync(join(outside, 'small'), randomObject(100_000).bytes);
    await mustRun(newestRestic(), ['--no-cache', 'backup', join(outside, 'small')], { env });
    writeFileSync(join(outside, 'large'), randomObject(600_000).bytes);
    const refused = await restic('backup', join(outside, 'large'), '--retry-lock=0');
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('507');
    const forgotten = await restic('forget', 'latest');
    expect(`${forgotten.stdout}${forgotten.stderr}`).toContain('403');
    expect(JSON.parse((await mustRun(newestRestic(), ['--no-cache', 'snapshots', '--json'], { env })).stdout)).toHaveLength(1);
    await one.stop();
    rmSync(outside, { recursive: true });
  }, 60_000);
});
