/** A repository for one short piece of work in the agent's own process, which needs no index: a look at all snapshots, a tag. */
import { connectRepository } from '../../core/repository/connect-repository.ts';
import type { Repository } from '../../core/repository/repository.ts';
import { storageFailure } from '../../core/storage/storage-failure.ts';
import { withoutCredentials } from '../../core/storage/store-url.ts';
import { connectionPorts, type Repositories, type RepositoriesPorts } from './repositories.ts';

export type UseRepository = <T>(id: string, body: (repository: Repository) => Promise<T>) => Promise<T>;

/** It is opened anew for each use, so that new keys, passwords and certificates count at once. Failures: those of opening it, and the body's. */
export function repositoryUse(repositories: Repositories, ports: Pick<RepositoriesPorts, 'clock' | 'logger' | 'home'>): UseRepository {
  return async (id, body) => {
    const { url } = repositories.get(id);
    const connection = await connectRepository(await repositories.target(id), 'open', connectionPorts(ports));
    try {
      return await body(connection.repository);
    } catch (error) {
      throw storageFailure(error, withoutCredentials(url));
    } finally {
      await connection.close();
    }
  };
}
