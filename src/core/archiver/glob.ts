/**
 * Patterns for one path component, as restic takes them (Go's `filepath.Match`).
 *
 * Vocabulary: `*` any bytes, `?` one character, `[abc]` `[a-z]` `[^a-z]` one character of a class, `\x` the character x.
 * A *character* is a valid UTF-8 sequence or, where there is none, a single byte.
 *
 * Invariant: pattern and name are byte strings (byte-path.ts); matching never assumes that a name is UTF-8.
 */

/** A pattern that Go refuses: an open class, an empty range end, a trailing backslash. */
export class BadPattern extends Error {}

const wildcards = /[\\[\]*?]/;

/** True where the pattern is plain text. On Windows a backslash separates and does not escape. */
export function isPlain(pattern: string): boolean {
  return !wildcards.test(pattern);
}

/** Throws `BadPattern` for a pattern that can never be used. */
export function checkGlob(pattern: string): void {
  let position = 0;
  while (position < pattern.length) position = nextItem(pattern, position).end;
}

/** What stands between the wildcards, in order: at least one text, any of them empty. Throws `BadPattern`. */
export function plainTexts(pattern: string): string[] {
  const texts = [''];
  for (let position = 0; position < pattern.length; ) {
    const item = nextItem(pattern, position);
    position = item.end;
    if (item.kind === 'byte') texts[texts.length - 1] += item.value;
    else texts.push('');
  }
  return texts;
}

/** How many bytes a name has that matches. Throws `BadPattern`. */
export function matchingLengths(pattern: string): { readonly least: number; readonly most: number } {
  let [least, most] = [0, 0];
  for (let position = 0; position < pattern.length; ) {
    const { kind, end } = nextItem(pattern, position);
    position = end;
    if (kind !== 'star') least += 1;
    most += kind === 'star' ? Number.POSITIVE_INFINITY : kind === 'byte' ? 1 : widest;
  }
  return { least, most };
}

/** The pattern once for each character of its first class; undefined where that has none, is negated, or has more than `most`. Throws `BadPattern`. */
export function spelledOut(pattern: string, most: number): string[] | undefined {
  for (let position = 0; position < pattern.length; ) {
    const item = nextItem(pattern, position);
    if (item.kind === 'class') {
      const size = item.ranges.reduce((sum, [low, high]) => sum + Math.max(0, high - low + 1), 0);
      if (item.negated || size > most) return undefined;
      const characters = item.ranges.flatMap(([low, high]) => Array.from({ length: Math.max(0, high - low + 1) }, (_, i) => String.fromCodePoint(low + i)));
      return characters.map((character) => `${pattern.slice(0, position)}${literally(character)}${pattern.slice(item.end)}`);
    }
    position = item.end;
  }
  return undefined;
}

/** A character as a pattern that matches it alone. */
function literally(character: string): string {
  return Buffer.from(wildcards.test(character) ? `\\${character}` : character).toString('latin1');
}

type Item =
  | { readonly kind: 'star'; readonly end: number }
  | { readonly kind: 'any'; readonly end: number }
  | { readonly kind: 'class'; readonly end: number; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] }
  | { readonly kind: 'byte'; readonly end: number; readonly value: string };

export function matchGlob(pattern: string, name: string): boolean {
  let patternAt = 0;
  let nameAt = 0;
  let starAt = -1;
  let starName = 0;
  for (;;) {
    if (patternAt < pattern.length) {
      const item = nextItem(pattern, patternAt);
      if (item.kind === 'star') {
        starAt = item.end;
        starName = nameAt;
        patternAt = item.end;
        continue;
      }
      const width = nameAt < name.length ? matchItem(item, name, nameAt) : 0;
      if (width > 0) {
        patternAt = item.end;
        nameAt += width;
        continue;
      }
    } else if (nameAt === name.length) {
      return true;
    }
    // The last star takes one byte more; earlier ones never need to.
    if (starAt < 0 || starName >= name.length) return false;
    starName += 1;
    nameAt = starName;
    patternAt = starAt;
  }
}

/** How many bytes of the name the item takes; 0 if it does not match. */
function matchItem(item: Exclude<Item, { kind: 'star' }>, name: string, at: number): number {
  if (item.kind === 'byte') return name[at] === item.value ? 1 : 0;
  const { codePoint, width } = characterAt(name, at);
  if (item.kind === 'any') return width;
  return item.ranges.some(([low, high]) => low <= codePoint && codePoint <= high) === item.negated ? 0 : width;
}

function nextItem(pattern: string, at: number): Item {
  const first = pattern[at] ?? '';
  if (first === '*') return { kind: 'star', end: at + 1 };
  if (first === '?') return { kind: 'any', end: at + 1 };
  if (first === '[') return classAt(pattern, at);
  if (first !== '\\') return { kind: 'byte', end: at + 1, value: first };
  const escaped = pattern[at + 1];
  if (escaped === undefined) throw new BadPattern(pattern);
  return { kind: 'byte', end: at + 2, value: escaped };
}

function classAt(pattern: string, at: number): Item {
  let position = at + 1;
  const negated = pattern[position] === '^';
  if (negated) position += 1;
  const ranges: [number, number][] = [];
  while (ranges.length === 0 || pattern[position] !== ']') {
    const low = classCharacter(pattern, position);
    position = low.end;
    let high = low;
    if (pattern[position] === '-') {
      high = classCharacter(pattern, position + 1);
      position = high.end;
    }
    ranges.push([low.codePoint, high.codePoint]);
  }
  return { kind: 'class', end: position + 1, negated, ranges };
}

function classCharacter(pattern: string, at: number): { readonly codePoint: number; readonly end: number } {
  let position = at;
  const first = pattern[position];
  if (first === undefined || first === '-' || first === ']') throw new BadPattern(pattern);
  if (first === '\\') position += 1;
  if (position >= pattern.length) throw new BadPattern(pattern);
  const { codePoint, width } = characterAt(pattern, position);
  // A stray byte in a class can match nothing that is well-formed; Go refuses it.
  if (codePoint === invalid) throw new BadPattern(pattern);
  if (position + width >= pattern.length) throw new BadPattern(pattern);
  return { codePoint, end: position + width };
}

const invalid = -1;
/** Bytes of a character. */
const widest = 4;
const smallest = [0, 0, 0x80, 0x800, 0x10000] as const;

/** The character at a byte: its code point, -1 where the bytes are not UTF-8 (then one byte wide). */
function characterAt(text: string, at: number): { readonly codePoint: number; readonly width: number } {
  const lead = text.charCodeAt(at);
  if (lead < 0x80) return { codePoint: lead, width: 1 };
  const width = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xc2 && lead < 0xe0 ? 2 : 0;
  let codePoint = lead & (0xff >> (width + 1));
  for (let i = 1; i < width; i++) {
    const next = text.charCodeAt(at + i);
    if (!(next >= 0x80 && next < 0xc0)) return { codePoint: invalid, width: 1 };
    codePoint = codePoint * 64 + (next & 0x3f);
  }
  const wellFormed = width > 0 && codePoint >= (smallest[width] ?? 0) && codePoint <= 0x10ffff && !(codePoint >= 0xd800 && codePoint < 0xe000);
  return wellFormed ? { codePoint, width } : { codePoint: invalid, width: 1 };
}
