/** The entries of a folder that two snapshots do not have in common. */
import { markOf } from '../../core/history/diff/change.ts';
import { FolderPair, type Step } from '../../core/history/diff/folder-pair.ts';
import { OutlineReader } from '../../core/history/outline-reader.ts';
import type { Repository } from '../../core/repository/repository.ts';
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import { difference, type Difference } from '../../shared/contract/schemas/history.ts';
import { Failure } from '../../shared/errors.ts';
import type { Comparison } from './comparison.ts';
import { shownSize } from './shown-values.ts';
import { findShown, shownPath } from './snapshot-paths.ts';

/** In the order of their names. `metadata`: with what changed in nothing else. Failures PATH_NOT_FOUND where neither snapshot has the folder, DAMAGED. */
export async function differingEntries(repository: Repository, comparison: Comparison, components: readonly Buffer[], metadata: boolean, signal: AbortSignal): Promise<readonly Difference[]> {
  const trees = { before: await folderIn(repository, comparison.before, components, signal), after: await folderIn(repository, comparison.after, components, signal) };
  if (trees.before instanceof Failure && trees.after instanceof Failure) throw trees.after;
  const reader = new OutlineReader(repository, signal);
  const read = async (tree: FoundFolder) => (tree instanceof Failure ? undefined : await reader.read(tree.id));
  const pair = new FolderPair(await read(trees.before), await read(trees.after));
  const start = [trees.after, trees.before].find((tree) => !(tree instanceof Failure))?.path ?? '';
  const entries: Difference[] = [];
  for (const step of pair.steps) {
    const entry = entryOf(comparison, pair, step, { start, shown: shownPath(components), metadata });
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

/** Undefined where only metadata differs, and nobody wants to know. */
function entryOf(comparison: Comparison, pair: FolderPair, step: Step, { start, shown, metadata }: { readonly start: string; readonly shown: string; readonly metadata: boolean }): Difference | undefined {
  const path = `${start}/${step.key}`;
  const [before, after] = [pair.side('before', step.before, false), pair.side('after', step.after, false)];
  const mark = markOf({ kind: 'change', path: Buffer.from(path, 'latin1'), before, after, differs: pair.differences(step) }, metadata);
  const below = comparison.sums.get(path);
  const subtrees = pair.subtrees(step);
  if (mark === '' && below === undefined && (!metadata || (subtrees.before === undefined && subtrees.after === undefined))) return undefined;
  const [from, to] = [comparison.renamedFrom.get(path), comparison.renamedTo.get(path)];
  const name = textOf(step.key);
  const size = (side: typeof before): number | null => (side?.type === 'file' ? shownSize(side.size) : null);
  return {
    name,
    path: shown === '/' ? `/${name}` : `${shown}/${name}`,
    type: (after ?? before)?.type ?? null,
    mark: from === undefined && to === undefined ? difference.shape.mark.parse(mark) : 'R',
    before_size: size(before),
    after_size: size(after),
    ...(from === undefined ? {} : { renamed_from: textOf(from) }),
    ...(to === undefined ? {} : { renamed_to: textOf(to) }),
    below: below ?? null,
  };
}

/** Its tree and its path, a byte string; the failure where this snapshot has no such folder. */
type FoundFolder = { readonly id: Buffer; readonly path: string } | Failure;

async function folderIn(repository: Repository, stored: StoredSnapshot, components: readonly Buffer[], signal: AbortSignal): Promise<FoundFolder> {
  try {
    const found = await findShown(stored, components, (id) => repository.readTree(id, signal));
    if (found.kind === 'root') return { id: found.tree, path: '' };
    if (found.node.type === 'dir' && found.node.subtree !== null) return { id: found.node.subtree, path: found.path.toString('latin1') };
    return new Failure('PATH_NOT_FOUND', { what: `"${shownPath(components)}" is no folder in these snapshots`, next: 'Compare the folder that it is in' }, { path: 'path' });
  } catch (error) {
    if (error instanceof Failure && error.code === 'PATH_NOT_FOUND') return error;
    throw error;
  }
}

function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
