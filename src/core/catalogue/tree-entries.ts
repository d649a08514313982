/**
 * What a query wants of one tree: the nodes that it accepts, and the folders to enter.
 *
 * Invariant: what is told of a tree does not need its blob any more.
 */
import { Failure } from '../../shared/errors.ts';
import { damaged } from '../repository/damage.ts';
import { decodeTree, type TreeNode } from '../repository/tree.ts';
import type { PathState } from './path-patterns.ts';
import { scanTree } from './tree-scan.ts';

/** What is looked for. */
export interface NodeQuery {
  /** State of a snapshot's root. */
  readonly root: PathState;
  /** State of a name (byte string) in a folder. */
  step(state: PathState, name: string): PathState;
  /** Whether a tree may hold something although none of its names match. `text`: its blob, one character a byte. */
  mayHold?(text: string): boolean;
  /** `state`: that of the node's own path. */
  accepts(node: TreeNode, state: PathState): boolean;
}

export interface Entry {
  /** Byte string. */
  readonly name: string;
  /** Set where the query accepts it. */
  readonly node: TreeNode | undefined;
  /** 64 hex digits; set for a folder that must be entered. */
  readonly subtree: string | undefined;
  readonly state: PathState;
  /** Why it cannot be used, for an entry that the tree has but the decoder refuses. */
  readonly fault?: Failure;
}

/** In the order of the tree. `state`: that of the folder. Failure DAMAGED for a blob that is no tree. */
export function entriesOf(query: NodeQuery, id: string, blob: Buffer, state: PathState): readonly Entry[] | Failure {
  try {
    return scannedEntries(query, blob, state) ?? decodedEntries(query, id, blob, state);
  } catch (error) {
    if (error instanceof Failure && error.code === 'DAMAGED') return error;
    throw error;
  }
}

/** The subfolders to enter, where that is all; undefined where the tree must be decoded. */
function scannedEntries(query: NodeQuery, blob: Buffer, state: PathState): Entry[] | undefined {
  if (state.matched) return undefined;
  const text = blob.toString('latin1');
  if (query.mayHold?.(text) === true) return undefined;
  const scanned = scanTree(text);
  if (scanned === undefined) return undefined;
  const entries: Entry[] = [];
  for (const { name, subtree } of scanned) {
    const reached = query.step(state, name);
    if (reached.matched) return undefined;
    if (subtree !== undefined && !reached.dead) entries.push({ name: ownText(name), node: undefined, subtree: ownText(subtree), state: reached });
  }
  return entries;
}

/** A part of a text keeps the whole text in memory. */
function ownText(part: string): string {
  return Buffer.from(part, 'latin1').toString('latin1');
}

function decodedEntries(query: NodeQuery, id: string, blob: Buffer, state: PathState): Entry[] {
  const { nodes, refused } = decodeTree(blob);
  const entries: Entry[] = [];
  for (const node of nodes) {
    const name = node.name.toString('latin1');
    const reached = query.step(state, name);
    const accepted = query.accepts(node, reached);
    const subtree = node.type === 'dir' && node.subtree !== null && !reached.dead ? node.subtree.toString('hex') : undefined;
    if (!accepted && subtree === undefined) continue;
    entries.push({ name, node: accepted ? node : undefined, subtree, state: reached });
  }
  for (const { nameText, fault } of refused) {
    const name = Buffer.from(nameText).toString('latin1');
    const reached = query.step(state, name);
    if (reached.matched) entries.push({ name, node: undefined, subtree: undefined, state: reached, fault: damaged(`"${nameText}" in tree ${id} cannot be used: ${fault}`) });
  }
  return entries;
}
