/**
 * Which paths a search looks at, by the index that leaves the fewest of them.
 *
 * Invariant: every path that could be a result is offered. See search-way.ts for the vocabulary.
 */
import type Database from 'better-sqlite3';
import { inFolders } from './folder-candidates.ts';
import { byName } from './name-candidates.ts';
import type { NodeFilter } from './node-filter.ts';
import type { PathPatterns } from './path-patterns.ts';
import type { PathReader } from './path-reader.ts';
import { mostFew, type Slices, type Way } from './search-way.ts';
import { bySize, byTime, byType } from './version-candidates.ts';

const cursorPattern = /^(?:f\d{1,16}(?:\.\d{1,16}){3}|[nszt]-?\d{1,16}\.\d{1,16})$/;

/** Slices of candidates for paths that match themselves. `paths`: with the same patterns. Throws a RangeError for a cursor that is none, or whose folder is gone. */
export function candidatesFor(database: Database.Database, patterns: PathPatterns, paths: PathReader, filter: NodeFilter, cursor: string | undefined): Slices {
  const ways = [byName(database, patterns.nameGlobs, filter), inFolders(database, patterns, paths), ...byVersion(database, filter)].filter((way) => way !== undefined);
  if (cursor === undefined) return narrowest(ways).slices();
  // A page goes on in the order of the one before, whatever would be chosen now.
  const way = ways.find(({ key }) => key === cursor[0]);
  if (way === undefined || !cursorPattern.test(cursor)) throw new RangeError('not a cursor of this search');
  return way.slices(cursor.slice(1).split('.').map(Number));
}

/**
 * Paths of which each result is one, or lies below one; undefined where they are surely many. How many there are below
 * folders is known only by going through them: `mostFew` (search-way.ts). `byPath`: all that match themselves, whatever the
 * filter says of size, time and type; else all that pass it, in whatever path.
 */
export function fewCandidates(database: Database.Database, patterns: PathPatterns, paths: PathReader, filter: NodeFilter): { readonly byPath: boolean; readonly slices: Slices } | undefined {
  const { patterns: sources, ignoreCase = false } = filter;
  const ways = [byName(database, patterns.nameGlobs, { patterns: sources, ignoreCase }), inFolders(database, patterns, paths), ...byVersion(database, filter)].filter((way) => way !== undefined);
  const best = narrowest(ways);
  return best.count < mostFew ? { byPath: best.key === 'n' || best.key === 'f', slices: best.slices() } : undefined;
}

function byVersion(database: Database.Database, filter: NodeFilter): (Way | undefined)[] {
  return [bySize(database, filter), byTime(database, filter), byType(database, filter)];
}

function narrowest(ways: readonly Way[]): Way {
  return ways.reduce((best, way) => (way.count < best.count ? way : best));
}
