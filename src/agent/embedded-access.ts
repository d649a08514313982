/**
 * How a worker reaches the embedded default repository: through the companion server where that can be had, so that its
 * connections and uploads are seen, and directly where not.
 */
import type { RepositoryAccess } from '../shared/worker-protocol.ts';
import type { CompanionHost } from './companion/companion-host.ts';
import { embeddedRepositoryName } from './repositories/default-repository.ts';
import type { RepositoryRegistry } from './repositories/registry-port.ts';
import { defaultRepositoryId } from './repositories/repositories.ts';

export function throughCompanion(repositories: RepositoryRegistry, companion: Pick<CompanionHost, 'repositoryUrl'>): Pick<RepositoryRegistry, 'access' | 'used'> {
  return {
    async access(id): Promise<RepositoryAccess> {
      const direct = await repositories.access(id);
      if (id !== defaultRepositoryId) return direct;
      const url = await companion.repositoryUrl(embeddedRepositoryName);
      return url === undefined ? direct : { ...direct, url };
    },
    used: (id, result) => repositories.used(id, result),
  };
}
