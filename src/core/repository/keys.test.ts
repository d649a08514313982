import { describe, expect, it } from 'vitest';
import { FakeClock } from '../platform/fake-clock.ts';
import { addKey, changePassword, listKeys, removeKey } from './keys.ts';
import { openRepository } from './repository.ts';
import { fastDerivation, memoryRepository, testPassword } from './testing/fast-repository.ts';

const other = (): Buffer => Buffer.from('another one');

describe('passwords of a repository', () => {
  it('can be added: each opens it', async () => {
    const { repository, ports } = await memoryRepository({ clock: new FakeClock() });
    const name = await addKey(repository, other(), { kdf: fastDerivation, username: 'ü<', hostname: 'h' });
    expect((await openRepository(ports, { password: other() })).keyName).toBe(name);
    expect((await openRepository(ports, { password: testPassword() })).keyName).toBe(repository.keyName);
    const { keys, damaged } = await listKeys(repository);
    expect(damaged).toEqual([]);
    expect(keys).toContainEqual({ id: name, created: '2024-01-02T03:04:05Z', username: 'ü<', hostname: 'h', current: false });
    expect(keys).toContainEqual({ id: repository.keyName, created: '2024-01-02T03:04:05Z', username: 'tester', hostname: 'testhost', current: true });
  });

  it('are tried on the hinted key first', async () => {
    const { repository, ports, store } = await memoryRepository();
    const name = await addKey(repository, other(), { kdf: fastDerivation });
    store.history.length = 0;
    await openRepository(ports, { password: other(), keyHint: name.slice(0, 12) });
    expect(store.history.filter((line) => line.startsWith('get key'))).toEqual([`get key/${name}`]);
  });

  it('can be removed, but not the one in use', async () => {
    const { repository, ports } = await memoryRepository();
    const name = await addKey(repository, other(), { kdf: fastDerivation });
    await expect(removeKey(repository, repository.keyName)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(removeKey(repository, '')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(removeKey(repository, 'x')).rejects.toMatchObject({ code: 'USAGE' });
    expect(await removeKey(repository, name.slice(0, 16))).toBe(name);
    await expect(openRepository(ports, { password: other() })).rejects.toMatchObject({ code: 'WRONG_PASSWORD' });
  });

  it('can be changed: the new key is stored and read back before the old one goes', async () => {
    const { repository, ports, store } = await memoryRepository();
    const name = await changePassword(repository, other(), { kdf: fastDerivation });
    expect(store.history).toEqual([`put key/${name}`, `get key/${name}`, `remove key/${repository.keyName}`]);
    await expect(openRepository(ports, { password: testPassword() })).rejects.toMatchObject({ code: 'WRONG_PASSWORD' });
    await expect(openRepository(ports, { password: other() })).resolves.toMatchObject({ keyName: name });
  });

  it('lists a damaged key apart', async () => {
    const { repository, store } = await memoryRepository();
    store.plant('key', 'f'.repeat(64), Buffer.from('x'));
    const { keys, damaged } = await listKeys(repository);
    expect(keys).toHaveLength(1);
    expect(damaged).toMatchObject([{ name: 'f'.repeat(64), failure: { code: 'DAMAGED' } }]);
  });

  it('may be empty', async () => {
    const { repository, ports } = await memoryRepository();
    await addKey(repository, Buffer.alloc(0), { kdf: fastDerivation });
    await expect(openRepository(ports, { password: Buffer.alloc(0) })).resolves.toBeDefined();
  });
});
