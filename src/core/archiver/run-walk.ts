/** The walk of a backup, joined to the repository and the parent snapshot. */
import { Failure } from '../../shared/errors.ts';
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { TreeReader } from '../repository/tree-reader.ts';
import { decodeTree } from '../repository/tree.ts';
import type { EngineFeed } from './engine-feed.ts';
import type { Excludes } from './excludes.ts';
import type { OldTrees } from './folder-listing.ts';
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
  const walk = new Walk({
    addon: repository.addon,
    feed,
    index: repository.index,
    excludes,
    owners: new Owners(repository.addon),
    tally,
    oneFileSystem,
    oldTrees: oldTreesOf(repository, signal),
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
function oldTreesOf(repository: Repository, signal: AbortSignal): OldTrees {
  const reader = new TreeReader(repository, signal);
  const onDamage = (id: Buffer, error: unknown): undefined => {
    if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
    repository.logger.warn({ tree: id.toString('hex'), error: error.text.what }, 'a folder of the parent snapshot cannot be read; its files are read again');
  };
  const ifListed = async <T>(id: Buffer, read: (id: Buffer) => Promise<T>): Promise<T | undefined> => {
    if (!repository.index.has('tree', id)) return undefined;
    return read(id).catch((error: unknown) => onDamage(id, error));
  };
  return {
    read: (id) => ifListed(id, (listed) => reader.read(listed)),
    readBlob: (id) => ifListed(id, (listed) => reader.readBlob(listed)),
    decode(id, blob) {
      try {
        return decodeTree(blob);
      } catch (error) {
        return onDamage(id, error);
      }
    },
    prefetch: (ids) => reader.prefetch(ids),
  };
}
