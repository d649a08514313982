/** A repository for one short piece of work in the agent's own process, which needs no index: a look at all snapshots, a tag. */
import { connectRepository } from '../../core/repository/connect-repository.ts';
import type { Repository } from '../../core/repository/repository.ts';
import { storageFailure } from '../../core/storage/storage-failure.ts';
import { withoutCredentials } from '../../core/storage/store-url.ts';
import { connectionPorts, type Repositories, type RepositoriesPorts } from './repositories.ts';

/** `signal`: of one who may leave; the body is to heed it. */
export type UseRepository = <T>(id: string, body: (repository: Repository, signal: AbortSignal) => Promise<T>, signal?: AbortSignal) => Promise<T>;

/** It is opened anew for each use, so that new keys, passwords and certificates count at once. Failures: those of opening it, and the body's; what the signal says. */
export function repositoryUse(repositories: Repositories, ports: Pick<RepositoriesPorts, 'clock' | 'logger' | 'home'>): UseRepository {
  return async (id, body, signal = new AbortController().signal) => {
    const { url } = repositories.get(id);
    const connection = await connectRepository(await repositories.target(id), 'open', connectionPorts(ports), signal);
    try {
      signal.throwIfAborted();
      return await body(connection.repository, signal);
    } catch (error) {
      // What a request says that was given up matters less than why it was.
      signal.throwIfAborted();
      throw storageFailure(error, withoutCredentials(url));
    } finally {
      await connection.close();
    }
  };
}
