/**
 * Which paths a search looks at, by the index that leaves the fewest of them.
 *
 * Invariant: every path that could be a result is offered, in an order that a cursor can go on from: by name and path, or
 * by size or time, the largest or newest first. By the latter a path is offered once for each of its versions.
 */
import type Database from 'better-sqlite3';
import { matchGlob } from '../archiver/glob.ts';
import { isUtf8 } from 'node:buffer';
import { largeFile, typeNumber } from './catalogue-schema.ts';
import { foldCase } from './fold-case.ts';
import type { NodeFilter } from './node-filter.ts';
import type { Offer } from './search-catalogue.ts';

export interface Candidate {
  readonly pathId: number;
  /** Of the page that begins after it. */
  readonly cursor: string;
  readonly wanted: Offer | undefined;
}

/** Slices of candidates; undefined at the end. */
export interface Candidates {
  next(): readonly Candidate[] | undefined;
}

/** The first slice is small, since a page may need no more; each is twice the one before. */
const firstSlice = 64;
const largestSlice = 4096;
const trigramLength = 3;
/** Enough to leave few names; each costs a list to be walked. */
const mostTrigrams = 8;

/** Throws a RangeError for a cursor that is none. */
export function candidatesFor(database: Database.Database, filter: NodeFilter, cursor: string | undefined): Candidates {
  const lasts = filter.patterns.map(lastPart);
  const queries = lasts.map((part) => trigramQuery(part));
  if (queries.length > 0 && queries.every((query) => query !== undefined)) return byName(database, filter, lasts, cursor, `(${queries.join(') OR (')})`);
  if (filter.larger !== undefined && filter.larger >= BigInt(largeFile)) return bySize(database, Number(filter.larger), filter, cursor);
  if (filter.oldest !== undefined || filter.newest !== undefined) return byTime(database, filter, cursor);
  if (filter.types !== undefined && !filter.types.has('file') && !filter.types.has('dir')) return byType(database, filter, cursor);
  return byName(database, filter, lasts, cursor, undefined);
}

function grow(size: number): number {
  return Math.min(largestSlice, size * 2);
}

function lastPart(pattern: string): string {
  return pattern.replace(/\/+$/, '').split('/').at(-1) ?? '';
}

function cursorNumbers(cursor: string | undefined, begin: readonly [number, number]): readonly [number, number] {
  if (cursor === undefined) return begin;
  const match = /^(-?\d{1,16})\.(\d{1,16})$/.exec(cursor);
  if (match === null) throw new RangeError('not a cursor of a search');
  return [Number(match[1]), Number(match[2])];
}

interface NameRow {
  readonly nameId: number;
  readonly name: Buffer;
}

/** By the names that can match, with or without the help of the trigrams. */
function byName(database: Database.Database, filter: NodeFilter, lasts: readonly string[], cursor: string | undefined, trigrams: string | undefined): Candidates {
  let [nameId, afterPath] = cursorNumbers(cursor, [0, 0]);
  const literal = trigrams === undefined && lasts.length === 1 ? longestText(lasts[0] ?? '', filter.ignoreCase === true) : undefined;
  const holding = filter.ignoreCase === true ? 'instr(lower(CAST(name AS TEXT)), ?) > 0' : 'instr(name, CAST(? AS BLOB)) > 0';
  const names =
    trigrams === undefined
      ? database.prepare<(number | string)[], NameRow>(`SELECT name_id AS nameId, name FROM names WHERE name_id >= ? AND ${literal === undefined ? 'true' : holding} ORDER BY name_id LIMIT ?`)
      : database.prepare<(number | string)[], NameRow>(`SELECT n.name_id AS nameId, n.name FROM name_text t JOIN names n ON n.name_id = t.rowid WHERE name_text MATCH ${quoted(trigrams)} AND t.rowid >= ? ORDER BY t.rowid LIMIT ?`);
  const paths = database.prepare<[number, number], number>('SELECT path_id FROM paths WHERE name_id = ? AND path_id > ? ORDER BY path_id').pluck();
  const globs = lasts.map((part) => (filter.ignoreCase === true ? foldCase(part) : part));
  // `**`, and what is cleaned away, says nothing of a name.
  const any = globs.some((glob) => ['', '**', '.', '..', '!'].includes(glob) || glob.startsWith('!'));
  const canMatch = (name: string): boolean => any || globs.some((glob) => matchGlob(glob, name));
  let ended = false;
  let size = firstSlice;
  return {
    next() {
      if (ended) return undefined;
      const found = literal === undefined || trigrams !== undefined ? names.all(nameId, size) : names.all(nameId, literal, size);
      ended = found.length < size;
      size = grow(size);
      const slice: Candidate[] = [];
      for (const { nameId: id, name } of found) {
        const text = name.toString('latin1');
        if (canMatch(filter.ignoreCase === true ? foldCase(text) : text)) {
          for (const pathId of paths.all(id, id === nameId ? afterPath : 0)) slice.push({ pathId, cursor: `${id}.${pathId}`, wanted: undefined });
        }
      }
      nameId = (found.at(-1)?.nameId ?? nameId) + 1;
      afterPath = 0;
      return slice;
    },
  };
}

function bySize(database: Database.Database, larger: number, filter: NodeFilter, cursor: string | undefined): Candidates {
  const rows = database.prepare<[number, number, number, number, number], OrderedRow>(
    `SELECT size AS value, path_id AS pathId FROM versions INDEXED BY versions_by_size WHERE size >= ${largeFile} AND size > ? AND size <= ? AND (size < ? OR path_id > ?) ORDER BY size DESC, path_id LIMIT ?`,
  );
  const most = filter.smaller === undefined ? Number.MAX_SAFE_INTEGER : Number(filter.smaller);
  return ordered((value, pathId, size) => rows.all(larger, value, value, pathId, size), cursor, most, (version) => version.size);
}

function byTime(database: Database.Database, { oldest, newest }: NodeFilter, cursor: string | undefined): Candidates {
  const rows = database.prepare<[number, number, number, number, number], OrderedRow>(
    'SELECT mtime AS value, path_id AS pathId FROM versions INDEXED BY versions_by_time WHERE mtime >= ? AND mtime <= ? AND (mtime < ? OR path_id > ?) ORDER BY mtime DESC, path_id LIMIT ?',
  );
  const least = oldest === undefined ? Number.MIN_SAFE_INTEGER : Number(oldest / 1_000_000n) - 1;
  const most = newest === undefined ? Number.MAX_SAFE_INTEGER : Number(newest / 1_000_000n) + 1;
  return ordered((value, pathId, size) => rows.all(least, value, value, pathId, size), cursor, most, (version) => version.mtime);
}

function byType(database: Database.Database, { types }: NodeFilter, cursor: string | undefined): Candidates {
  const numbers = [...(types ?? [])].map(typeNumber);
  const [, begin] = cursorNumbers(cursor, [0, 0]);
  let size = firstSlice;
  const rows = database.prepare<[number, number], number>(
    `SELECT DISTINCT path_id FROM versions INDEXED BY versions_by_type WHERE type >= 2 AND type IN (${numbers.join(', ')}) AND path_id > ? ORDER BY path_id LIMIT ?`,
  ).pluck();
  let after = begin;
  let ended = false;
  return {
    next() {
      if (ended) return undefined;
      const found = rows.all(after, size);
      ended = found.length < size;
      size = grow(size);
      after = found.at(-1) ?? after;
      return found.map((pathId) => ({ pathId, cursor: `0.${pathId}`, wanted: undefined }));
    },
  };
}

interface OrderedRow {
  readonly value: number;
  readonly pathId: number;
}

/** By a number descending; a path counts where it is offered for the version of which that number is the greatest that passes. */
function ordered(read: (value: number, pathId: number, size: number) => OrderedRow[], cursor: string | undefined, most: number, valueOf: (version: { readonly size: number; readonly mtime: number }) => number): Candidates {
  let [value, pathId] = cursorNumbers(cursor, [most, -1]);
  let ended = false;
  let size = firstSlice;
  return {
    next() {
      if (ended) return undefined;
      const found = read(value, pathId, size);
      ended = found.length < size;
      size = grow(size);
      const slice: Candidate[] = [];
      for (const row of found) {
        const repeated = row.value === value && row.pathId === pathId;
        value = row.value;
        pathId = row.pathId;
        if (!repeated) slice.push({ pathId, cursor: `${value}.${pathId}`, wanted: { isFirstOf: (passing) => Math.max(...passing.map(valueOf)) === row.value } });
      }
      return slice;
    },
  };
}

/** An FTS query that every name has which the glob matches; undefined where the glob's texts are too short. */
function trigramQuery(glob: string): string | undefined {
  const texts = plainTexts(glob).flatMap((bytes) => {
    const raw = Buffer.from(bytes, 'latin1');
    return isUtf8(raw) ? [Buffer.from(foldCase(bytes), 'latin1').toString('utf8')] : [];
  });
  const trigrams = new Set<string>();
  for (const text of texts) {
    const characters = Array.from(text);
    for (let at = 0; at + trigramLength <= characters.length; at += 1) trigrams.add(characters.slice(at, at + trigramLength).join(''));
  }
  if (trigrams.size === 0) return undefined;
  return [...trigrams].slice(0, mostTrigrams).map((trigram) => `"${trigram.replaceAll('"', '""')}"`).join(' AND ');
}

/** The longest text that every matching name holds and that SQLite can look for: without letters whose case it does not know. */
function longestText(glob: string, ignoreCase: boolean): string | undefined {
  // oxlint-disable-next-line no-control-regex
  const texts = plainTexts(glob).filter((text) => text !== '' && /^[\x01-\x7f]*$/.test(text));
  const longest = texts.toSorted((a, b) => b.length - a.length)[0];
  return longest === undefined || !ignoreCase ? longest : foldCase(longest);
}

/** The texts between a glob's wildcards, as byte strings. */
function plainTexts(glob: string): string[] {
  if (glob === '**' || glob.startsWith('!')) return [];
  const texts: string[] = [''];
  for (let at = 0; at < glob.length; at += 1) {
    const character = glob[at] ?? '';
    if (character === '[') {
      // A class ends at the first bracket that is neither escaped nor its first member; what follows counts for nothing.
      return texts;
    }
    if (character === '*' || character === '?') texts.push('');
    else {
      if (character === '\\') at += 1;
      texts[texts.length - 1] += glob[at] ?? '';
    }
  }
  return texts;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
