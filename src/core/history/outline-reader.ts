/** Reads folders of a repository as outlines, a few ahead. */
import type { Repository } from '../repository/repository.ts';
import { TreeOutline } from '../repository/tree-outline.ts';
import { TreeReader } from '../repository/tree-reader.ts';

export class OutlineReader {
  readonly #repository: Repository;
  readonly #trees: TreeReader;

  constructor(repository: Repository, signal?: AbortSignal) {
    this.#repository = repository;
    this.#trees = new TreeReader(repository, signal);
  }

  /** Failure DAMAGED where no copy can be read. */
  async read(id: Buffer): Promise<TreeOutline> {
    return new TreeOutline(this.#repository.addon, id, await this.#trees.readBlob(id));
  }

  readBlob(id: Buffer): Promise<Buffer> {
    return this.#trees.readBlob(id);
  }

  prefetch(ids: Iterable<Buffer>): void {
    this.#trees.prefetch(ids);
  }
}
