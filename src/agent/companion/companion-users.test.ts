/** Users and reach of the companion server, with the real server as a child: added, changed, removed, let in from other computers. */
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { compareSync } from 'bcryptjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import { call, randomObject, until } from '../../server/testing/test-server.ts';
import { embeddedServer } from '../../shared/contract/schemas/settings.ts';
import { usersFileName } from '../../shared/server-users.ts';
import { CompanionHost } from './companion-host.ts';
import { checkNetwork, networkUrls } from './companion-network.ts';
import { CompanionUse } from './companion-use.ts';
import { CompanionUsers } from './companion-users.ts';

const newUser = { quota_bytes: null, append_only: false };

describe('users of the companion server', () => {
  let home: string;
  let users: CompanionUsers;
  const file = (): string => join(home, 'server', usersFileName);
  beforeEach(() => {
    home = temporaryFolder('companion-users');
    users = new CompanionUsers({ clock: systemClock, dataFolder: join(home, 'server'), ask: async () => undefined });
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  it('are kept as hashes in a private file; a password that was made is told once', async () => {
    expect(await users.list()).toEqual([]);
    const made = await users.add({ name: 'mara', ...newUser });
    expect(made).toMatch(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/);
    expect(await users.add({ name: 'elin', password: 'given by Elin', quota_bytes: 1000, append_only: true })).toBeNull();
    const text = await readFile(file(), 'utf8');
    for (const secret of [made, 'given by Elin']) expect(text).not.toContain(secret);
    const [mara, elin] = (JSON.parse(text) as { users: { password_hash: string }[] }).users;
    expect([compareSync(made ?? '', mara?.password_hash ?? ''), compareSync('given by Elin', elin?.password_hash ?? '')]).toEqual([true, true]);
    if (process.platform !== 'win32') expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(await users.list()).toEqual([
      { name: 'mara', quota_bytes: null, append_only: false, stored_bytes: null, last_seen_at: null, computers: 0 },
      { name: 'elin', quota_bytes: 1000, append_only: true, stored_bytes: null, last_seen_at: null, computers: 0 },
    ]);
  });

  it('change in what is given alone, and are refused where they are unknown, or known', async () => {
    await users.add({ name: 'mara', password: 'given by Mara', ...newUser });
    const before = await readFile(file(), 'utf8');
    await expect(users.add({ name: 'mara', ...newUser })).rejects.toMatchObject({ code: 'SERVER_USER_EXISTS', path: 'name' });
    await expect(users.update('elin', { quota_bytes: 5 })).rejects.toMatchObject({ code: 'SERVER_USER_NOT_FOUND' });
    expect(() => users.remove('elin')).toThrow('no user elin');
    expect(await readFile(file(), 'utf8')).toBe(before);
    expect(await users.update('mara', { quota_bytes: 5 })).toBeNull();
    expect(await users.update('mara', { append_only: true })).toBeNull();
    expect(await users.list()).toMatchObject([{ quota_bytes: 5, append_only: true }]);
    const hash = (text: string): string => (JSON.parse(text) as { users: { password_hash: string }[] }).users[0]?.password_hash ?? '';
    expect(hash(await readFile(file(), 'utf8'))).toBe(hash(before));
    const made = await users.update('mara', { generate_password: true });
    expect(compareSync(made ?? '', hash(await readFile(file(), 'utf8')))).toBe(true);
    users.remove('mara');
    expect(await users.list()).toEqual([]);
  });

  it('at once all come in', async () => {
    await Promise.all(['a', 'b', 'c'].map((name) => users.add({ name, password: 'long enough', ...newUser })));
    expect((await users.list()).map(({ name }) => name).toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('of a damaged file are told with a sentence, and the file stays', async () => {
    await users.add({ name: 'mara', ...newUser });
    writeFileSync(file(), 'damaged');
    await expect(users.list()).rejects.toMatchObject({ code: 'CONFIGURATION' });
    await expect(users.add({ name: 'elin', ...newUser })).rejects.toMatchObject({ code: 'CONFIGURATION' });
    expect(await readFile(file(), 'utf8')).toBe('damaged');
  });
});

describe('other computers', () => {
  it('are let in only where somebody may sign in, at an address that is free', async () => {
    const port = await freePort();
    const closed = embeddedServer.parse({ network_listen: `127.0.0.1:${port}` });
    const open = { ...closed, network: true };
    await expect(checkNetwork(closed, open, () => 0)).rejects.toMatchObject({ code: 'SERVER_USERS_NEEDED' });
    await checkNetwork(closed, open, () => 1);
    // What is open already stays so, whoever is removed.
    await checkNetwork(open, open, () => 0);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    await expect(checkNetwork(closed, open, () => 1)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    await checkNetwork(open, closed, () => 0);
    await new Promise((resolve) => other.close(resolve));
    await expect(checkNetwork(closed, { ...open, network_listen: '192.0.2.1:1' }, () => 1)).rejects.toMatchObject({ code: 'CONFIGURATION' });
    expect(networkUrls('[::1]:7', 8)).toEqual(['https://[::1]:8']);
    expect(networkUrls('0.0.0.0:7', 8)[0]).toMatch(/^https:\/\/[^:]+:8$/);
  });

  it('come and go while this one keeps its own way to its repository', async () => {
    const home = temporaryFolder('companion-reach');
    const [port, networkPort] = [await freePort(), await freePort()];
    let settings = embeddedServer.parse({ listen: `127.0.0.1:${port}`, network_listen: `127.0.0.1:${networkPort}` });
    const host = new CompanionHost({ clock: systemClock, logger: silentLogger, folders: { configuration: home, data: home }, env: { ...process.env, CYBERBACKUP_HOME: home }, settings: () => settings });
    const use = new CompanionUse({ client: host, isRunning: () => host.isRunning, dataFolder: join(home, 'server'), networkListen: () => settings.network_listen });
    const users = new CompanionUsers({ clock: systemClock, dataFolder: join(home, 'server'), ask: () => use.users() });
    const { bytes, name } = randomObject(40);
    try {
      expect(await use.read()).toMatchObject({ since: null, network: null });
      const url = await host.repositoryUrl('default');
      const [, auth = ''] = /\/\/([^@]+)@/.exec(url ?? '') ?? [];
      const own = (): ReturnType<typeof call> => call('POST', `http://127.0.0.1:${port}/default/?create=true`, { auth: decodeURIComponent(auth) });
      expect((await own()).status).toBe(200);
      expect((await use.read()).network).toBeNull();
      const password = await users.add({ name: 'mara', quota_bytes: 50, append_only: true });

      settings = { ...settings, network: true };
      await host.settingsChanged();
      expect(host.isRunning).toBe(true);
      expect(await host.repositoryUrl('default')).toBe(url);
      expect((await own()).status).toBe(200);
      const { network, since, disk } = await use.read();
      expect(network).toMatchObject({ urls: [`https://127.0.0.1:${networkPort}`] });
      expect([since === null, disk === null, existsSync(network?.certificate_file ?? '')]).toEqual([false, false, true]);
      const maras = (method: string, path: string, body?: Uint8Array) => call(method, `https://127.0.0.1:${networkPort}${path}`, { auth: `mara:${password}`, ...(body === undefined ? {} : { body }) });
      expect((await maras('POST', '/mara/?create=true')).status).toBe(200);
      expect((await maras('POST', `/mara/data/${name}`, bytes)).status).toBe(200);
      expect((await maras('POST', `/mara/data/${randomObject(11).name}`, randomObject(11).bytes)).status).toBe(507);
      expect((await maras('GET', '/default/config')).status).toBe(401);
      expect((await maras('GET', '/metrics')).status).toBe(401);
      expect(await users.list()).toMatchObject([{ name: 'mara', stored_bytes: 40, computers: 1 }]);
      expect((await call('GET', `http://127.0.0.1:${port}/metrics`, { auth: decodeURIComponent(auth) })).status).toBe(404);
      users.remove('mara');
      await until(async () => (await maras('GET', `/mara/data/${name}`)).status === 401);

      settings = { ...settings, network: false, metrics: true };
      await host.settingsChanged();
      await expect(call('GET', `https://127.0.0.1:${networkPort}/health`)).rejects.toThrow('ECONNREFUSED');
      expect((await own()).status).toBe(200);
      expect((await call('GET', `http://127.0.0.1:${port}/metrics`, { auth: decodeURIComponent(auth) })).status).toBe(200);
      expect(existsSync(join(home, 'server', 'mara', 'data', name.slice(0, 2), name))).toBe(true);
    } finally {
      await host.stop();
      rmSync(home, { recursive: true, force: true });
    }
  });

  it('find the server after a start of the agent, before any job needs it', async () => {
    const home = temporaryFolder('companion-reach');
    const settings = embeddedServer.parse({ listen: `127.0.0.1:${await freePort()}`, network: true, network_listen: `127.0.0.1:${await freePort()}` });
    const host = new CompanionHost({ clock: systemClock, logger: silentLogger, folders: { configuration: home, data: home }, env: { ...process.env, CYBERBACKUP_HOME: home }, settings: () => settings });
    await host.adopt();
    expect(host.isRunning).toBe(true);
    expect((await call('GET', `https://${settings.network_listen}/mara/config`)).status).toBe(401);
    await host.stop();
    rmSync(home, { recursive: true, force: true });
  });
});
