/**
 * What is different between two folders of a repository, and everything below them.
 *
 * Invariants: a folder that both have with the same tree is never read; the order is that of the names, a folder before
 * what it holds; one pair of folders is in memory for each level, and nothing is recursive. A type that changed ends the
 * walk there, as in restic: what a folder held that is a file now is not listed.
 */
import { Failure } from '../../../shared/errors.ts';
import type { TreeOutline } from '../../repository/tree-outline.ts';
import type { Repository } from '../../repository/repository.ts';
import { OutlineReader } from '../outline-reader.ts';
import type { Change, Unreadable } from './change.ts';
import { FolderPair } from './folder-pair.ts';

/** Is told of every tree that is gone through, and of those that need not be. */
export interface WalkListener {
  onTree(version: 'before' | 'after', blob: Buffer): void;
  onCommonTrees(ids: readonly Buffer[]): void;
}

export interface WalkOptions {
  /** Added and removed files with their lists of blobs (`Side.content`). */
  readonly contents?: boolean;
  readonly listener?: WalkListener;
  readonly signal?: AbortSignal;
}

interface Level {
  readonly pair: FolderPair;
  /** Of the folder's own path. */
  readonly pathLength: number;
  next: number;
}

/** A tree of each side; undefined where that side has no such folder. */
export interface TreePair {
  readonly before: Buffer | undefined;
  readonly after: Buffer | undefined;
}

const slash = Buffer.from('/');

/** `path` is put before every path: empty for a root. Needs the index. Rejects with the signal's reason, and where the storage fails. */
export async function* walkDifferences(repository: Repository, trees: TreePair, path: Buffer, options: WalkOptions = {}): AsyncGenerator<Change | Unreadable> {
  const { signal, contents = false } = options;
  const reader = new OutlineReader(repository, signal);
  const first = await openPair(reader, trees, path, options);
  if (first.kind === 'unreadable') {
    yield first;
    return;
  }
  // Of the innermost folder; those of the levels above it are its beginnings.
  let folder = path;
  const levels: Level[] = [{ pair: first.pair, pathLength: folder.length, next: 0 }];
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    signal?.throwIfAborted();
    folder = folder.subarray(0, level.pathLength);
    const step = level.pair.steps[level.next];
    level.next += 1;
    if (step === undefined) {
      levels.pop();
      continue;
    }
    const { pair } = level;
    const entryPath = Buffer.concat([folder, slash, Buffer.from(step.key, 'latin1')]);
    const alone = step.before === undefined || step.after === undefined;
    const differs = pair.differences(step);
    yield { kind: 'change', path: entryPath, before: pair.side('before', step.before, contents && alone), after: pair.side('after', step.after, contents && alone), differs };
    const subtrees = pair.subtrees(step);
    if (subtrees.before === undefined && subtrees.after === undefined) continue;
    reader.prefetch(treesAhead(levels));
    const opened = await openPair(reader, subtrees, entryPath, options);
    if (opened.kind === 'unreadable') yield opened;
    else {
      folder = entryPath;
      levels.push({ pair: opened.pair, pathLength: entryPath.length, next: 0 });
      reader.prefetch(treesAhead(levels));
    }
  }
}

async function openPair(reader: OutlineReader, trees: TreePair, path: Buffer, { listener, signal }: WalkOptions): Promise<Unreadable | { readonly kind: 'pair'; readonly pair: FolderPair }> {
  try {
    const [before, after] = await Promise.all([openTree(reader, trees.before), openTree(reader, trees.after)]);
    if (before !== undefined) listener?.onTree('before', before.blob);
    if (after !== undefined) listener?.onTree('after', after.blob);
    const pair = new FolderPair(before, after);
    listener?.onCommonTrees(pair.commonTrees);
    return { kind: 'pair', pair };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Failure && error.code === 'DAMAGED') return { kind: 'unreadable', path, failure: error };
    throw error;
  }
}

async function openTree(reader: OutlineReader, id: Buffer | undefined): Promise<TreeOutline | undefined> {
  return id === undefined ? undefined : await reader.read(id);
}

const stepsAhead = 64;

/** The trees that the walk will come to next. */
function* treesAhead(levels: readonly Level[]): Iterable<Buffer> {
  let looked = 0;
  for (let at = levels.length - 1; at >= 0; at -= 1) {
    const { pair, next } = levels[at] as Level;
    for (let i = next; i < pair.steps.length; i += 1) {
      looked += 1;
      if (looked > stepsAhead) return;
      const { before, after } = pair.subtrees(pair.steps[i] as FolderPair['steps'][number]);
      if (before !== undefined) yield before;
      if (after !== undefined) yield after;
    }
  }
}
