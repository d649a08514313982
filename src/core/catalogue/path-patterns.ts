/**
 * Patterns of `find`, matched one path component after another while folders are walked.
 *
 * Vocabulary: a *state* is what is known of a folder's path: which patterns have begun to match, and how far. It says
 * everything about the names below that the path says, so two folders in the same state and with the same tree have the
 * same matches.
 *
 * Invariants: the meaning is that of restic's `find`, which is that of its exclude patterns (archiver/patterns.ts): a
 * pattern without a leading `/` may begin anywhere, `**` is any number of components, and what lies below a match
 * matches; a leading `!` is dropped. Names and patterns are byte strings.
 */
import { cleanPath, type Platform } from '../archiver/byte-path.ts';
import { BadPattern, checkGlob, isPlain, matchGlob } from '../archiver/glob.ts';
import { PatternList } from '../archiver/patterns.ts';
import { foldCase } from './fold-case.ts';

export interface PathState {
  /** From 0 on, each state once; -1 for one that no other folder can share. */
  readonly number: number;
  /** The path, or a folder above it, matches: so does all that is below. */
  readonly matched: boolean;
  /** Nothing below can match. */
  readonly dead: boolean;
}

interface Part {
  /** Empty for `**`. */
  readonly text: string;
  readonly plain: boolean;
}

/** Positions in the part lists: pattern · stride + index. */
interface SharedState extends PathState {
  readonly positions: readonly number[];
  /** Where a name leads that takes no pattern further: that of most names. */
  usual: SharedState | undefined;
}

interface WholePath extends PathState {
  readonly components: readonly string[];
}

const stride = 1024;

export class PathPatterns {
  readonly root: PathState;
  /** Set where a pattern has several `**`: how far these reach depends, in restic, on the length of the whole path. */
  readonly #whole: PatternList | undefined;
  readonly #patterns: readonly (readonly Part[])[];
  readonly #ignoreCase: boolean;
  readonly #itself: boolean;
  readonly #states = new Map<string, SharedState>();
  /** Where patterns that may begin anywhere begin. */
  readonly #always: readonly number[];

  /** `itself`: a path matches only by its own end, not by a folder above it. `sources`: byte strings. Throws `BadPattern` (archiver/glob.ts) with the text of one that can never be used. */
  constructor(sources: readonly string[], options: { readonly ignoreCase?: boolean; readonly itself?: boolean; readonly platform: Platform }) {
    this.#ignoreCase = options.ignoreCase === true;
    this.#itself = options.itself === true;
    const parsed = sources.map((source) => parse(this.#ignoreCase ? foldCase(source) : source, options.platform));
    this.#patterns = parsed.map(({ parts }) => parts);
    const severalWild = !this.#itself && parsed.some(({ parts }) => parts.filter(({ text }) => text === '').length > 1);
    this.#whole = severalWild ? new PatternList(parsed.map(({ parts, anchored }) => `${anchored ? '/' : ''}${parts.map(({ text }) => (text === '' ? '**' : text)).join('/')}`), 'posix') : undefined;
    const begins = (anchored: boolean): number[] => parsed.flatMap((pattern, number) => (pattern.anchored === anchored ? [number * stride] : []));
    this.#always = begins(false);
    this.root = this.#whole === undefined ? this.#stateOf([...begins(true), ...this.#always]) : wholePath(['/'], sources.includes(''));
  }

  /** Of each pattern the glob of a matching path's own name, as names are compared: in lower case where case is ignored; empty where any name will do. */
  get nameGlobs(): readonly string[] {
    return this.#patterns.map((parts) => parts.at(-1)?.text ?? '');
  }

  get ignoresCase(): boolean {
    return this.#ignoreCase;
  }

  /** Whether one of the globs above fits a name as it is stored. */
  nameMatches(glob: string, name: string): boolean {
    return matchGlob(glob, this.#ignoreCase ? foldCase(name) : name);
  }

  /**
   * Where a single pattern's last glob lets any name through: the glob of a folder above, and how many levels below that
   * folder a matching path lies; endless with `**`. Undefined where nothing of the kind is known.
   */
  get folderGlob(): { readonly glob: string; readonly levels: number } | undefined {
    const [parts = []] = this.#patterns;
    const at = parts.findLastIndex(({ text }) => /[^*?]/.test(text));
    if (this.#patterns.length !== 1 || at < 0 || at === parts.length - 1) return undefined;
    return { glob: parts[at]?.text ?? '', levels: parts.slice(at).some(({ text }) => text === '') ? Number.POSITIVE_INFINITY : parts.length - 1 - at };
  }

  /** The state of a name in a folder. */
  step(state: PathState, name: string): PathState {
    if ((state.matched && !this.#itself) || state.dead) return state;
    const text = this.#ignoreCase ? foldCase(name) : name;
    if (this.#whole !== undefined) {
      const components = [...(state as WholePath).components, text];
      return wholePath(components, this.#whole.matches(components));
    }
    const shared = state as SharedState;
    let next: number[] | undefined;
    for (const position of shared.positions) {
      const part = this.#patterns[Math.floor(position / stride)]?.[position % stride];
      if (part === undefined || part.text === '' || !(part.plain ? part.text === text : matchGlob(part.text, text))) continue;
      next ??= this.#staying(shared);
      next.push(position + 1);
    }
    if (next !== undefined) return this.#stateOf(next);
    shared.usual ??= this.#stateOf(this.#staying(shared));
    return shared.usual;
  }

  /** Positions that any name leads to: those at `**`, and the begins. */
  #staying({ positions }: SharedState): number[] {
    return [...this.#always, ...positions.filter((position) => this.#patterns[Math.floor(position / stride)]?.[position % stride]?.text === '')];
  }

  #stateOf(begun: readonly number[]): SharedState {
    const positions = new Set<number>();
    let matched = false;
    for (let position of begun) {
      const parts = this.#patterns[Math.floor(position / stride)] ?? [];
      // `**` may stand for nothing.
      for (positions.add(position); parts[position % stride]?.text === ''; ) positions.add((position += 1));
      matched ||= position % stride === parts.length;
    }
    const sorted = matched && !this.#itself ? [] : [...positions].sort((a, b) => a - b);
    const key = matched && !this.#itself ? 'matched' : sorted.join(' ');
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const state: SharedState = { number: this.#states.size, matched, dead: !matched && sorted.length === 0, positions: sorted, usual: undefined };
    this.#states.set(key, state);
    return state;
  }
}

function wholePath(components: readonly string[], matched: boolean): WholePath {
  return { number: -1, matched, dead: false, components };
}

function parse(source: string, platform: Platform): { readonly anchored: boolean; readonly parts: readonly Part[] } {
  // restic takes an empty pattern for one that matches everything.
  if (source === '') return { anchored: false, parts: [] };
  const texts = cleanPath(source.startsWith('!') ? source.slice(1) : source, platform).split('/');
  const anchored = texts[0] === '';
  if (anchored) texts.shift();
  if (texts.length >= stride) throw new BadPattern(source);
  const parts = texts.map((text) => ({ text: text === '**' ? '' : text, plain: isPlain(text) }));
  try {
    for (const part of parts) if (!part.plain) checkGlob(part.text);
  } catch (error) {
    throw error instanceof BadPattern ? new BadPattern(source) : error;
  }
  return { anchored, parts };
}
