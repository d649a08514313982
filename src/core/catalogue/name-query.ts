/**
 * What FTS5 can say of names: which can match a glob, by the trigrams that every such name has.
 *
 * Vocabulary: a *text* is what stands between a glob's wildcards; the first and the last touch an edge of the name, which
 * has letters of its own (`nameEdge`), so that `a*` has a trigram, too. A text of one or two letters is looked for as any
 * trigram that begins with it. A glob without any text is spelled out: `[xy]*` is `x*` or `y*`.
 */
import { isUtf8 } from 'node:buffer';
import type Database from 'better-sqlite3';
import { plainTexts, spelledOut } from '../archiver/glob.ts';
import { nameEdge } from './catalogue-schema.ts';
import { foldCase } from './fold-case.ts';

const trigramLength = 3;
/** Enough to leave few names; each costs a list to be walked. */
const mostTrigrams = 6;
/** Beyond it a text is so frequent that names can as well be looked at in turn. */
const mostTerms = 256;
/** Characters of a class that is spelled out. */
const mostSpelled = 64;

/** What a name is found by: its edges, itself in lower case, and as it is where that differs. Bytes that are no UTF-8 are replaced. */
export function searchText(name: Buffer): string {
  const folded = Buffer.from(foldCase(name.toString('latin1')), 'latin1').toString('utf8');
  const text = name.toString('utf8');
  return `${nameEdge}${folded}${nameEdge}${text === folded ? '' : `${text}${nameEdge}`}`;
}

/** An FTS5 expression that holds for every name that one of the globs matches; empty where no name can; undefined where it would say nothing. */
export function nameQuery(database: Database.Database, globs: readonly string[]): string | undefined {
  return anyOf(globs.map((glob) => (glob === '' ? undefined : globQuery(database, glob) ?? spelledQuery(database, glob))));
}

function anyOf(queries: readonly (string | undefined)[]): string | undefined {
  return queries.includes(undefined) ? undefined : queries.filter((query) => query !== '').join(' OR ');
}

function spelledQuery(database: Database.Database, glob: string): string | undefined {
  const spelled = spelledOut(glob, mostSpelled);
  return spelled === undefined ? undefined : anyOf(spelled.map((one) => globQuery(database, one)));
}

function globQuery(database: Database.Database, glob: string): string | undefined {
  const texts = textsOf(glob);
  // Side by side: those in between say little more, and each is a list to be walked.
  const sides = texts.map((characters) => Array.from({ length: Math.ceil(characters.length / trigramLength) }, (_, i) => characters.slice(Math.min(i * trigramLength, characters.length - trigramLength)).slice(0, trigramLength)));
  const trigrams = new Set<string>();
  for (let i = 0; trigrams.size < mostTrigrams && i < Math.max(...sides.map((side) => side.length)); i += 1) {
    // The rarest letters of a name stand at its end more often than at its begin.
    for (const side of sides) if ((side.at(-1 - i)?.length ?? 0) === trigramLength) trigrams.add(side.at(-1 - i)?.join('') ?? '');
  }
  if (trigrams.size > 0) return `(${[...trigrams].map(quoted).join(' AND ')})`;
  const longest = texts.toSorted((a, b) => b.length - a.length)[0];
  return longest === undefined ? undefined : beginningWith(database, longest.join(''));
}

/** The letters of each text that says something. */
function textsOf(glob: string): string[][] {
  const texts = plainTexts(glob);
  return texts.flatMap((bytes, index) => {
    const raw = Buffer.from(bytes, 'latin1');
    if (bytes === '' || !isUtf8(raw)) return [];
    return [Array.from(`${index === 0 ? nameEdge : ''}${raw.toString('utf8')}${index === texts.length - 1 ? nameEdge : ''}`)];
  });
}

function beginningWith(database: Database.Database, text: string): string | undefined {
  const terms = database
    .prepare<[string, string, number], string>('SELECT term FROM name_terms WHERE term >= ? AND term < ? LIMIT ?')
    .pluck()
    .all(text, `${text}\u{10ffff}`, mostTerms + 1);
  if (terms.length > mostTerms) return undefined;
  return terms.length === 0 ? '' : `(${terms.map(quoted).join(' OR ')})`;
}

function quoted(term: string): string {
  return `"${term.replaceAll('"', '""')}"`;
}
