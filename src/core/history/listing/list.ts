/**
 * What a snapshot holds (`ls`).
 *
 * Vocabulary: a *filter* is a folder or file whose nodes are wanted: it, and what it holds; with `recursive` also what its
 * folders hold. Without filters everything is wanted.
 *
 * Invariants: in the order of the walk nothing is collected; any other order needs all nodes in memory.
 */
import type { Repository } from '../../repository/repository.ts';
import { splitSnapshotPath } from '../../restorer/find-path.ts';
import { walkNodes, type LeftFolder, type Refusal, type WalkedNode } from '../node-walk.ts';

export const sortOrders = ['name', 'size', 'time', 'mtime', 'atime', 'ctime', 'extension'] as const;
export type SortOrder = (typeof sortOrders)[number];

export interface ListOptions {
  /** Absolute below the listed tree, raw bytes. */
  readonly filters: readonly Buffer[];
  readonly recursive: boolean;
  readonly sort: SortOrder;
  readonly reverse: boolean;
  readonly signal?: AbortSignal;
}

/** Yields what is wanted of the tree; folders that were left only in the order of the walk. Needs the index. Throws `DAMAGED` where the list cannot even begin. */
export async function* list(repository: Repository, tree: Buffer, options: ListOptions): AsyncGenerator<WalkedNode | LeftFolder | Refusal> {
  const filters = options.filters.map(canonical);
  const everything = filters.length === 0;
  const enter = (path: Buffer): boolean => filters.some((filter) => holds(path, filter)) || (options.recursive && filters.some((filter) => holds(filter, path)));
  const wanted = (path: Buffer): boolean => everything || filters.some((filter) => holds(filter, path));
  const walk = walkNodes(repository, tree, { ...(everything ? {} : { enter }), ...(options.signal === undefined ? {} : { signal: options.signal }) });
  const collected: WalkedNode[] = [];
  const inOrder = options.sort === 'name' && !options.reverse;
  for await (const found of walk) {
    if (!wanted(found.path)) continue;
    if (found.kind === 'node' && !inOrder) collected.push(found);
    else if (found.kind !== 'left' || inOrder) yield found;
  }
  collected.sort(comparison(options.sort, options.reverse));
  yield* collected;
}

function canonical(path: Buffer): Buffer {
  return Buffer.concat(splitSnapshotPath(path).flatMap((component) => [Buffer.from('/'), component]));
}

/** The path is the folder or lies below it. The root is empty. */
function holds(folder: Buffer, path: Buffer): boolean {
  if (folder.length > path.length || path.compare(folder, 0, folder.length, 0, folder.length) !== 0) return false;
  return folder.length === path.length || path[folder.length] === 0x2f;
}

function comparison(sort: SortOrder, reverse: boolean): (a: WalkedNode, b: WalkedNode) => number {
  const sign = reverse ? -1 : 1;
  return (a, b) => sign * (byFact(sort, a, b) || Buffer.compare(a.path, b.path));
}

function byFact(sort: SortOrder, a: WalkedNode, b: WalkedNode): number {
  switch (sort) {
    case 'name':
      return 0;
    case 'size':
      return order(a.node.size, b.node.size);
    case 'extension':
      return Buffer.compare(extensionOf(a.node.name), extensionOf(b.node.name));
    case 'time':
    case 'mtime':
      return order(a.node.mtime, b.node.mtime);
    default:
      return order(a.node[sort], b.node[sort]);
  }
}

function order(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** From the last dot on; empty without one. */
function extensionOf(name: Buffer): Buffer {
  const dot = name.lastIndexOf(0x2e);
  return dot < 0 ? Buffer.alloc(0) : name.subarray(dot);
}
