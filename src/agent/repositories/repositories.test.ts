import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../test/support/free-port.ts';
import { CliWorld, password } from '../../cli/testing/cli-process.ts';
import { insideRepository, makeTestRepository } from '../../cli/testing/test-repository.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import { startTestServer, type TestServer } from '../../server/testing/test-server.ts';
import { newRepository, repository as repositorySchema } from '../../shared/contract/schemas/repository.ts';
import { defaultRepository } from './default-repository.ts';
import { connectionPorts } from './repositories.ts';
import { testConnection } from './connection-test.ts';
import { RepositoriesWorld } from './testing/repositories-world.ts';

const sha = (text: string): string => `{SHA}${createHash('sha1').update(text).digest('base64')}`;
const hex = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase();

const world = new RepositoriesWorld();
const { repositories } = world;
const add = (input: object): Promise<Awaited<ReturnType<typeof repositories.add>>> => repositories.add(newRepository.parse({ password, create: false, ...input }));
const secretsText = (): string => readFileSync(join(world.home.configuration, 'secrets.json'), 'utf8');
const shownText = (): string => [readFileSync(join(world.home.configuration, 'settings.json'), 'utf8'), ...world.log, JSON.stringify(repositories.list())].join('\n');
const test = (question: Parameters<typeof testConnection>[0]): ReturnType<typeof testConnection> => testConnection(question, connectionPorts({ clock: systemClock, logger: silentLogger, home: world.home }));

let plain: TestServer;
let tls: TestServer;
const tlsFiles = { certificateFile: world.path('cert.pem'), keyFile: world.path('key.pem') };
let existing = '';
let newer = '';

beforeAll(async () => {
  plain = await startTestServer({ htpasswd: `anna:${sha('right')}\n` });
  tls = await startTestServer({ tls: tlsFiles, htpasswd: `anna:${sha('right')}\n` });
  existing = await makeTestRepository(world.path('existing'));
  newer = await makeTestRepository(world.path('newer'));
  await insideRepository(newer, ({ keys }) => {
    chmodSync(join(newer, 'config'), 0o600);
    writeFileSync(join(newer, 'config'), keys.seal(Buffer.from(JSON.stringify({ version: 3, id: 'a'.repeat(64), chunker_polynomial: '3da3358b4dc173' }))));
    return Promise.resolve();
  });
  await makeTestRepository(`rest:http://anna:right@127.0.0.1:${plain.port}/there/`);
});

afterAll(async () => {
  await plain.stop();
  await tls.stop();
  await world.dispose();
});

describe('adding a repository', () => {
  it('takes an existing folder whose password opens it', async () => {
    const added = await add({ url: existing });
    expect(repositorySchema.parse(added)).toEqual(added);
    expect(added).toMatchObject({ name: 'existing', url: existing, kind: 'local', certificate_fingerprint: null });
    expect(repositories.get(added.repository_id)).toEqual(added);
    expect(await repositories.access(added.repository_id)).toEqual({ repositoryId: added.repository_id, url: existing, password });
    await expect(add({ url: `local:${existing}/` })).rejects.toMatchObject({ code: 'REPOSITORY_EXISTS', path: 'url' });
  });

  it('makes a repository where there is none, and takes one that is there, when neither is asked for', async () => {
    const url = world.path('either');
    const { repository_id } = await repositories.add(newRepository.parse({ url, password }));
    await repositories.remove(repository_id);
    expect(await repositories.add(newRepository.parse({ url, password }))).toMatchObject({ url, kind: 'local' });
    await repositories.remove(repositories.list().find((known) => known.url === url)?.repository_id ?? '');
  });

  it('makes a new one, and not where there is one', async () => {
    const url = world.path('made');
    const added = await add({ url, create: true, name: 'Made' });
    expect(added.name).toBe('Made');
    expect(existsSync(join(url, 'config'))).toBe(true);
    await repositories.remove(added.repository_id);
    await expect(add({ url, create: true })).rejects.toMatchObject({ code: 'REPOSITORY_EXISTS' });
    expect(existsSync(join(url, 'config'))).toBe(true);
    expect(secretsText()).not.toContain(added.repository_id);
  });

  it('keeps the credentials of a URL apart from it', async () => {
    const added = await add({ url: `rest:http://anna:right@127.0.0.1:${plain.port}/there/`, name: 'Server' });
    expect(added.url).toBe(`rest:http://127.0.0.1:${plain.port}/there/`);
    expect((await repositories.access(added.repository_id)).url).toBe(`rest:http://anna:right@127.0.0.1:${plain.port}/there/`);
    expect(shownText()).not.toMatch(/anna:right|horse battery/);
    expect(secretsText()).toContain('horse battery');
    await repositories.remove(added.repository_id);
    expect(secretsText()).not.toContain('right');
  });

  it.each<[string, () => object, string]>([
    ['a wrong password', () => ({ url: newer, password: 'wrong' }), 'WRONG_PASSWORD'],
    ['a folder without a repository', () => ({ url: world.path('nothing') }), 'REPOSITORY_MISSING'],
    ['a newer version', () => ({ url: newer }), 'REPOSITORY_VERSION'],
    ['wrong credentials', () => ({ url: `rest:http://anna:wrong@127.0.0.1:${plain.port}/there/` }), 'STORAGE_DENIED'],
    ['a server without a repository', () => ({ url: `rest:http://anna:right@127.0.0.1:${plain.port}/nothing/` }), 'REPOSITORY_MISSING'],
    ['a URL of another kind', () => ({ url: 'sftp:host:/x' }), 'INVALID_INPUT'],
    ['a relative path', () => ({ url: 'backups' }), 'INVALID_INPUT'],
    ['a fingerprint for a place without TLS', () => ({ url: world.path('x'), certificate_fingerprint: 'a'.repeat(64) }), 'INVALID_INPUT'],
    ['the place of the default', () => ({ url: defaultRepository(world.home).path, create: true }), 'REPOSITORY_EXISTS'],
  ])('refuses %s and keeps nothing', async (_what, input, code) => {
    const before = [repositories.list(), secretsText()];
    await expect(add(input())).rejects.toMatchObject({ code });
    expect([repositories.list(), secretsText()]).toEqual(before);
    expect(existsSync(world.path('nothing'))).toBe(false);
  });

  it('refuses an address where nobody answers', async () => {
    await expect(add({ url: `rest:http://127.0.0.1:${await freePort()}/` })).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
  });
});

describe('a certificate', () => {
  it('is pinned at the first connection, and another one is refused until a person takes it', async () => {
    const url = `rest:https://anna:right@127.0.0.1:${tls.port}/`;
    const fingerprint = hex(tls.server.fingerprint ?? '');
    await expect(add({ url, create: true, certificate_fingerprint: 'b'.repeat(64) })).rejects.toMatchObject({ code: 'FINGERPRINT_CHANGED', message: expect.stringContaining(fingerprint) as string });
    const { repository_id } = await add({ url, create: true });
    expect(repositories.get(repository_id).certificate_fingerprint).toBe(fingerprint);
    expect(await repositories.access(repository_id)).toMatchObject({ certificateFingerprint: fingerprint, url });
    expect(await world.listSnapshots(repository_id)).toEqual([]);

    const { port, data } = tls;
    await tls.server.close();
    for (const file of Object.values(tlsFiles)) rmSync(file);
    tls = await startTestServer({ tls: tlsFiles, htpasswd: `anna:${sha('right')}\n`, dataFolder: data, port });
    const renewed = hex(tls.server.fingerprint ?? '');
    expect(renewed).not.toBe(fingerprint);
    await expect(world.listSnapshots(repository_id)).rejects.toMatchObject({ code: 'FINGERPRINT_CHANGED' });
    await expect(repositories.update(repository_id, { password })).rejects.toMatchObject({ code: 'FINGERPRINT_CHANGED' });
    expect(await test({ url, certificate_fingerprint: fingerprint })).toMatchObject({ reachable: true, exists: null, certificate_fingerprint: renewed });
    expect((await repositories.update(repository_id, { certificate_fingerprint: renewed })).certificate_fingerprint).toBe(renewed);
    expect(await world.listSnapshots(repository_id)).toEqual([]);
    await repositories.remove(repository_id);
  });
});

describe('a test of a connection', () => {
  it.each<[string, () => Parameters<typeof testConnection>[0], object]>([
    ['everything in order', () => ({ url: existing, password }), { reachable: true, exists: true, password_opens: true, version: 2, message: expect.stringContaining('in order') as string }],
    ['without a password', () => ({ url: existing }), { reachable: true, exists: true, password_opens: null, version: null }],
    ['a wrong password', () => ({ url: existing, password: 'wrong' }), { reachable: true, exists: true, password_opens: false, version: null }],
    ['nothing there yet', () => ({ url: world.path('later'), password }), { reachable: true, exists: false, password_opens: null, message: expect.stringContaining('can be made') as string }],
    ['a drive that is not there', () => ({ url: world.path('drive', 'backup') }), { reachable: false, exists: null, message: expect.stringContaining('drive connected') as string }],
    ['a newer version', () => ({ url: newer, password }), { reachable: true, exists: true, password_opens: null, message: expect.stringContaining('version 3') as string }],
    ['a server', () => ({ url: `rest:http://anna:right@127.0.0.1:${plain.port}/there/`, password }), { reachable: true, exists: true, password_opens: true, certificate_fingerprint: null }],
    ['wrong credentials', () => ({ url: `rest:http://anna:planted@127.0.0.1:${plain.port}/there/`, password }), { reachable: true, exists: null, message: expect.stringContaining('refuses access') as string }],
    ['TLS', () => ({ url: `rest:https://anna:right@127.0.0.1:${tls.port}/none/` }), { reachable: true, exists: false, certificate_fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string }],
    ['no TLS where some was expected', () => ({ url: `rest:https://anna:right@127.0.0.1:${plain.port}/none/` }), { reachable: true, exists: null }],
  ])('tells of %s', async (_what, question, answer) => {
    const told = await test(question());
    expect(told).toMatchObject(answer);
    expect(told.latency_ms === null).toBe(told.exists === null);
    expect(JSON.stringify(told)).not.toMatch(/planted|right@|\.\./);
    expect(existsSync(world.path('later'))).toBe(false);
  });

  it('refuses a wrong URL', async () => {
    await expect(test({ url: 'nonsense' })).rejects.toMatchObject({ code: 'INVALID_INPUT', path: 'url' });
  });
});

describe('a known repository', () => {
  it('gets another name at once, and another password after trying it', async () => {
    const url = await makeTestRepository(world.path('changing'));
    const { repository_id } = await add({ url });
    expect((await repositories.update(repository_id, { name: 'Other' })).name).toBe('Other');
    await expect(repositories.update(repository_id, { password: 'wrong' })).rejects.toMatchObject({ code: 'WRONG_PASSWORD' });
    expect((await repositories.access(repository_id)).password).toBe(password);
    repositories.used(repository_id, { error: 'The disk is full' });
    expect(repositories.get(repository_id)).toMatchObject({ last_error: 'The disk is full' });
    repositories.used(repository_id, { error: null });
    expect(repositories.get(repository_id).last_error).toBeNull();
    repositories.used('unknown', { error: null });

    world.users.set(repository_id, 'the plan "Documents"');
    await expect(repositories.remove(repository_id)).rejects.toMatchObject({ code: 'REPOSITORY_IN_USE', message: expect.stringContaining('the plan "Documents"') as string });
    world.users.delete(repository_id);
    await world.secrets.remove(`repository:${repository_id}:password`);
    await expect(repositories.access(repository_id)).rejects.toMatchObject({ code: 'PASSWORD_MISSING' });
    await repositories.remove(repository_id);
    expect(existsSync(join(url, 'config'))).toBe(true);
    for (const call of [repositories.remove(repository_id), repositories.update(repository_id, {}), repositories.access(repository_id), world.listSnapshots(repository_id)]) {
      await expect(call).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
    }
  });
});

describe('the default repository', () => {
  it('is made on first use, once, and is the one of the command line', async () => {
    expect(repositories.has('default')).toBe(true);
    const [first, second, access] = await Promise.all([repositories.ensureDefault(), repositories.ensureDefault(), repositories.access('default')]);
    expect(second).toEqual(first);
    expect(repositorySchema.parse(first)).toMatchObject({ repository_id: 'default', kind: 'embedded', url: defaultRepository(world.home).path });
    expect(access).toEqual({ repositoryId: 'default', url: first.url, password: readFileSync(defaultRepository(world.home).passwordFile, 'utf8').trim() });
    expect(readFileSync(defaultRepository(world.home).sheet, 'utf8')).toContain(access.password);
    expect(repositories.list().filter(({ kind }) => kind === 'embedded')).toHaveLength(1);

    const cli = new CliWorld();
    try {
      const source = cli.makeFolder('source');
      writeFileSync(join(source, 'letter.txt'), 'Dear Anna');
      expect((await cli.run(['backup', source, '--home', world.path('home')])).code).toBe(0);
      expect(await world.listSnapshots('default')).toMatchObject([{ paths: [source] }]);
    } finally {
      cli.dispose();
    }
  });

  it('adopts one that the command line made', async () => {
    const cli = new CliWorld();
    const other = new RepositoriesWorld();
    try {
      const source = cli.makeFolder('source');
      writeFileSync(join(source, 'letter.txt'), 'Dear Anna');
      expect((await cli.run(['backup', source, '--home', other.path('home')])).code).toBe(0);
      const before = readdirSync(join(defaultRepository(other.home).path, 'keys'));
      await other.repositories.ensureDefault();
      expect(readdirSync(join(defaultRepository(other.home).path, 'keys'))).toEqual(before);
      expect(await other.listSnapshots('default')).toHaveLength(1);
    } finally {
      cli.dispose();
      await other.dispose();
    }
  });

  it('says where its password belongs when the file of it is gone', async () => {
    const { passwordFile } = defaultRepository(world.home);
    const text = readFileSync(passwordFile);
    rmSync(passwordFile);
    await expect(repositories.access('default')).rejects.toMatchObject({ code: 'PASSWORD_MISSING', message: expect.stringContaining(passwordFile) as string });
    writeFileSync(passwordFile, text, { mode: 0o600 });
  });
});

describe('a full disk or a folder that cannot be written', () => {
  it('leaves no secret of a repository that could not be added', async () => {
    const url = await makeTestRepository(world.path('unsaved'));
    const settings = join(world.home.configuration, 'settings.json');
    const kept = readFileSync(settings);
    // A folder under the file's name: nothing can be renamed over it.
    rmSync(settings);
    mkdirSync(join(settings, 'inside'), { recursive: true });
    await expect(add({ url })).rejects.toMatchObject({ code: 'CONFIGURATION' });
    rmSync(settings, { recursive: true });
    writeFileSync(settings, kept, { mode: 0o600 });
    expect(repositories.list().some((repository) => repository.url === url)).toBe(false);
    expect(Object.keys((JSON.parse(secretsText()) as { document: object }).document)).toHaveLength(repositories.list().filter(({ kind }) => kind !== 'embedded').length);
  });
});
