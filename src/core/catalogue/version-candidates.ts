/** Paths by what their versions are: size, time, type. See search-way.ts. */
import type Database from 'better-sqlite3';
import { counted, firstSlice, grown, type Candidate, type Way } from './search-way.ts';
import { typeNumber } from './catalogue-schema.ts';
import type { NodeFilter } from './node-filter.ts';
import { sizeBounds, timeBounds, typeNumbers, versionConditions, type Bounds } from './version-conditions.ts';

/** Counting goes along an index: ten milliseconds for so many. */
const mostCounted = 100_000;

export function bySize(database: Database.Database, filter: NodeFilter): Way | undefined {
  const bounds = sizeBounds(filter);
  return bounds === undefined ? undefined : descending(database, { key: 's', column: 'size', from: `versions INDEXED BY versions_by_size WHERE type = ${typeNumber('file')} AND size` }, bounds, filter);
}

export function byTime(database: Database.Database, filter: NodeFilter): Way | undefined {
  const bounds = timeBounds(filter);
  return bounds === undefined ? undefined : descending(database, { key: 'z', column: 'mtime', from: 'versions INDEXED BY versions_by_time WHERE mtime' }, bounds, filter);
}

interface OrderedRow {
  readonly value: number;
  readonly pathId: number;
}

/** By a number descending; a path counts where it is offered for the version of which that number is the greatest that passes. */
function descending(database: Database.Database, { key, column, from }: { readonly key: 's' | 'z'; readonly column: 'size' | 'mtime'; readonly from: string }, { least, most }: Bounds, filter: NodeFilter): Way {
  const rows = database.prepare<[number, number, number, number, number], OrderedRow>(
    `SELECT ${column} AS value, path_id AS pathId FROM ${from} >= ? AND ${column} <= ? AND (${column} < ? OR path_id < ?) AND ${versionConditions(filter)} ORDER BY ${column} DESC, path_id DESC LIMIT ?`,
  );
  return {
    key,
    count: counted(database, `SELECT 1 FROM ${from} >= ? AND ${column} <= ?`, mostCounted, least, most),
    *slices([first = most, before = Number.MAX_SAFE_INTEGER] = []) {
      let [value, pathId] = [first, before];
      for (let size = firstSlice, ended = false; !ended; size = grown(size)) {
        const found = rows.all(least, value, value, pathId, size);
        ended = found.length < size;
        const slice: Candidate[] = [];
        for (const row of found) {
          const repeated = row.value === value && row.pathId === pathId;
          ({ value, pathId } = row);
          if (!repeated) slice.push({ pathId, cursor: `${key}${value}.${pathId}`, wanted: { isFirstOf: (passing) => Math.max(...passing.map((version) => version[column])) === row.value } });
        }
        yield slice;
      }
    },
  };
}

/** For everything but files, which are most of all. */
export function byType(database: Database.Database, filter: NodeFilter): Way | undefined {
  const numbers = typeNumbers(filter);
  if (numbers === undefined || numbers.includes(typeNumber('file'))) return undefined;
  const from = `FROM versions INDEXED BY versions_by_type WHERE type <> ${typeNumber('file')} AND type IN (${numbers.join(', ')})`;
  const rows = database.prepare<[number, number], number>(`SELECT DISTINCT path_id ${from} AND path_id > ? AND ${versionConditions(filter)} ORDER BY path_id LIMIT ?`).pluck();
  return {
    key: 't',
    count: counted(database, `SELECT 1 ${from}`, mostCounted),
    *slices([, after = 0] = []) {
      let pathId = after;
      for (let size = firstSlice, ended = false; !ended; size = grown(size)) {
        const found = rows.all(pathId, size);
        ended = found.length < size;
        pathId = found.at(-1) ?? pathId;
        yield found.map((one) => ({ pathId: one, cursor: `t0.${one}`, wanted: undefined }));
      }
    },
  };
}
