/** What `rewrite` keeps, by patterns: everything but what is excluded, or only what is included. */
import { Failure } from '../../shared/errors.ts';
import { thisPlatform } from '../archiver/byte-path.ts';
import { loadExcludes, type ExcludeOptions, type Excludes } from '../archiver/excludes.ts';
import type { Rule } from './tree-rewriter.ts';

export type PatternOptions = Pick<ExcludeOptions, 'patterns' | 'insensitivePatterns' | 'patternFiles' | 'insensitivePatternFiles'>;

/** Both kinds of patterns are matched against paths from the root of the snapshot. */
export interface PathRules {
  readonly excludes: PatternOptions;
  readonly includes: PatternOptions;
}

/** Undefined where there is no pattern. Failure USAGE for a bad one, an unreadable file, or both kinds at once. */
export async function pathRule({ excludes, includes }: PathRules, environment: NodeJS.ProcessEnv): Promise<Rule | undefined> {
  const [excluding, including] = await Promise.all([loadExcludes(excludes, environment, thisPlatform), loadExcludes(includes, environment, thisPlatform)]);
  if (excluding.judgesNames && including.judgesNames) {
    throw new Failure('USAGE', { what: 'Patterns to exclude and patterns to include exclude each other', safe: 'Nothing was changed', next: 'Rewrite twice, with one kind each' });
  }
  if (excluding.judgesNames) return excludingRule(excluding);
  return including.judgesNames ? includingRule(including) : undefined;
}

/** The components that patterns are matched against. */
function components(path: readonly string[]): string[] {
  return ['/', ...path];
}

function excludingRule(excludes: Excludes): Rule {
  const verdict = (path: readonly string[]): 'keep' | 'drop' => (excludes.excludesName(components(path)) ? 'drop' : 'keep');
  return { heedsPaths: true, node: (_, path) => verdict(path), refusedNode: (_, path) => verdict(path), keepsEmptyFolder: () => true, unreadableTree: refuse };
}

/** Folders are looked into, and stay where something in them does, or where they are named themselves. */
function includingRule(includes: Excludes): Rule {
  const isNamed = (path: readonly string[]): boolean => includes.excludesName(components(path));
  return {
    heedsPaths: true,
    node: ({ type }, path) => (type === 'dir' || isNamed(path) ? 'keep' : 'drop'),
    refusedNode: (_, path) => (isNamed(path) ? 'keep' : 'drop'),
    keepsEmptyFolder: (path) => isNamed(path),
    unreadableTree: refuse,
  };
}

/** Keeps everything; for what is only counted. */
export const keepingRule: Rule = { heedsPaths: false, node: () => 'keep', refusedNode: () => 'keep', keepsEmptyFolder: () => true, unreadableTree: refuse };

function refuse(path: readonly string[], failure: Failure): never {
  const place = `/${path.map((name) => Buffer.from(name, 'latin1').toString('utf8')).join('/')}`;
  throw new Failure(
    'DAMAGED',
    { what: `The folder "${place}" cannot be rewritten: ${failure.text.what}`, safe: 'No snapshot was changed or removed', next: 'Cut what is damaged out with `cyberbackup repair snapshots`, then rewrite again' },
    { cause: failure },
  );
}
