/** What the rest of the agent sees of the repositories that it knows. */
import type { Repository } from '../../shared/contract/schemas/repository.ts';
import type { RepositoryAccess } from '../../shared/worker-protocol.ts';

export interface RepositoryRegistry {
  list(): Repository[];
  /** Throws `REPOSITORY_NOT_FOUND`. */
  get(id: string): Repository;
  /** The embedded default, made on first use. */
  ensureDefault(): Promise<Repository>;
  /** URL with credentials, password and pin, for a worker. The embedded default is made where it is missing. */
  access(id: string): Promise<RepositoryAccess>;
  /** Notes how the last use of a repository ended, and the certificate that was seen first. */
  used(id: string, result: { readonly error: string | null }): void;
}
