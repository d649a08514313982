/** Repositories of tests, made in this process with a cheap key derivation, so that every command that opens them is fast. */
import { loadAddon } from '../../core/native/load-addon.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { addKey } from '../../core/repository/keys.ts';
import { createRepository, openRepository, type Repository } from '../../core/repository/repository.ts';
import { openStore } from '../../core/storage/open-store.ts';
import { password } from './cli-process.ts';

const cheap = { N: 1024, r: 8, p: 1 };

/** An empty repository under the password of the tests, or another. */
export async function makeTestRepository(url: string, secret = password): Promise<string> {
  await withStore(url, async (ports) => {
    const repository = await createRepository(ports, { password: Buffer.from(secret), kdf: cheap, hostname: 'test', username: 'test' });
    await repository.close();
  });
  return url;
}

/** Opens a repository in this process, for what no command line can do to it. */
export async function insideRepository<T>(url: string, body: (repository: Repository) => Promise<T>, secret = password): Promise<T> {
  return await withStore(url, async (ports) => {
    const repository = await openRepository(ports, { password: Buffer.from(secret) });
    try {
      return await body(repository);
    } finally {
      await repository.close();
    }
  });
}

/** Exchanges the key of a repository that a program made, restic or ours: each of its commands spends most of a second of two cores on one. */
export async function makeKeyCheap(url: string, secret: string): Promise<void> {
  const exchange = async (repository: Repository): Promise<void> => {
    await addKey(repository, Buffer.from(secret), { kdf: cheap });
    await repository.store.remove({ type: 'key', name: repository.keyName });
  };
  await insideRepository(url, exchange, secret);
}

async function withStore<T>(url: string, body: (ports: Parameters<typeof openRepository>[0]) => Promise<T>): Promise<T> {
  const addon = loadAddon();
  const store = openStore(url, { addon, clock: systemClock });
  try {
    return await body({ store, addon, clock: systemClock });
  } finally {
    await store.close();
  }
}
