/** From a place in a snapshot to the tree that stands there. */
import { Failure } from '../../shared/errors.ts';
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { TreeReader } from '../repository/tree-reader.ts';
import { findPath } from '../restorer/find-path.ts';

/** The id of a folder's tree; the snapshot's own without a path. Needs the index. Throws `PATH_NOT_FOUND` and `DAMAGED`. */
export async function folderTree(repository: Repository, snapshot: StoredSnapshot, path: Buffer | undefined, signal?: AbortSignal): Promise<Buffer> {
  const root = Buffer.from(snapshot.snapshot.tree, 'hex');
  if (path === undefined) return root;
  const trees = new TreeReader(repository, signal);
  const found = await findPath(root, path, (id) => trees.read(id));
  if (found.kind === 'root') return found.tree;
  if (found.node.type === 'dir' && found.node.subtree !== null) return found.node.subtree;
  throw new Failure('PATH_NOT_FOUND', { what: `"${path.toString('utf8')}" is no folder in snapshot ${snapshot.id.slice(0, 8)}`, next: 'Name the folder that it is in' });
}
