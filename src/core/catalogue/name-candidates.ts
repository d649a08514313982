/** Paths by their own names: the one name asked for, those that have a glob's trigrams, or all. See search-way.ts. */
import type Database from 'better-sqlite3';
import { isPlain, matchGlob } from '../archiver/glob.ts';
import { counted, firstSlice, grown, type Way } from './search-way.ts';
import { foldCase } from './fold-case.ts';
import { nameQuery } from './name-query.ts';
import type { NodeFilter } from './node-filter.ts';
import { versionConditions } from './version-conditions.ts';

interface NameRow {
  readonly nameId: number;
  readonly name: Buffer;
}

interface NamedPath {
  readonly nameId: number;
  readonly pathId: number;
}

/** Counting goes through the lists of trigrams, a few milliseconds for so many. */
const mostCounted = 50_000;

export function byName(database: Database.Database, globs: readonly string[], filter: NodeFilter): Way {
  const [only] = globs;
  if (globs.length === 1 && only !== undefined && only !== '' && isPlain(only) && filter.ignoreCase !== true) return byOneName(database, Buffer.from(only, 'latin1'), filter);
  const query = nameQuery(database, globs);
  const bound = query === undefined ? [] : [query];
  const names = database.prepare<(string | number)[], NameRow>(
    query === undefined
      ? 'SELECT name_id AS nameId, name FROM names WHERE name_id >= ? ORDER BY name_id LIMIT ?'
      : 'SELECT n.name_id AS nameId, n.name FROM name_text t CROSS JOIN names n ON n.name_id = t.rowid WHERE name_text MATCH ? AND t.rowid >= ? ORDER BY t.rowid LIMIT ?',
  );
  const paths = database.prepare<[string], NamedPath>(`SELECT p.name_id AS nameId, p.path_id AS pathId FROM json_each(?) t CROSS JOIN paths p ON p.name_id = t.value WHERE ${passing(filter)} ORDER BY p.name_id, p.path_id`);
  const canMatch = (name: Buffer): boolean => {
    const text = name.toString('latin1');
    const compared = filter.ignoreCase === true ? foldCase(text) : text;
    return globs.some((glob) => glob === '' || matchGlob(glob, compared));
  };
  return {
    key: 'n',
    // All names at once count as more than any index, however few they are.
    count: query === undefined ? Number.MAX_SAFE_INTEGER : query === '' ? 0 : counted(database, 'SELECT 1 FROM name_text WHERE name_text MATCH ?', mostCounted, query),
    *slices([nameId = 0, pathId = 0] = []) {
      if (query === '') return;
      let begin = nameId;
      for (let size = firstSlice, ended = false; !ended; size = grown(size)) {
        const found = names.all(...bound, begin, size);
        ended = found.length < size;
        begin = (found.at(-1)?.nameId ?? begin) + 1;
        const matching = found.filter(({ name }) => canMatch(name)).map((row) => row.nameId);
        const rows = paths.all(JSON.stringify(matching)).filter((row) => row.nameId !== nameId || row.pathId > pathId);
        yield rows.map((row) => ({ pathId: row.pathId, cursor: `n${row.nameId}.${row.pathId}`, wanted: undefined }));
      }
    },
  };
}

/** One name may be that of very many paths. */
function byOneName(database: Database.Database, name: Buffer, filter: NodeFilter): Way {
  const nameId = database.prepare<[Buffer], number>('SELECT name_id FROM names WHERE name = ?').pluck().get(name);
  const paths = database.prepare<[number, number, number], number>(`SELECT path_id FROM paths p WHERE name_id = ? AND path_id > ? AND ${passing(filter)} ORDER BY path_id LIMIT ?`).pluck();
  return {
    key: 'n',
    count: nameId === undefined ? 0 : counted(database, 'SELECT 1 FROM paths WHERE name_id = ?', mostCounted, nameId),
    *slices([, after = 0] = []) {
      if (nameId === undefined) return;
      let pathId = after;
      for (let size = firstSlice, ended = false; !ended; size = grown(size)) {
        const found = paths.all(nameId, pathId, size);
        ended = found.length < size;
        pathId = found.at(-1) ?? pathId;
        yield found.map((one) => ({ pathId: one, cursor: `n${nameId}.${one}`, wanted: undefined }));
      }
    },
  };
}

function passing(filter: NodeFilter): string {
  const conditions = versionConditions(filter);
  return conditions === 'true' ? 'true' : `EXISTS (SELECT 1 FROM versions v WHERE v.path_id = p.path_id AND ${conditions})`;
}
