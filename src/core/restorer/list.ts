/**
 * Listing a snapshot (`ls`).
 *
 * Invariants: nothing is recursive but the order, which is that of the tree: a folder, then what it holds; one tree is
 * in memory for each level, and one path for all levels. A tree that cannot be read and a node that is refused are
 * handed on as such, and the listing goes on.
 */
import { Failure } from '../../shared/errors.ts';
import { damaged } from '../repository/damage.ts';
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import type { RefusedNode, Tree, TreeNode } from '../repository/tree.ts';
import { findPath } from './find-path.ts';
import { TreeReader } from '../repository/tree-reader.ts';

const slash = Buffer.from('/');

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

/** An entry that the snapshot has, but that nothing may be done with (`RefusedNode`). */
export interface ListedRefusal {
  readonly path: Buffer;
  readonly node?: undefined;
  readonly failure: Failure;
}

interface Level {
  readonly tree: Tree;
  /** Of the folder's own path. */
  readonly pathLength: number;
  next: number;
}

/**
 * Yields the nodes at and, with `recursive`, below a path; a folder given by path yields itself first. Needs the index.
 * Throws `PATH_NOT_FOUND`, and `DAMAGED` where the listing cannot even begin.
 */
export async function* listTree(repository: Repository, snapshot: StoredSnapshot, options: ListOptions, signal?: AbortSignal): AsyncGenerator<ListedNode | ListedRefusal> {
  const trees = new TreeReader(repository, signal);
  const found = await findPath(Buffer.from(snapshot.snapshot.tree, 'hex'), options.path ?? Buffer.alloc(0), (id) => trees.read(id));
  if (found.kind === 'node') yield { path: found.path, node: found.node };
  if (found.kind === 'node' && found.node.type !== 'dir') return;
  const start = found.kind === 'root' ? found.tree : found.node.subtree;
  if (start === null) return;
  // Of the innermost folder; those of the levels above it are its beginnings.
  let folder = found.kind === 'root' ? Buffer.alloc(0) : found.path;
  const levels: Level[] = [{ tree: await trees.read(start), pathLength: folder.length, next: 0 }];
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    folder = folder.subarray(0, level.pathLength);
    const node = level.tree.nodes[level.next];
    level.next += 1;
    if (node === undefined) {
      for (const refused of level.tree.refused) yield refusal(folder, refused);
      levels.pop();
      continue;
    }
    const path = Buffer.concat([folder, slash, node.name]);
    const listed = { path, node };
    if (!options.recursive || node.type !== 'dir' || node.subtree === null) {
      yield listed;
      continue;
    }
    const inside = await treeOrFailure(trees, node.subtree, signal);
    if (inside instanceof Failure) yield { ...listed, failure: inside };
    else {
      yield listed;
      folder = path;
      levels.push({ tree: inside, pathLength: path.length, next: 0 });
    }
  }
}

function refusal(folder: Buffer, { nameText, fault }: RefusedNode): ListedRefusal {
  const path = Buffer.concat([folder, slash, Buffer.from(nameText)]);
  return { path, failure: damaged(`"${path.toString('utf8')}" cannot be restored: ${fault}`) };
}

async function treeOrFailure(trees: TreeReader, id: Buffer, signal: AbortSignal | undefined): Promise<Tree | Failure> {
  try {
    return await trees.read(id);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Failure && error.code === 'DAMAGED') return error;
    throw error;
  }
}
