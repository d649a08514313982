/**
 * Searching a catalogue: one row a path, with its versions over all snapshots.
 *
 * Vocabulary: a *candidate* is a path that an index of the catalogue offers; whether it is a result is decided by the
 * pattern and the filter themselves, so that no index is believed. The *cursor* of a page says where the next one begins.
 *
 * Invariants: a path comes once, on one page; pages stay as they are while the catalogue does, and a later page is right
 * also after paths were taken out of it, or refused. Candidates are looked at in slices, and after each the signal is looked at and other work gets
 * its turn. A snapshot that is not wholly taken in is not spoken of.
 */
import { setImmediate } from 'node:timers/promises';
import { thisPlatform } from '../archiver/byte-path.ts';
import { candidatesFor } from './candidates.ts';
import type { CatalogueRow, CatalogueSnapshot, CatalogueVersion } from './catalogue-row.ts';
import { openPlace, typeOf } from './catalogue-schema.ts';
import { passes, type NodeFilter } from './node-filter.ts';
import type { Catalogue } from './open-catalogue.ts';
import { PathPatterns } from './path-patterns.ts';
import { PathReader } from './path-reader.ts';
import type { Offer } from './search-way.ts';

export interface SearchPage {
  readonly rows: readonly CatalogueRow[];
  /** To be handed to the next call; undefined after the last page. */
  readonly next: string | undefined;
}

export interface SearchOptions {
  readonly limit: number;
  readonly cursor?: string;
  readonly signal?: AbortSignal;
}

/** A pattern (byte string) for names that hold a text anywhere. */
export function substringPattern(text: string): string {
  return `*${Buffer.from(text).toString('latin1').replaceAll(/[\\[\]*?]/g, String.raw`\$&`)}*`;
}

/**
 * The paths that match themselves, not only by a folder above them, and of which a version passes the filter. Throws
 * `BadPattern` (archiver/glob.ts), a RangeError for a cursor that is none or whose folder is gone, and SQLite's errors (`isCatalogueFault`).
 */
export async function searchCatalogue(catalogue: Catalogue, filter: NodeFilter, { limit, cursor, signal }: SearchOptions): Promise<SearchPage> {
  const patterns = new PathPatterns(filter.patterns, { platform: thisPlatform, itself: true, ignoreCase: filter.ignoreCase === true });
  const paths = new PathReader(catalogue, patterns);
  const reader = new RowReader(catalogue, paths);
  const rows: CatalogueRow[] = [];
  for (const slice of candidatesFor(catalogue.database, patterns, paths, filter, cursor)) {
    signal?.throwIfAborted();
    for (const { pathId, cursor: after, wanted } of slice) {
      const row = reader.row(pathId, filter, wanted);
      if (row === undefined) continue;
      rows.push(row);
      if (rows.length === limit) return { rows, next: after };
    }
    await setImmediate();
  }
  return { rows, next: undefined };
}

interface VersionRow {
  readonly line: number;
  readonly first: number;
  readonly last: number;
  readonly type: number;
  readonly mode: number;
  readonly size: number;
  readonly mtime: number;
  readonly digest: Buffer;
}

class RowReader {
  readonly #versions;
  readonly #paths: PathReader;
  /** Of each line the complete snapshots by place. */
  readonly #lines = new Map<number, { readonly place: number; readonly snapshot: CatalogueSnapshot }[]>();

  constructor({ database }: Catalogue, paths: PathReader) {
    this.#paths = paths;
    this.#versions = database.prepare<[number], VersionRow>('SELECT line, first, last, type, mode, size, mtime, digest FROM versions WHERE path_id = ?');
    const snapshots = database.prepare<[], { id: string; line: number; place: number; time: number }>('SELECT id, line, place, time FROM snapshots WHERE complete = 1 ORDER BY line, place');
    for (const { id, line, place, time } of snapshots.all()) {
      const places = this.#lines.get(line) ?? [];
      this.#lines.set(line, places);
      places.push({ place, snapshot: { id, time } });
    }
  }

  /** Undefined where the path is no result. `wanted`: the version for which an index offers it; only its first such offer counts. */
  row(pathId: number, filter: NodeFilter, wanted: Offer | undefined): CatalogueRow | undefined {
    const found = this.#paths.read(pathId);
    if (found?.state.matched !== true) return undefined;
    const grouped = this.#grouped(pathId);
    const passing = grouped.filter((version) => passes(filter, { type: version.type, size: BigInt(version.size), mtime: BigInt(version.mtime) * 1_000_000n }));
    if (passing.length === 0 || (wanted !== undefined && !wanted.isFirstOf(passing))) return undefined;
    return { path: Buffer.from(found.path, 'latin1'), versions: grouped };
  }

  #grouped(pathId: number): CatalogueVersion[] {
    const groups = new Map<string, { row: VersionRow; snapshots: CatalogueSnapshot[] }>();
    for (const row of this.#versions.all(pathId)) {
      const snapshots = this.#snapshotsIn(row);
      if (snapshots.length === 0) continue;
      const key = `${row.type}:${row.size}:${row.digest.toString('latin1')}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { row, snapshots });
      else group.snapshots.push(...snapshots);
    }
    const versions = [...groups.values()].map(({ row: { type, mode, size, mtime }, snapshots }) => ({ type: typeOf(type), mode, size, mtime, snapshots: snapshots.sort((a, b) => a.time - b.time) }));
    return versions.sort((a, b) => (b.snapshots.at(-1)?.time ?? 0) - (a.snapshots.at(-1)?.time ?? 0));
  }

  #snapshotsIn({ line, first, last }: VersionRow): CatalogueSnapshot[] {
    const places = this.#lines.get(line) ?? [];
    return places.filter(({ place }) => place >= first && (last === openPlace || place <= last)).map(({ snapshot }) => snapshot);
  }
}
