/** Searching all snapshots of a repository, through its catalogue. */
import { BadPattern } from '../../core/archiver/glob.ts';
import { catalogueBytes, catalogueDamage, cataloguedSnapshots } from '../../core/catalogue/catalogue-state.ts';
import { passes, type NodeFilter } from '../../core/catalogue/node-filter.ts';
import type { Catalogue } from '../../core/catalogue/open-catalogue.ts';
import type { CatalogueRow, CatalogueSnapshot } from '../../core/catalogue/catalogue-row.ts';
import { searchCatalogue, substringPattern, type SearchPage } from '../../core/catalogue/search-catalogue.ts';
import { parseTime } from '../../core/repository/times.ts';
import type { CheckedInput, OperationOutput } from '../../shared/contract/operations.ts';
import type { CatalogueState, FoundFile } from '../../shared/contract/schemas/history.ts';
import { Failure } from '../../shared/errors.ts';
import type { OpenedCatalogue } from './catalogue-file.ts';
import type { CurrentRepository } from './current-repository.ts';
import type { ListedSnapshots } from './opened-repository.ts';
import type { RepositoryCatalogue } from './repository-catalogue.ts';
import { damagedSnapshots, mostDamaged, shownSize, shownTime } from './shown-values.ts';
import { chosenSnapshots } from './snapshot-choice.ts';

type Question = CheckedInput<'search_files'>;

export class Search {
  readonly #current: CurrentRepository;
  readonly #catalogue: RepositoryCatalogue;
  /** By caller. */
  readonly #running = new Map<string, AbortController>();

  constructor(current: CurrentRepository, catalogue: RepositoryCatalogue) {
    this.#current = current;
    this.#catalogue = catalogue;
  }

  /** Failures INVALID_INPUT (`pattern`, `cursor`), SNAPSHOT_NOT_FOUND, INTERRUPTED where a later search of the same caller came. */
  async run(question: Question, signal: AbortSignal): Promise<OperationOutput<'search_files'>> {
    const { caller } = question;
    if (caller === undefined) return await this.#search(question, signal);
    this.#running.get(caller)?.abort(new Failure('INTERRUPTED', { what: 'A later search took the place of this one' }));
    const own = new AbortController();
    this.#running.set(caller, own);
    try {
      return await this.#search(question, AbortSignal.any([signal, own.signal]));
    } finally {
      if (this.#running.get(caller) === own) this.#running.delete(caller);
    }
  }

  async state(signal: AbortSignal): Promise<CatalogueState> {
    const { snapshots, damaged } = await this.#listed(signal);
    return await this.#catalogue.read((catalogue) => ({
      bytes: catalogueBytes(catalogue),
      snapshots_indexed: snapshots.filter(({ id }) => cataloguedSnapshots(catalogue).has(id)).length,
      snapshots_total: snapshots.length,
      indexing: this.#catalogue.updating,
      rebuilt: this.#catalogue.rebuilt,
      damaged: damageOf(catalogue, damaged),
    }), signal);
  }

  async rebuild(signal: AbortSignal): Promise<CatalogueState> {
    await this.#catalogue.rebuild(signal);
    return await this.state(signal);
  }

  async #search(question: Question, signal: AbortSignal): Promise<OperationOutput<'search_files'>> {
    // A page after the first is of what the first one knew.
    if (question.cursor === undefined) await this.#catalogue.refresh(question.wait, signal);
    const { snapshots, damaged } = await this.#listed(signal);
    const chosen = chosenSnapshots(snapshots, question);
    const ids = chosen.length === snapshots.length ? undefined : new Set(chosen.map(({ id }) => id));
    return await this.#catalogue.read(async (catalogue) => {
      const { rows, cursor } = await pageOf(catalogue, question, ids, signal);
      const known = cataloguedSnapshots(catalogue);
      const done = snapshots.filter(({ id }) => known.has(id)).length;
      const complete = done === snapshots.length;
      return { rows, cursor, complete, indexing: complete ? null : { snapshots_done: done, snapshots_total: snapshots.length }, damaged: damageOf(catalogue, damaged) };
    }, signal, question.wait);
  }

  #listed(signal: AbortSignal): Promise<ListedSnapshots> {
    return this.#current.use((opened) => opened.snapshots(signal), signal);
  }
}

function damageOf(catalogue: Catalogue, damaged: ListedSnapshots['damaged']): CatalogueState['damaged'] {
  const paths = catalogueDamage(catalogue, mostDamaged).map(({ path, reason }) => ({ path: path.toString('utf8'), reason }));
  return [...damagedSnapshots(damaged), ...paths].slice(0, mostDamaged);
}

async function pageOf(catalogue: OpenedCatalogue, question: Question, ids: ReadonlySet<string> | undefined, signal: AbortSignal): Promise<{ readonly rows: FoundFile[]; readonly cursor: string | null }> {
  const filter = filterOf(question);
  const { generation } = catalogue;
  const rows: FoundFile[] = [];
  let cursor = question.cursor === undefined ? undefined : cursorIn(question.cursor, generation);
  do {
    const page = await searched(catalogue, filter, { limit: question.limit - rows.length, signal, ...(cursor === undefined ? {} : { cursor }) });
    for (const row of page.rows) {
      const shown = shownRow(row, filter, ids);
      if (shown !== undefined) rows.push(shown);
    }
    cursor = page.next;
  } while (cursor !== undefined && rows.length < question.limit);
  return { rows, cursor: cursor === undefined ? null : `${generation}.${cursor}` };
}

async function searched(catalogue: Catalogue, filter: NodeFilter, options: Parameters<typeof searchCatalogue>[2]): Promise<SearchPage> {
  try {
    return await searchCatalogue(catalogue, filter, options);
  } catch (error) {
    if (error instanceof BadPattern) throw new Failure('INVALID_INPUT', { what: 'The pattern is not valid', next: 'Close every [ with ], and do not end it with a backslash' }, { path: 'pattern', cause: error });
    if (error instanceof RangeError && options.cursor !== undefined) throw strangeCursor();
    throw error;
  }
}

/** The cursor of the catalogue itself. */
function cursorIn(cursor: string, generation: string): string {
  if (!cursor.startsWith(`${generation}.`)) throw strangeCursor();
  return cursor.slice(generation.length + 1);
}

function strangeCursor(): Failure {
  return new Failure('INVALID_INPUT', { what: 'The cursor is of no search in this catalogue, which may have been built anew', next: 'Ask for the first page again' }, { path: 'cursor' });
}

function filterOf({ pattern, match, ignore_case: ignoreCase, size_from: from, size_to: to, modified_from: oldest, modified_to: newest, types }: Question): NodeFilter {
  return {
    patterns: [match === 'glob' && pattern !== '' ? Buffer.from(pattern).toString('latin1') : match === 'name' && pattern !== '' ? substringPattern(pattern).slice(1, -1) : substringPattern(pattern)],
    ignoreCase,
    ...(from === undefined ? {} : { larger: BigInt(from) - 1n }),
    ...(to === undefined ? {} : { smaller: BigInt(to) + 1n }),
    ...(oldest === undefined ? {} : { oldest: parseTime(oldest) ?? 0n }),
    ...(newest === undefined ? {} : { newest: parseTime(newest) ?? 0n }),
    ...(types === undefined ? {} : { types: new Set(types) }),
  };
}

/** Undefined where the chosen snapshots have nothing of it that passes. */
function shownRow({ path, versions }: CatalogueRow, filter: NodeFilter, ids: ReadonlySet<string> | undefined): FoundFile | undefined {
  const chosen = ids === undefined ? versions : versions.flatMap((version) => {
    const snapshots = version.snapshots.filter(({ id }) => ids.has(id));
    return snapshots.length === 0 ? [] : [{ ...version, snapshots }];
  });
  if (ids !== undefined && !chosen.some(({ type, size, mtime }) => passes(filter, { type, size: BigInt(size), mtime: BigInt(mtime) * 1_000_000n }))) return undefined;
  const moments = chosen.flatMap(({ snapshots }) => snapshots).toSorted((a, b) => a.time - b.time);
  const [first, last] = [moments[0], moments.at(-1)];
  const newest = chosen.find(({ snapshots }) => snapshots.some(({ id }) => id === last?.id));
  if (first === undefined || last === undefined || newest === undefined) return undefined;
  const shown = path.toString('utf8');
  return { path: shown, name: shown.slice(shown.lastIndexOf('/') + 1), type: newest.type, size: shownSize(newest.size), modified_at: shownTime(newest.mtime), versions: chosen.length, first: momentOf(first), last: momentOf(last) };
}

function momentOf({ id, time }: CatalogueSnapshot): FoundFile['first'] {
  return { snapshot_id: id, time: shownTime(time) };
}
