/** The walk of a backup, joined to the repository and the parent snapshot. */
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import type { EngineFeed } from './engine-feed.ts';
import type { Excludes } from './excludes.ts';
import { Owners } from './nodes.ts';
import { OldTrees } from './old-trees.ts';
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
  const oldTrees = new OldTrees(repository, signal);
  const walk = new Walk({
    addon: repository.addon,
    feed,
    index: repository.index,
    excludes,
    owners: new Owners(repository.addon),
    tally,
    oneFileSystem,
    readOldTree: (id) => oldTrees.read(id),
  });
  const onAbort = (): void => walk.stop(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await walk.run(nodes, parent === undefined ? undefined : Buffer.from(parent.snapshot.tree, 'hex'));
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
