/**
 * One way to the paths that a search looks at.
 *
 * Vocabulary: a *way* is one index with the order in which it offers paths, its *candidates*: `n` by name and path, `f` by
 * folder, `s` by size and `z` by time, the largest and newest first, `t` by path, of everything but files.
 *
 * Invariant: a cursor says where to go on. By size and time a path is offered once for each of its versions.
 */
import type Database from 'better-sqlite3';
import type { CatalogueVersion } from './catalogue-row.ts';

/** Which of a path's versions an index has offered it for. */
export interface Offer {
  isFirstOf(passing: readonly CatalogueVersion[]): boolean;
}

export interface Candidate {
  readonly pathId: number;
  /** Of the page that begins after it. */
  readonly cursor: string;
  readonly wanted: Offer | undefined;
}

export type Slices = Generator<readonly Candidate[], void>;

export interface Way {
  readonly key: 'n' | 'f' | 's' | 'z' | 't';
  /** About how many it offers; not counted on beyond a limit. */
  readonly count: number;
  /** `after`: the numbers of a cursor. */
  slices(after?: readonly number[]): Slices;
}

/** More candidates are many: going through folders is then as quick. */
export const mostFew = 4000;

/** The first slice is small, since a page may need no more; each is twice the one before. */
export const firstSlice = 64;
const largestSlice = 8192;
export function grown(size: number): number {
  return Math.min(largestSlice, size * 2);
}

/** Counts the rows of a statement, at most `most`. */
export function counted(database: Database.Database, statement: string, most: number, ...values: (string | number | Buffer)[]): number {
  return database.prepare<(string | number | Buffer)[], number>(`SELECT count(*) FROM (${statement} LIMIT ${most})`).pluck().get(...values) ?? 0;
}
