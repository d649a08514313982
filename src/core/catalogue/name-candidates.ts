/** Paths by their own names: the one name asked for, those that have a glob's trigrams, or all. See search-way.ts. */
import type Database from 'better-sqlite3';
import { isPlain, matchGlob, matchingLengths } from '../archiver/glob.ts';
import { counted, firstSlice, grown, mostFew, type Candidate, type Way } from './search-way.ts';
import { foldCase } from './fold-case.ts';
import { nameQuery } from './name-query.ts';
import type { NodeFilter } from './node-filter.ts';
import { versionConditions } from './version-conditions.ts';

interface NameRow {
  readonly nameId: number;
  readonly name: Buffer;
}

interface NamedPath {
  readonly pathId: number;
  /** 0 where no version of it can pass the filter. */
  readonly passes: number;
}

/** Counting goes through the lists of trigrams, a few milliseconds for so many. */
const mostCounted = 50_000;

export function byName(database: Database.Database, globs: readonly string[], filter: NodeFilter): Way {
  const [only] = globs;
  const named = namedPaths(database, filter);
  if (globs.length === 1 && only !== undefined && only !== '' && isPlain(only) && filter.ignoreCase !== true) return byOneName(database, Buffer.from(only, 'latin1'), named);
  const query = nameQuery(database, globs);
  const names = query === undefined ? allNames(database, globs, filter) : namesWith(database, query);
  const canMatch = (name: Buffer): boolean => {
    const text = name.toString('latin1');
    const compared = filter.ignoreCase === true ? foldCase(text) : text;
    return globs.some((glob) => glob === '' || matchGlob(glob, compared));
  };
  return {
    key: 'n',
    // All names at once count as more than any index, however few they are.
    count: query === undefined ? Number.MAX_SAFE_INTEGER : query === '' ? 0 : countOf(database, query),
    *slices([nameId = 0, pathId = 0] = []) {
      for (const { found, size } of names(nameId)) {
        let slice: Candidate[] = [];
        let looked = 0;
        for (const row of found) {
          if (!canMatch(row.name)) continue;
          for (const paths of named(row.nameId, row.nameId === nameId ? pathId : 0)) {
            for (const one of paths) if (one.passes !== 0) slice.push(candidate(row.nameId, one));
            looked += paths.length;
            if (looked < size) continue;
            yield slice;
            slice = [];
            looked = 0;
          }
        }
        yield slice;
      }
    },
  };
}

/** Names from a number on, in slices; `size`: of a slice, of which some may have been left out. */
type Names = (begin: number) => Generator<{ readonly found: readonly NameRow[]; readonly size: number }, void>;

/** Those that FTS5 offers. */
function namesWith(database: Database.Database, query: string): Names {
  const names = database.prepare<[string, number, number], NameRow>('SELECT n.name_id AS nameId, n.name FROM name_text t CROSS JOIN names n ON n.name_id = t.rowid WHERE name_text MATCH ? AND t.rowid >= ? ORDER BY t.rowid LIMIT ?');
  return function* some(begin) {
    let next = begin;
    for (let size = firstSlice, ended = query === ''; !ended; size = grown(size)) {
      const found = names.all(query, next, size);
      ended = found.length < size;
      next = (found.at(-1)?.nameId ?? next) + 1;
      yield { found, size };
    }
  };
}

/** All that are as long as a match can be, which SQLite tells without reading them. */
function allNames(database: Database.Database, globs: readonly string[], filter: NodeFilter): Names {
  const lengths = globs.map((glob) => (glob === '' ? { least: 0, most: Number.POSITIVE_INFINITY } : matchingLengths(glob)));
  // In lower case a character may have other bytes, one to four in any case.
  const factor = filter.ignoreCase === true ? 4 : 1;
  const least = Math.floor(Math.min(...lengths.map((one) => one.least)) / factor);
  const most = Math.min(Number.MAX_SAFE_INTEGER, Math.max(...lengths.map((one) => one.most)) * factor);
  const names = database.prepare<[number, number], NameRow>(`SELECT name_id AS nameId, name FROM names WHERE name_id >= ? AND name_id < ? AND length(name) BETWEEN ${least} AND ${most} ORDER BY name_id`);
  const last = database.prepare<[], number>('SELECT max(name_id) FROM names').pluck().get() ?? 0;
  return function* all(begin) {
    for (let next = begin, size = firstSlice; next <= last; next += size, size = grown(size)) yield { found: names.all(next, next + size), size };
  };
}

/** Few names may be those of very many paths; many are many, whatever paths they have. */
function countOf(database: Database.Database, query: string): number {
  const names = counted(database, 'SELECT 1 FROM name_text WHERE name_text MATCH ?', mostCounted, query);
  return names > mostFew ? names : counted(database, 'SELECT 1 FROM name_text t CROSS JOIN paths p ON p.name_id = t.rowid WHERE name_text MATCH ?', mostCounted, query);
}

function byOneName(database: Database.Database, name: Buffer, named: NamedPaths): Way {
  const nameId = database.prepare<[Buffer], number>('SELECT name_id FROM names WHERE name = ?').pluck().get(name);
  return {
    key: 'n',
    count: nameId === undefined ? 0 : counted(database, 'SELECT 1 FROM paths WHERE name_id = ?', mostCounted, nameId),
    *slices([, after = 0] = []) {
      if (nameId === undefined) return;
      for (const paths of named(nameId, after)) yield paths.flatMap((one) => (one.passes === 0 ? [] : [candidate(nameId, one)]));
    },
  };
}

function candidate(nameId: number, { pathId }: NamedPath): Candidate {
  return { pathId, cursor: `n${nameId}.${pathId}`, wanted: undefined };
}

/** The paths of a name behind one of them, in slices: one name may be that of very many. */
type NamedPaths = (nameId: number, after: number) => Generator<readonly NamedPath[], void>;

function namedPaths(database: Database.Database, filter: NodeFilter): NamedPaths {
  const conditions = versionConditions(filter);
  // Not a condition of the statement: a slice is to look at so many paths, not to look for so many that pass.
  const passes = conditions === 'true' ? '1' : `EXISTS (SELECT 1 FROM versions v WHERE v.path_id = p.path_id AND ${conditions})`;
  const paths = database.prepare<[number, number, number], NamedPath>(`SELECT path_id AS pathId, ${passes} AS passes FROM paths p WHERE name_id = ? AND path_id > ? ORDER BY path_id LIMIT ?`);
  return function* named(nameId, after) {
    let begin = after;
    for (let size = firstSlice, ended = false; !ended; size = grown(size)) {
      const found = paths.all(nameId, begin, size);
      ended = found.length < size;
      begin = found.at(-1)?.pathId ?? begin;
      yield found;
    }
  };
}
