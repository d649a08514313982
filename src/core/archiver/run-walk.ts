/** The walk of a backup, joined to the repository and the parent snapshot. */
import { Failure } from '../../shared/errors.ts';
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { TreeReader } from '../repository/tree-reader.ts';
import type { Tree } from '../repository/tree.ts';
import type { EngineFeed } from './engine-feed.ts';
import type { Excludes } from './excludes.ts';
import { Owners } from './nodes.ts';
import type { PreparedNode } from './prepared-targets.ts';
import type { Tally } from './tally.ts';
import { Walk } from './walk.ts';

export interface WalkSettings {
  readonly repository: Repository;
  readonly excludes: Excludes;
  readonly tally: Tally;
  readonly oneFileSystem: boolean;
  readonly signal: AbortSignal;
}

/** Resolves with the id of the root tree. */
export async function runWalk(settings: WalkSettings, feed: EngineFeed, nodes: readonly PreparedNode[], parent: StoredSnapshot | undefined): Promise<Buffer> {
  const { repository, excludes, tally, oneFileSystem, signal } = settings;
  const reader = new TreeReader(repository, signal);
  const walk = new Walk({
    addon: repository.addon,
    feed,
    index: repository.index,
    excludes,
    owners: new Owners(repository.addon),
    tally,
    oneFileSystem,
    readOldTree: (id) => readOldTree(repository, reader, id),
  });
  const onAbort = (): void => walk.stop(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await walk.run(nodes, parent === undefined ? undefined : Buffer.from(parent.snapshot.tree, 'hex'));
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** A missing or damaged tree of the parent only costs time: its files are read again. */
async function readOldTree(repository: Repository, reader: TreeReader, id: Buffer): Promise<Tree | undefined> {
  if (!repository.index.has('tree', id)) return undefined;
  try {
    return await reader.read(id);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
    repository.logger.warn({ tree: id.toString('hex'), error: error.text.what }, 'a folder of the parent snapshot cannot be read; its files are read again');
    return undefined;
  }
}
