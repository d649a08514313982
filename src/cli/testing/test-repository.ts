/** Repositories of tests, made in this process with a cheap key derivation, so that every command that opens them is fast. */
import { loadAddon } from '../../core/native/load-addon.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { createRepository, openRepository, type Repository } from '../../core/repository/repository.ts';
import { openStore } from '../../core/storage/open-store.ts';
import { password } from './cli-process.ts';

const cheap = { N: 1024, r: 8, p: 1 };

/** An empty repository under the password of the tests. */
export async function makeTestRepository(url: string): Promise<string> {
  await withStore(url, async (ports) => {
    const repository = await createRepository(ports, { password: Buffer.from(password), kdf: cheap, hostname: 'test', username: 'test' });
    await repository.close();
  });
  return url;
}

/** Opens a repository in this process, for what no command line can do to it. */
export async function insideRepository<T>(url: string, body: (repository: Repository) => Promise<T>): Promise<T> {
  return await withStore(url, async (ports) => {
    const repository = await openRepository(ports, { password: Buffer.from(password) });
    try {
      return await body(repository);
    } finally {
      await repository.close();
    }
  });
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
