/**
 * Lists of path patterns with restic's meaning.
 *
 * Vocabulary: a pattern is split at `/` into parts; each is a glob for one component, `**` stands for any number of
 * components. A pattern that starts with `/` is *anchored*: it must match from the root; any other may start at every
 * component. A pattern that matches the leading part of a path matches everything below. `!` in front negates.
 *
 * Invariants: patterns are tried in the order given and a later one overrides an earlier one; patterns and paths are
 * byte strings (byte-path.ts), paths absolute and clean.
 */
import { cleanPath, type Platform } from './byte-path.ts';
import { BadPattern, checkGlob, isPlain, matchGlob } from './glob.ts';

interface Part {
  /** Empty for `**`, which is also what restic makes of a pattern `/`. */
  readonly text: string;
  readonly plain: boolean;
}

interface Pattern {
  readonly parts: readonly Part[];
  readonly anchored: boolean;
  readonly negated: boolean;
  readonly wildAt: number;
}

const anyComponent: Part = { text: '*', plain: false };

function parsePattern(source: string, platform: Platform): Pattern {
  const negated = source.startsWith('!');
  const texts = cleanPath(negated ? source.slice(1) : source, platform).split('/');
  const anchored = texts[0] === '';
  if (anchored) texts[0] = '/';
  const parts = texts.map((text) => ({ text: text === '**' ? '' : text, plain: isPlain(text) }));
  for (const part of parts) if (!part.plain) checkGlob(part.text);
  return { parts, anchored, negated, wildAt: parts.findIndex((part) => part.text === '') };
}

export class PatternList {
  readonly #patterns: readonly Pattern[];

  /** Empty texts are skipped. Throws `BadPattern` (glob.ts) with the text of a pattern that can never be used. */
  constructor(sources: readonly string[], platform: Platform) {
    this.#patterns = sources.filter((source) => source !== '').map((source) => {
      try {
        return parsePattern(source, platform);
      } catch (error) {
        throw error instanceof BadPattern ? new BadPattern(source) : error;
      }
    });
  }

  get isEmpty(): boolean {
    return this.#patterns.length === 0;
  }

  /** `components`: of an absolute path, the first is `/` (on Windows the volume). */
  matches(components: readonly string[]): boolean {
    let matched = false;
    for (const pattern of this.#patterns) {
      // A negated pattern matters only where something matched before, any other only where nothing did.
      if (matched === pattern.negated && matchesParts(pattern.parts, pattern.wildAt, pattern.anchored, components)) matched = !matched;
    }
    return matched;
  }
}

function matchesParts(parts: readonly Part[], wildAt: number, anchored: boolean, components: readonly string[]): boolean {
  if (wildAt >= 0) return matchesExpanded(parts, wildAt, anchored, components);
  if (parts.length === 0) return components.length === 0;
  const last = anchored ? 0 : components.length - parts.length;
  const first = !anchored && components[0] === '/' ? 1 : 0;
  for (let offset = Math.min(last, components.length - parts.length); offset >= first; offset--) {
    if (matchesAt(parts, components, offset)) return true;
  }
  return false;
}

/** `**` as nothing, as `*`, as `*` twice and so on, up to the length of the path. */
function matchesExpanded(parts: readonly Part[], wildAt: number, anchored: boolean, components: readonly string[]): boolean {
  const before = parts.slice(0, wildAt);
  const after = parts.slice(wildAt + 1);
  const nextWild = after.findIndex((part) => part.text === '');
  for (let count = 0; count <= components.length - parts.length + 1; count++) {
    const expanded = [...before, ...Array.from({ length: count }, () => anyComponent), ...after];
    if (matchesParts(expanded, nextWild < 0 ? -1 : wildAt + count + nextWild, anchored, components)) return true;
  }
  return false;
}

function matchesAt(parts: readonly Part[], components: readonly string[], offset: number): boolean {
  for (let i = parts.length - 1; i >= 0; i--) {
    const part = parts[i];
    const component = components[offset + i];
    if (part === undefined || component === undefined) return false;
    if (part.plain ? part.text !== component : !matchGlob(part.text, component)) return false;
  }
  return true;
}
