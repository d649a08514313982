/** Looking for nodes by path, time, size and type. */
import type { NodeType, TreeNode } from '../repository/tree.ts';
import { thisPlatform } from '../archiver/byte-path.ts';
import { PathPatterns, type PathState } from './path-patterns.ts';
import type { NodeQuery } from './tree-entries.ts';

export interface NodeFilter {
  /** Byte strings; one must match (path-patterns.ts). */
  readonly patterns: readonly string[];
  readonly ignoreCase?: boolean;
  /** Nanoseconds since 1970: the mtime is not before, and not after. */
  readonly oldest?: bigint;
  readonly newest?: bigint;
  /** Bytes: regular files with more, or less; of nothing else. */
  readonly larger?: bigint;
  readonly smaller?: bigint;
  readonly types?: ReadonlySet<NodeType>;
}

/** Throws `BadPattern` (archiver/glob.ts). */
export function filterQuery(filter: NodeFilter): NodeQuery {
  const patterns = new PathPatterns(filter.patterns, { platform: thisPlatform, ...(filter.ignoreCase === undefined ? {} : { ignoreCase: filter.ignoreCase }) });
  return {
    root: patterns.root,
    step: (state, name) => patterns.step(state, name),
    accepts: (node: TreeNode, state: PathState) => state.matched && passes(filter, node),
  };
}

/** Time, size and type; not the path. */
export function passes({ oldest, newest, larger, smaller, types }: NodeFilter, node: Pick<TreeNode, 'type' | 'mtime' | 'size'>): boolean {
  if (types !== undefined && !types.has(node.type)) return false;
  if (oldest !== undefined && node.mtime < oldest) return false;
  if (newest !== undefined && node.mtime > newest) return false;
  if (larger === undefined && smaller === undefined) return true;
  return node.type === 'file' && (larger === undefined || node.size > larger) && (smaller === undefined || node.size < smaller);
}
