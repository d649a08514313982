import { describe, expect, it } from 'vitest';
import { Failure, type FailureCode } from '../../shared/errors.ts';
import { loadAddon } from '../native/load-addon.ts';
import { systemClock } from '../platform/clock.ts';
import { type ObjectHandle, StorageError } from '../storage/object-store.ts';
import { createRepository, openRepository, type RepositoryPorts } from './repository.ts';
import { fastDerivation, memoryRepository, testPassword } from './testing/fast-repository.ts';
import { knownPassword, knownRepository } from './testing/known-repository.ts';
import { MemoryStore } from './testing/memory-store.ts';

const addon = loadAddon();
const polynomial = 0x3da3358b4dc173n;
const portsOf = (store: MemoryStore): RepositoryPorts => ({ store, addon, clock: systemClock });

async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Failure)) throw new Error('a Failure was expected', { cause: error });
  return error;
}
const codeOf = async (promise: Promise<unknown>): Promise<FailureCode> => (await failureOf(promise)).code;

describe('creating a repository', () => {
  it.each([1, 2] as const)('version %d can be opened again', async (version) => {
    const store = new MemoryStore();
    const created = await createRepository(portsOf(store), { password: testPassword(), version, polynomial, kdf: fastDerivation, username: 'u', hostname: 'h' });
    expect(created.config).toEqual({ version, id: expect.stringMatching(/^[0-9a-f]{64}$/) as string, polynomial });
    expect([...store.objects.keys()]).toEqual([`key/${created.keyName}`, 'config/']);
    await created.close();
    const opened = await openRepository(portsOf(store), { password: testPassword() });
    expect(opened.config).toEqual(created.config);
    expect(opened.keyName).toBe(created.keyName);
  });

  it('chooses version 2, a polynomial, an id and a master key of its own', async () => {
    const [first, second] = await Promise.all([memoryRepository(), memoryRepository()]);
    expect(first.repository.config.version).toBe(2);
    expect(addon.isIrreducible(first.repository.config.polynomial)).toBe(true);
    expect(first.repository.config.polynomial).not.toBe(second.repository.config.polynomial);
    expect(first.repository.config.id).not.toBe(second.repository.config.id);
    expect(() => second.repository.keys.open(first.repository.keys.seal(Buffer.from('x')))).toThrow();
  });

  it('keeps the password as the caller gave it', async () => {
    const password = testPassword();
    await createRepository(portsOf(new MemoryStore()), { password, kdf: fastDerivation });
    expect(password).toEqual(testPassword());
  });

  it('chooses scrypt parameters by itself', async () => {
    const store = new MemoryStore();
    await createRepository(portsOf(store), { password: testPassword() });
    const key = JSON.parse([...store.objects.values()][0]?.toString() ?? '') as Record<string, unknown>;
    expect(Object.keys(key)).toEqual(['created', 'username', 'hostname', 'kdf', 'N', 'r', 'p', 'salt', 'data']);
    expect(key).toMatchObject({ kdf: 'scrypt', r: 8 });
    expect(key.N).toBeGreaterThanOrEqual(1024);
    expect(key.p).toBeGreaterThanOrEqual(1);
  });

  it.each(['config', 'key', 'snapshot'] as const)('refuses where there is a %s', async (type) => {
    const store = new MemoryStore();
    const name = type === 'config' ? '' : 'a'.repeat(64);
    store.plant(type, name, Buffer.from('something'));
    expect(await codeOf(createRepository(portsOf(store), { password: testPassword(), kdf: fastDerivation }))).toBe('REPOSITORY_EXISTS');
    expect([...store.objects.keys()]).toEqual([`${type}/${name}`]);
  });

  it.each([0x3da3358b4dc172n, 7n, 0x20000000000001n, 0x7da3358b4dc173n])('refuses the polynomial %s', async (wrong) => {
    const store = new MemoryStore();
    expect(await codeOf(createRepository(portsOf(store), { password: testPassword(), kdf: fastDerivation, polynomial: wrong }))).toBe('USAGE');
    expect(store.objects.size).toBe(0);
  });

  it('takes its key back when the config cannot be stored', async () => {
    const store = new MemoryStore();
    const full = new StorageError('full', 'no space');
    store.fault = failing('put', 'config', full);
    await expect(createRepository(portsOf(store), { password: testPassword(), kdf: fastDerivation })).rejects.toBe(full);
    expect(store.objects.size).toBe(0);
  });

  it('finishes a creation that was killed before its config, with the same password only', async () => {
    const store = new MemoryStore();
    await (await createRepository(portsOf(store), { password: testPassword(), kdf: fastDerivation })).close();
    const keys = store.names('key');
    await store.remove({ type: 'config', name: '' });
    expect(await codeOf(createRepository(portsOf(store), { password: Buffer.from('another'), kdf: fastDerivation }))).toBe('REPOSITORY_EXISTS');
    const finished = await createRepository(portsOf(store), { password: testPassword(), kdf: fastDerivation });
    await finished.close();
    expect(store.names('key')).toEqual(keys);
    const opened = await openRepository(portsOf(store), { password: testPassword() });
    expect(opened.config).toEqual(finished.config);
    await opened.close();
  });

  it('leaves the repository of someone faster alone', async () => {
    const store = new MemoryStore();
    const rival = knownRepository();
    store.fault = (operation, handle) => {
      if (operation === 'put' && handle.type === 'config') for (const [key, bytes] of rival.objects) store.objects.set(key, bytes);
    };
    expect(await codeOf(createRepository(portsOf(store), { password: testPassword(), kdf: fastDerivation }))).toBe('REPOSITORY_EXISTS');
    expect(store.objects).toEqual(rival.objects);
  });

  it('notices that its config arrived although the storage said otherwise', async () => {
    const store = new MemoryStore();
    store.fault = (operation, handle) => {
      // The bytes are stored, and the answer is lost.
      if (operation === 'put' && handle.type === 'config') lostAnswer(store);
    };
    await createRepository(portsOf(store), { password: testPassword(), kdf: fastDerivation });
    store.fault = undefined;
    await expect(openRepository(portsOf(store), { password: testPassword() })).resolves.toBeDefined();
  });
});

/** Makes the next put store its bytes and then fail. */
function lostAnswer(store: MemoryStore): void {
  store.fault = undefined;
  const set = store.objects.set.bind(store.objects);
  store.objects.set = (key, bytes) => {
    store.objects.set = set;
    set(key, bytes);
    throw new StorageError('temporary', 'the answer was lost');
  };
}

function failing(operation: string, type: ObjectHandle['type'], error: Error): MemoryStore['fault'] {
  return (attempted, handle) => {
    if (attempted === operation && handle.type === type) throw error;
  };
}

describe('opening a repository', () => {
  const open = (store: MemoryStore, password: string | Buffer = knownPassword) => openRepository(portsOf(store), { password: Buffer.from(password as string) });

  it('says that there is none', async () => {
    const failure = await failureOf(open(new MemoryStore()));
    expect(failure.code).toBe('REPOSITORY_MISSING');
    expect(failure.message).toContain('memory');
  });

  it('says that the password is wrong', async () => {
    for (const password of ['', 'Geheim', 'geheim\n']) expect(await codeOf(open(knownRepository(), password))).toBe('WRONG_PASSWORD');
  });

  it('passes a failure of the storage on', async () => {
    const store = knownRepository();
    const away = new StorageError('unreachable', 'away');
    store.fault = failing('get', 'config', away);
    await expect(open(store)).rejects.toBe(away);
    store.fault = failing('list', 'key', away);
    await expect(open(store)).rejects.toBe(away);
    store.fault = failing('get', 'key', away);
    await expect(open(store)).rejects.toBe(away);
  });

  it('says that every key is missing', async () => {
    const store = knownRepository();
    for (const name of store.names('key')) store.objects.delete(`key/${name}`);
    const failure = await failureOf(open(store));
    expect([failure.code, failure.text.what]).toEqual(['DAMAGED', 'The repository at memory has no key file']);
  });

  const keyName = 'efd2208b578bf8335d98c22b04afed21cc68c28db2924e314330f5140b9cd5fd';
  const changed = (store: MemoryStore, change: (key: Record<string, unknown>) => void): void => {
    const key = JSON.parse(store.objects.get(`key/${keyName}`)?.toString() ?? '') as Record<string, unknown>;
    change(key);
    const bytes = Buffer.from(JSON.stringify(key));
    store.objects.delete(`key/${keyName}`);
    store.plant('key', addon.sha256(bytes).toString('hex'), bytes);
  };

  it.each<[string, (key: Record<string, unknown>) => void]>([
    ['N of no power of two', (key) => (key.N = 1000)],
    ['N of 1', (key) => (key.N = 1)],
    ['N of 0', (key) => (key.N = 0)],
    ['N as text', (key) => (key.N = '1024')],
    ['memory for a supercomputer', (key) => (key.N = 2 ** 30)],
    ['r for a supercomputer', (key) => (key.r = 2 ** 22)],
    ['time without end', (key) => (key.p = 2 ** 24)],
    ['p of 0', (key) => (key.p = 0)],
    ['p of a half', (key) => (key.p = 0.5)],
    ['another derivation', (key) => (key.kdf = 'argon2')],
    ['a short salt', (key) => (key.salt = Buffer.alloc(32).toString('base64'))],
    ['a long salt', (key) => (key.salt = Buffer.alloc(65).toString('base64'))],
    ['no salt', (key) => delete key.salt],
    ['a salt that is no base64', (key) => (key.salt = '!')],
    ['no data', (key) => delete key.data],
    ['a wrong time of creation', (key) => (key.created = 'yesterday')],
  ])('refuses a key with %s, and not as a wrong password', async (_, change) => {
    const store = knownRepository();
    changed(store, change);
    expect(await codeOf(open(store))).toBe('DAMAGED');
  });

  it('opens a key without labels and with unknown members', async () => {
    const store = knownRepository();
    changed(store, (key) => {
      for (const member of ['created', 'username', 'hostname']) delete key[member];
      key.future = { x: 1 };
    });
    await expect(open(store)).resolves.toBeDefined();
  });

  it('refuses a key file whose content is not what its name says', async () => {
    const store = knownRepository();
    const bytes = store.objects.get(`key/${keyName}`) ?? Buffer.alloc(0);
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    const failure = await failureOf(open(store));
    expect([failure.code, failure.message]).toEqual(['DAMAGED', expect.stringContaining(keyName)]);
  });

  it('opens with a good key beside a damaged one', async () => {
    const store = knownRepository();
    store.plant('key', '0'.repeat(64), Buffer.from('{}'));
    expect((await open(store)).keyName).toBe(keyName);
    expect(await codeOf(open(store, 'other'))).toBe('DAMAGED');
  });

  it.each<[string, string, FailureCode]>([
    ['a newer version', '{"version":3,"id":"x","chunker_polynomial":"3da3358b4dc173"}', 'REPOSITORY_VERSION'],
    ['version 0', '{"version":0,"id":"x","chunker_polynomial":"3da3358b4dc173"}', 'DAMAGED'],
    ['a version in letters', '{"version":"2","id":"x","chunker_polynomial":"3da3358b4dc173"}', 'DAMAGED'],
    ['no id', '{"version":2,"chunker_polynomial":"3da3358b4dc173"}', 'DAMAGED'],
    ['a polynomial that can be divided', '{"version":2,"id":"x","chunker_polynomial":"20000000000001"}', 'DAMAGED'],
    ['a small polynomial', '{"version":2,"id":"x","chunker_polynomial":"7"}', 'DAMAGED'],
    ['no polynomial', '{"version":2,"id":"x"}', 'DAMAGED'],
    ['no JSON', 'config', 'DAMAGED'],
    ['no object', 'null', 'DAMAGED'],
  ])('refuses a config with %s', async (_, text, code) => {
    const { store, repository, ports } = await memoryRepository();
    store.plant('config', '', repository.keys.seal(Buffer.from(text)));
    expect(await codeOf(openRepository(ports, { password: testPassword() }))).toBe(code);
  });

  it('opens a config with an upper-case polynomial, unknown members and a newline', async () => {
    const { store, repository, ports } = await memoryRepository();
    store.plant('config', '', repository.keys.seal(Buffer.from('{"version":1,"id":"x","chunker_polynomial":"3DA3358B4DC173","future":1}\n')));
    expect((await openRepository(ports, { password: testPassword() })).config).toEqual({ version: 1, id: 'x', polynomial });
  });

  it('refuses a damaged config', async () => {
    const store = knownRepository();
    const config = store.objects.get('config/') ?? Buffer.alloc(0);
    config[20] = (config[20] ?? 0) ^ 1;
    const failure = await failureOf(open(store));
    expect([failure.code, failure.message]).toEqual(['DAMAGED', expect.stringContaining('config')]);
    store.plant('config', '', Buffer.alloc(0));
    expect(await codeOf(open(store))).toBe('DAMAGED');
  });

  it('wipes the keys when it is closed', async () => {
    const repository = await open(knownRepository());
    await repository.close();
    expect(() => repository.keys.seal(Buffer.from('x'))).toThrow();
  });
});
