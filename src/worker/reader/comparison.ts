/**
 * Two snapshots, folder by folder.
 *
 * Vocabulary: a *comparison* is what was found once for a pair of snapshots: totals, sums for each folder that differs, and
 * files that only changed their name. The entries of a folder are made anew from its two trees for each folder that is asked for.
 *
 * Invariants: only folders that differ are read. Memory: of a comparison one record a differing folder, `mostFolders` at most,
 * and one a renamed file, `mostRenames` at most, some 40 MiB together; the totals are right beyond that, too. `mostKept`
 * comparisons and `mostListings` folders are kept, within the limit of `KeptAnswers`.
 */
import { diff, type DifferenceStatistics } from '../../core/history/diff/diff.ts';
import type { Change } from '../../core/history/diff/change.ts';
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import type { CheckedInput, OperationOutput } from '../../shared/contract/operations.ts';
import type { Difference, DifferenceSums } from '../../shared/contract/schemas/history.ts';
import { Failure } from '../../shared/errors.ts';
import { differingEntries } from './differing-entries.ts';
import { KeptAnswers } from './kept-answers.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { pageAt } from './page.ts';
import { damagedPath, mostDamaged, type DamagedPath } from './shown-values.ts';
import { checkedComponents, shownPath } from './snapshot-paths.ts';

export interface Comparison {
  readonly before: StoredSnapshot;
  readonly after: StoredSnapshot;
  readonly statistics: DifferenceStatistics;
  readonly renamed: { files: number; bytes: number };
  /** By path, byte string; a folder in which only metadata differs has none. */
  readonly sums: ReadonlyMap<string, DifferenceSums>;
  /** Paths by the other one's, byte strings. */
  readonly renamedFrom: ReadonlyMap<string, string>;
  readonly renamedTo: ReadonlyMap<string, string>;
  readonly damaged: readonly DamagedPath[];
}

const mostKept = 4;
const mostListings = 8;
const mostFolders = 100_000;
const mostRenames = 50_000;

export class Comparisons {
  readonly #kept = new KeptAnswers<Comparison>(mostKept, ({ sums, renamedTo }) => sums.size + renamedTo.size);
  /** Of one folder each, for its pages. */
  readonly #listings = new KeptAnswers<readonly Difference[]>(mostListings, ({ length }) => length);

  /** Failures SNAPSHOT_NOT_FOUND (`before`, `after`), PATH_NOT_FOUND, INVALID_INPUT, DAMAGED. */
  async page(opened: OpenedRepository, { before: first, after: second, path, metadata, limit, cursor }: CheckedInput<'compare_snapshots'>, signal: AbortSignal): Promise<OperationOutput<'compare_snapshots'>> {
    const components = checkedComponents(path);
    const [before, after] = [await opened.snapshot(first, signal).catch(ofField('before')), await opened.snapshot(second, signal).catch(ofField('after'))];
    const comparison = await this.#kept.get([before.id, after.id], () => compare(opened, before, after, signal));
    const key = [before.id, after.id, components.map((component) => component.toString('latin1')), metadata];
    const all = await this.#listings.get(key, () => differingEntries(opened.repository, comparison, components, metadata, signal));
    const { items, next } = pageAt(all, cursor, limit);
    const { added, removed, changedFiles } = comparison.statistics;
    return {
      before: momentOf(before),
      after: momentOf(after),
      path: shownPath(components),
      total: all.length,
      entries: items,
      cursor: next,
      totals: { added: { ...added }, removed: { ...removed }, changed_files: changedFiles, renamed: { ...comparison.renamed } },
      damaged: [...comparison.damaged],
    };
  }
}

async function compare(opened: OpenedRepository, before: StoredSnapshot, after: StoredSnapshot, signal: AbortSignal): Promise<Comparison> {
  const sums = new FolderSums();
  const renamedFrom = new Map<string, string>();
  const renamedTo = new Map<string, string>();
  const renamed = { files: 0, bytes: 0 };
  const damaged: DamagedPath[] = [];
  let statistics: DifferenceStatistics | undefined;
  for await (const found of diff(opened.repository, { snapshot: before }, { snapshot: after }, { renames: true, signal })) {
    if (found.kind === 'change') sums.add(found);
    else if (found.kind === 'statistics') ({ statistics } = found);
    else if (found.kind === 'unreadable') {
      if (damaged.length < mostDamaged) damaged.push(damagedPath(found.path, found.failure));
    } else {
      renamed.files += 1;
      renamed.bytes += found.size;
      if (renamedFrom.size >= mostRenames) continue;
      const [from, to] = [found.from.toString('latin1'), found.to.toString('latin1')];
      renamedFrom.set(to, from);
      renamedTo.set(from, to);
    }
  }
  opened.confirm(damaged);
  if (statistics === undefined) throw new TypeError('a comparison ends with its statistics');
  return { before, after, statistics, renamed, sums: sums.end(), renamedFrom, renamedTo, damaged };
}

interface OpenFolder {
  readonly path: string;
  readonly sums: DifferenceSums;
}

/** Adds up what differs, folder by folder; changes come in the order of the walk, a folder before what it holds. */
class FolderSums {
  readonly #byPath = new Map<string, DifferenceSums>();
  /** The innermost last. */
  readonly #open: OpenFolder[] = [{ path: '', sums: noSums() }];

  add({ path, before, after, differs }: Change): void {
    const text = path.toString('latin1');
    while (this.#open.length > 1 && !text.startsWith(`${this.#open.at(-1)?.path}/`)) this.#leave();
    const sums = this.#open.at(-1)?.sums;
    if (sums === undefined) return;
    const was = before?.type === 'dir' ? undefined : before;
    const is = after?.type === 'dir' ? undefined : after;
    if (was === undefined || is === undefined || differs.type) {
      if (was !== undefined) count(sums.removed, was.size);
      if (is !== undefined) count(sums.added, is.size);
    } else if (differs.content) count(sums.changed, is.size);
    if (before?.type === 'dir' || after?.type === 'dir') this.#open.push({ path: text, sums: noSums() });
  }

  end(): ReadonlyMap<string, DifferenceSums> {
    while (this.#open.length > 1) this.#leave();
    return this.#byPath;
  }

  #leave(): void {
    const left = this.#open.pop();
    const above = this.#open.at(-1)?.sums;
    if (left === undefined || above === undefined) return;
    let files = 0;
    for (const kind of ['added', 'removed', 'changed'] as const) {
      files += left.sums[kind].files;
      above[kind].files += left.sums[kind].files;
      above[kind].bytes += left.sums[kind].bytes;
    }
    if (files > 0 && this.#byPath.size < mostFolders) this.#byPath.set(left.path, left.sums);
  }
}

function noSums(): DifferenceSums {
  return { added: { files: 0, bytes: 0 }, removed: { files: 0, bytes: 0 }, changed: { files: 0, bytes: 0 } };
}

function count(sum: DifferenceSums['added'], bytes: number): void {
  sum.files += 1;
  sum.bytes += bytes;
}

/** Says which of the two is meant. */
function ofField(path: 'before' | 'after'): (error: unknown) => never {
  return (error) => {
    if (error instanceof Failure && error.code === 'SNAPSHOT_NOT_FOUND') throw new Failure(error.code, error.text, { path, cause: error });
    throw error;
  };
}

function momentOf({ id, snapshot }: StoredSnapshot): { readonly snapshot_id: string; readonly time: string } {
  return { snapshot_id: id, time: snapshot.time };
}
