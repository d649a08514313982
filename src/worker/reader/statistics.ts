/**
 * Where the space goes.
 *
 * Invariants: each answer is made once for the snapshots that it is about and kept for its pages: the `mostKept` that were used
 * last, within the limit of `KeptAnswers`. One holds a row an entry of a folder, or a row a snapshot; of growth no more than
 * `mostEntries` entries a step and `mostEntriesTogether` of all steps. Of damage the first hundred failures are remembered.
 */
import { growthByFolder, sizesByFolder, type EntrySize } from '../../core/history/statistics/by-folder.ts';
import { sizesBySnapshot } from '../../core/history/statistics/by-snapshot.ts';
import { sizesByType } from '../../core/history/statistics/by-type.ts';
import type { CountOptions } from '../../core/history/statistics/counting-modes.ts';
import { overview } from '../../core/history/statistics/overview.ts';
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import type { Found } from '../../core/restorer/find-path.ts';
import type { CheckedInput, OperationOutput } from '../../shared/contract/operations.ts';
import { Failure } from '../../shared/errors.ts';
import { damagedIn, MetFailures } from './damaged-paths.ts';
import { KeptAnswers } from './kept-answers.ts';
import type { ListedSnapshots, OpenedRepository } from './opened-repository.ts';
import { pageAt } from './page.ts';
import { damagedSnapshots, mostDamaged, type DamagedPath } from './shown-values.ts';
import { chosenSnapshots, type SnapshotChoice } from './snapshot-choice.ts';
import { checkedComponents, findShown, shownPath } from './snapshot-paths.ts';

/** `rows`: of the value. */
type Counted<Value> = { readonly value: Value; readonly rows: number; readonly damaged: DamagedPath[] };
type Type = OperationOutput<'list_type_sizes'>['types'][number];
type Snapshot = OperationOutput<'list_snapshot_sizes'>['snapshots'][number];
type Folder = OperationOutput<'list_folder_sizes'>['entries'][number];
type Step = OperationOutput<'list_folder_growth'>['steps'][number];

const mostKept = 8;
/** Of each step of growth, and of all steps of an answer. */
const mostEntries = 100;
const mostEntriesTogether = 100_000;

export class Statistics {
  readonly #kept = new KeptAnswers<Counted<unknown>>(mostKept, ({ rows }) => rows);

  async overview(opened: OpenedRepository, input: CheckedInput<'get_statistics'>, signal: AbortSignal): Promise<OperationOutput<'get_statistics'>> {
    const { listed, chosen } = await choose(opened, input, signal);
    const { value, damaged } = await this.#count('overview', [], opened, listed, chosen, signal, (options) => overview(opened.repository, chosen, options));
    return { ...value, damaged };
  }

  async types(opened: OpenedRepository, input: CheckedInput<'list_type_sizes'>, signal: AbortSignal): Promise<OperationOutput<'list_type_sizes'>> {
    const { listed, chosen } = await choose(opened, input, signal);
    const { value, damaged } = await this.#count('types', [], opened, listed, chosen, signal, async (options): Promise<Type[]> =>
      (await sizesByType(opened.repository, chosen, options)).map((type) => ({ ...type, extensions: [...type.extensions] })));
    return { types: value, damaged };
  }

  async snapshots(opened: OpenedRepository, input: CheckedInput<'list_snapshot_sizes'>, signal: AbortSignal): Promise<OperationOutput<'list_snapshot_sizes'>> {
    const { listed, chosen } = await choose(opened, input, signal);
    const all = listed.snapshots.map(({ id }) => id);
    const { value, damaged } = await this.#count('snapshots', all, opened, listed, listed.snapshots, signal, async (options): Promise<Snapshot[]> =>
      (await sizesBySnapshot(opened.repository, listed.snapshots, chosen, options)).map(({ id, time, files, size, aloneBlobs, aloneStored }) => ({ snapshot_id: id, time, files, size, alone_blobs: aloneBlobs, alone_stored: aloneStored })).toReversed(), chosen);
    const { items, next } = pageAt(value, input.cursor, input.limit);
    return { total: value.length, snapshots: items, cursor: next, damaged };
  }

  /** Failures PATH_NOT_FOUND, and DAMAGED where the folder itself cannot be read. */
  async folder(opened: OpenedRepository, input: CheckedInput<'list_folder_sizes'>, signal: AbortSignal): Promise<OperationOutput<'list_folder_sizes'>> {
    const components = checkedComponents(input.path);
    const stored = await opened.snapshot(input.snapshot, signal);
    const found = await findFolder(opened, stored, components, signal);
    const path = found.kind === 'root' ? undefined : found.path;
    const { value, damaged } = await this.#count('folder', [path?.toString('latin1') ?? ''], opened, { snapshots: [], damaged: [] }, [stored], signal, async (options): Promise<Folder[]> =>
      (await sizesByFolder(opened.repository, stored, path, options)).map((entry) => ({ ...entryOf(entry), stored: entry.stored })));
    const { items, next } = pageAt(value, input.cursor, input.limit);
    return { path: shownPath(components), total: value.length, entries: items, cursor: next, damaged };
  }

  async growth(opened: OpenedRepository, input: CheckedInput<'list_folder_growth'>, signal: AbortSignal): Promise<OperationOutput<'list_folder_growth'>> {
    const components = checkedComponents(input.path);
    const { listed, chosen } = await choose(opened, input, signal);
    const find = async (stored: StoredSnapshot): Promise<Buffer> => treeOf(await findFolder(opened, stored, components, signal), components);
    const { value, damaged } = await this.#count('growth', [shownPath(components)], opened, listed, chosen, signal, async (options): Promise<Step[]> => {
      const most = Math.min(mostEntries, Math.floor(mostEntriesTogether / chosen.length));
      const steps: Step[] = [];
      for await (const { id, time, files, size, addedStored, entries } of growthByFolder(opened.repository, chosen, find, options)) {
        steps.push({ snapshot_id: id, time, files, size, added_stored: addedStored, entries: entries.slice(0, most).map(entryOf) });
      }
      return steps;
    });
    const { items, next } = pageAt(value, input.cursor, input.limit);
    return { path: shownPath(components), total: value.length, steps: items.map((step) => ({ ...step, entries: step.entries.slice(0, input.entries) })), cursor: next, damaged };
  }

  /** `looked`: snapshots that are gone through. `shown`: those that the answer is about. */
  async #count<Value extends object>(name: string, more: readonly string[], opened: OpenedRepository, listed: ListedSnapshots, looked: readonly StoredSnapshot[], signal: AbortSignal, make: (options: CountOptions) => Promise<Value>, shown = looked): Promise<Counted<Value>> {
    const key = [name, more, shown.map(({ id }) => id)];
    const counted = await this.#kept.get(key, async () => {
      const met = new MetFailures();
      const value = await make({ signal, onUnreadable: (failure) => met.add(failure) });
      opened.confirm(met.first);
      const damaged = met.first.length === 0 ? [] : await damagedIn(opened.repository, looked, met.first, signal);
      return { value, rows: rowsOf(value), damaged: [...damagedSnapshots(listed.damaged), ...damaged].slice(0, mostDamaged) };
    });
    // The key holds the name, which decides the shape.
    return counted as Counted<Value>;
  }
}

async function choose(opened: OpenedRepository, choice: SnapshotChoice, signal: AbortSignal): Promise<{ readonly listed: ListedSnapshots; readonly chosen: readonly StoredSnapshot[] }> {
  await opened.index(signal);
  const listed = await opened.snapshots(signal);
  return { listed, chosen: chosenSnapshots(listed.snapshots, choice) };
}

/** The folder as it is shown. Failures PATH_NOT_FOUND where it is none, DAMAGED. */
async function findFolder({ repository }: OpenedRepository, stored: StoredSnapshot, components: readonly Buffer[], signal: AbortSignal): Promise<Found> {
  const found = await findShown(stored, components, (id) => repository.readTree(id, signal));
  if (found.kind === 'node' && found.node.type !== 'dir') throw noFolder(components);
  return found;
}

function treeOf(found: Found, components: readonly Buffer[]): Buffer {
  const tree = found.kind === 'root' ? found.tree : found.node.subtree;
  if (tree === null) throw noFolder(components);
  return tree;
}

function noFolder(components: readonly Buffer[]): Failure {
  return new Failure('PATH_NOT_FOUND', { what: `"${shownPath(components)}" is no folder in this snapshot`, next: 'Name the folder that it is in' }, { path: 'path' });
}

/** A row a record, and one each entry of a step of growth. */
function rowsOf(value: object): number {
  return Array.isArray(value) ? (value as Partial<Step>[]).reduce((sum, { entries = [] }) => sum + 1 + entries.length, 0) : 1;
}

function entryOf({ name, isFolder, files, size }: EntrySize): Omit<Folder, 'stored'> {
  return { name: name.toString('utf8'), is_folder: isFolder, files, size };
}
