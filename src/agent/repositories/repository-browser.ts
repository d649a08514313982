/** Snapshots and folders of the known repositories, for one who looks. */
import type { Repository } from '../../core/repository/repository.ts';
import { withoutCredentials } from '../../core/storage/store-url.ts';
import { storageFailure } from '../../core/storage/storage-failure.ts';
import { OpenRepositories } from './open-repositories.ts';
import type { OpenedSnapshots, PreviewQuestion, ShownSnapshot, TreePage, TreeQuestion } from './opened-snapshots.ts';
import type { RestorePreview } from './restore-preview.ts';
import { connectionPorts, type Repositories, type RepositoriesPorts } from './repositories.ts';
import { connectRepository } from './repository-connection.ts';

export class RepositoryBrowser {
  readonly #repositories: Repositories;
  readonly #open: OpenRepositories;

  constructor(repositories: Repositories, ports: Pick<RepositoriesPorts, 'clock' | 'logger' | 'home'>) {
    this.#repositories = repositories;
    this.#open = new OpenRepositories(async (id) => await connectRepository(await repositories.target(id), 'open', connectionPorts(ports)), ports);
  }

  /** Newest first. */
  listSnapshots(id: string): Promise<ShownSnapshot[]> {
    return this.#use(id, (snapshots) => snapshots.list());
  }

  listTree(id: string, question: TreeQuestion): Promise<TreePage> {
    return this.#use(id, (snapshots) => snapshots.tree(question));
  }

  previewRestore(id: string, question: PreviewQuestion): Promise<RestorePreview> {
    return this.#use(id, (snapshots) => snapshots.preview(question));
  }

  /** A piece of work that needs no index, such as a look at all snapshots; it may be begun a second time where it fails. */
  withRepository<T>(id: string, body: (repository: Repository) => Promise<T>): Promise<T> {
    return this.#use(id, ({ repository }) => body(repository));
  }

  /** For `RepositoriesPorts.onChange`. */
  forget(id: string): void {
    this.#open.forget(id);
  }

  close(): Promise<void> {
    return this.#open.close();
  }

  async #use<T>(id: string, body: (snapshots: OpenedSnapshots) => Promise<T>): Promise<T> {
    const { url } = this.#repositories.get(id);
    try {
      return await this.#open.use(id, body);
    } catch (error) {
      throw storageFailure(error, withoutCredentials(url));
    }
  }
}
