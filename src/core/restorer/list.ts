/**
 * Listing a snapshot (`ls`).
 *
 * Invariants: nothing is recursive but the order, which is that of the tree: a folder, then what it holds; one tree is
 * in memory for each level. A tree that cannot be read is handed on as such, and the listing goes on.
 */
import { Failure } from '../../shared/errors.ts';
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import type { TreeNode } from '../repository/tree.ts';
import { findPath } from './find-path.ts';
import { TreeReader } from '../repository/tree-reader.ts';

export interface ListOptions {
  /** Path in the snapshot; the root without it. A file lists itself. */
  readonly path?: Buffer;
  readonly recursive: boolean;
}

/** `path` is absolute in the snapshot. `failure` is set for a folder whose own list could not be read. */
export interface ListedNode {
  readonly path: Buffer;
  readonly node: TreeNode;
  readonly failure?: Failure;
}

interface Level {
  readonly path: Buffer;
  readonly nodes: readonly TreeNode[];
  next: number;
}

/**
 * Yields the nodes at and, with `recursive`, below a path; a folder given by path yields itself first. Needs the index.
 * Throws `PATH_NOT_FOUND`, and `DAMAGED` where the listing cannot even begin.
 */
export async function* listTree(repository: Repository, snapshot: StoredSnapshot, options: ListOptions, signal?: AbortSignal): AsyncGenerator<ListedNode> {
  const trees = new TreeReader(repository, signal);
  const found = await findPath(Buffer.from(snapshot.snapshot.tree, 'hex'), options.path ?? Buffer.alloc(0), (id) => trees.read(id));
  if (found.kind === 'node') yield { path: found.path, node: found.node };
  if (found.kind === 'node' && found.node.type !== 'dir') return;
  const start = found.kind === 'root' ? found.tree : found.node.subtree;
  if (start === null) return;
  const levels: Level[] = [{ path: found.kind === 'root' ? Buffer.alloc(0) : found.path, nodes: (await trees.read(start)).nodes, next: 0 }];
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const node = level.nodes[level.next];
    level.next += 1;
    if (node === undefined) {
      levels.pop();
      continue;
    }
    const path = Buffer.concat([level.path, Buffer.from('/'), node.name]);
    const listed = { path, node };
    if (!options.recursive || node.type !== 'dir' || node.subtree === null) {
      yield listed;
      continue;
    }
    const inside = await nodesOrFailure(trees, node.subtree, signal);
    if (inside instanceof Failure) yield { ...listed, failure: inside };
    else {
      yield listed;
      levels.push({ path, nodes: inside, next: 0 });
    }
  }
}

async function nodesOrFailure(trees: TreeReader, id: Buffer, signal: AbortSignal | undefined): Promise<readonly TreeNode[] | Failure> {
  try {
    return (await trees.read(id)).nodes;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Failure && error.code === 'DAMAGED') return error;
    throw error;
  }
}
