/**
 * Which paths of a snapshot are wanted.
 *
 * With includes, a path is wanted if one matches it or a folder above it; an exclude that matches takes it away again,
 * and everything below. Patterns are restic's (archiver/patterns.ts).
 */
import { Failure } from '../../shared/errors.ts';
import { byteString, componentsOf, thisPlatform } from '../archiver/byte-path.ts';
import type { Platform } from '../archiver/byte-path.ts';
import { BadPattern } from '../archiver/glob.ts';
import { PatternList } from '../archiver/patterns.ts';

export interface Choice {
  readonly chosen: boolean;
  /** For a folder: something below may be chosen. */
  readonly childrenMay: boolean;
}

export const everything: Choice = { chosen: true, childrenMay: true };
const nothing: Choice = { chosen: false, childrenMay: false };

export class Selection {
  readonly #includes: PatternList | undefined;
  readonly #excludes: PatternList | undefined;
  readonly #leads: LeadingParts;

  /** Throws `USAGE` for a pattern that can never be used. */
  constructor(includes: readonly string[], excludes: readonly string[], platform: Platform = thisPlatform) {
    this.#includes = includes.length === 0 ? undefined : patternList(includes, platform);
    this.#excludes = excludes.length === 0 ? undefined : patternList(excludes, platform);
    this.#leads = new LeadingParts(includes, platform);
  }

  get isEverything(): boolean {
    return this.#includes === undefined && this.#excludes === undefined;
  }

  /** `path` starts with a slash and has no slash at its end. */
  of(path: Buffer, isFolder: boolean): Choice {
    if (this.isEverything) return everything;
    const components = componentsOf(byteString(path));
    if (this.#excludes?.matches(components) === true) return nothing;
    if (this.#includes === undefined || this.#includes.matches(components)) return everything;
    return { chosen: false, childrenMay: isFolder && this.#leads.mayLeadTo(components) };
  }
}

/** The patterns of which a folder's path is a beginning. A pattern that is not anchored may match anywhere. */
class LeadingParts {
  readonly #byDepth: (PatternList | undefined)[];
  /** What stands before a `**`: below it everything may match. */
  readonly #beforeWild: PatternList;
  readonly #anywhere: boolean;

  constructor(patterns: readonly string[], platform: Platform) {
    const byDepth: string[][] = [];
    const beforeWild: string[] = [];
    let anywhere = false;
    for (const pattern of patterns) {
      if (pattern === '' || pattern.startsWith('!')) continue;
      const parts = pattern.split('/').filter((part) => part !== '' && part !== '.');
      const wildAt = parts.indexOf('**');
      if (!pattern.startsWith('/') || platform === 'windows' || parts.includes('..') || wildAt === 0) {
        anywhere = true;
        continue;
      }
      const known = wildAt > 0 ? wildAt : parts.length;
      if (wildAt > 0) beforeWild.push(leading(parts, wildAt));
      for (let depth = 1; depth < known; depth += 1) (byDepth[depth] ??= []).push(leading(parts, depth));
    }
    this.#byDepth = Array.from(byDepth, (patternsOfDepth) => (patternsOfDepth === undefined ? undefined : patternList(patternsOfDepth, platform)));
    this.#beforeWild = patternList(beforeWild, platform);
    this.#anywhere = anywhere;
  }

  mayLeadTo(components: readonly string[]): boolean {
    return this.#anywhere || this.#beforeWild.matches(components) || this.#byDepth[components.length - 1]?.matches(components) === true;
  }
}

function leading(parts: readonly string[], depth: number): string {
  return `/${parts.slice(0, depth).join('/')}`;
}

function patternList(patterns: readonly string[], platform: Platform): PatternList {
  try {
    return new PatternList(
      patterns.map((pattern) => byteString(Buffer.from(pattern, 'utf8'))),
      platform,
    );
  } catch (error) {
    if (!(error instanceof BadPattern)) throw error;
    throw new Failure('USAGE', { what: `The pattern "${error.message}" is not valid`, next: 'Check its brackets and backslashes' }, { cause: error });
  }
}
