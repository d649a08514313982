/**
 * A folder of a repository and everything below it, node by node.
 *
 * Invariants: a folder comes before what it holds, and is left after it; nothing is recursive: one tree is in memory for
 * each level, and one path for all of them. A tree that cannot be read and a node that is refused are handed on as
 * such, and the walk goes on.
 */
import { Failure } from '../../shared/errors.ts';
import { damaged } from '../repository/damage.ts';
import type { Repository } from '../repository/repository.ts';
import type { RefusedNode, Tree, TreeNode } from '../repository/tree.ts';
import { TreeReader } from '../repository/tree-reader.ts';

/** `path` is absolute below the start, raw bytes. `failure` is set for a folder whose own list could not be read. */
export interface WalkedNode {
  readonly kind: 'node';
  readonly path: Buffer;
  readonly node: TreeNode;
  readonly failure?: Failure;
}

/** After everything in a folder that was entered. */
export interface LeftFolder {
  readonly kind: 'left';
  readonly path: Buffer;
}

/** An entry that the snapshot has, but that nothing may be done with (`RefusedNode`). */
export interface Refusal {
  readonly kind: 'refused';
  readonly path: Buffer;
  readonly failure: Failure;
}

interface Level {
  readonly tree: Tree;
  /** Of the folder's own path. */
  readonly pathLength: number;
  next: number;
}

const slash = Buffer.from('/');
const nodesAhead = 64;

export interface NodeWalkOptions {
  /** Put before every path; empty for a root. */
  readonly path?: Buffer;
  /** Whether to go into a folder; into all of them without it. */
  readonly enter?: (path: Buffer, subtree: Buffer) => boolean;
  /** Is told of a start that cannot be read, which is then empty; else that is thrown. */
  readonly onUnreadableRoot?: (failure: Failure) => void;
  readonly signal?: AbortSignal;
}

/** `tree`: where to start; it has no node of its own. Needs the index. Throws `DAMAGED` where the walk cannot even begin. */
export async function* walkNodes(repository: Repository, tree: Buffer, options: NodeWalkOptions = {}): AsyncGenerator<WalkedNode | LeftFolder | Refusal> {
  const { signal, enter = () => true } = options;
  const trees = new TreeReader(repository, signal);
  // Of the innermost folder; those of the levels above it are its beginnings.
  let folder = options.path ?? Buffer.alloc(0);
  const root = await treeOrFailure(trees, tree, signal);
  if (root instanceof Failure) {
    if (options.onUnreadableRoot === undefined) throw root;
    options.onUnreadableRoot(root);
    return;
  }
  const levels: Level[] = [{ tree: root, pathLength: folder.length, next: 0 }];
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    signal?.throwIfAborted();
    folder = folder.subarray(0, level.pathLength);
    const node = level.tree.nodes[level.next];
    level.next += 1;
    if (node === undefined) {
      for (const refused of level.tree.refused) yield refusal(folder, refused);
      levels.pop();
      if (levels.length > 0) yield { kind: 'left', path: folder };
      continue;
    }
    const path = Buffer.concat([folder, slash, node.name]);
    const listed = { kind: 'node', path, node } as const;
    if (node.type !== 'dir' || node.subtree === null || !enter(path, node.subtree)) {
      yield listed;
      continue;
    }
    const inside = await treeOrFailure(trees, node.subtree, signal);
    if (inside instanceof Failure) yield { ...listed, failure: inside };
    else {
      yield listed;
      folder = path;
      levels.push({ tree: inside, pathLength: path.length, next: 0 });
      trees.prefetch(treesAhead(levels, options.enter === undefined));
    }
  }
}

/** The trees that the walk will come to next; nothing where it is not known which are entered. */
function* treesAhead(levels: readonly Level[], everything: boolean): Iterable<Buffer> {
  if (!everything) return;
  let looked = 0;
  for (let at = levels.length - 1; at >= 0; at -= 1) {
    const { tree, next } = levels[at] as Level;
    for (let i = next; i < tree.nodes.length; i += 1) {
      looked += 1;
      if (looked > nodesAhead) return;
      const subtree = tree.nodes[i]?.subtree;
      if (subtree !== null && subtree !== undefined) yield subtree;
    }
  }
}

function refusal(folder: Buffer, { nameText, fault }: RefusedNode): Refusal {
  const path = Buffer.concat([folder, slash, Buffer.from(nameText)]);
  return { kind: 'refused', path, failure: damaged(`"${path.toString('utf8')}" cannot be used: ${fault}`) };
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
