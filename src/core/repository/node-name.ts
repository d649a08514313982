/**
 * Names of nodes: raw bytes on disk, quoted text in a tree (specification section 11.2).
 *
 * Vocabulary: the *quoted text* is what Go's `strconv.Quote` gives, without its quotation marks; it is written into the
 * tree as a JSON string, which escapes it once more.
 *
 * Invariants: quoting any bytes and reading them back gives the same bytes; the result is valid UTF-8 without control
 * characters, whatever the name.
 */
import { isUtf8 } from 'node:buffer';
import { utf8Pieces } from './canonical-json.ts';
import { isPrintable } from './printable-code-points.ts';

const plainName = /^[ !#-[\]-~]*$/;

const shortEscapes: Readonly<Record<number, string>> = {
  0x07: '\\a',
  0x08: '\\b',
  0x0c: '\\f',
  0x0a: '\\n',
  0x0d: '\\r',
  0x09: '\\t',
  0x0b: '\\v',
  0x22: '\\"',
  0x5c: '\\\\',
};

export function quoteName(name: Buffer): string {
  const ascii = name.toString('latin1');
  if (plainName.test(ascii)) return ascii;
  let quoted = '';
  for (const piece of isUtf8(name) ? [{ valid: true, text: name.toString('utf8') } as const] : utf8Pieces(name)) {
    if (piece.valid) {
      for (const character of piece.text) quoted += quoteCharacter(character);
    } else {
      for (const byte of name.subarray(piece.start, piece.start + piece.length)) quoted += `\\x${hex(byte, 2)}`;
    }
  }
  return quoted;
}

function quoteCharacter(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0;
  const short = shortEscapes[codePoint];
  if (short !== undefined) return short;
  if (isPrintable(codePoint)) return character;
  if (codePoint < 0x20 || codePoint === 0x7f) return `\\x${hex(codePoint, 2)}`;
  return codePoint < 0x10000 ? `\\u${hex(codePoint, 4)}` : `\\U${hex(codePoint, 8)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

const unescapes: Readonly<Record<string, number>> = { a: 0x07, b: 0x08, f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09, v: 0x0b, '"': 0x22, '\\': 0x5c };
/** One escape after its backslash, or one character; whatever it does not match is not a quoted text. */
const token = /\\(?:([abfnrtv"\\])|x([0-9a-fA-F]{2})|([0-3][0-7]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|([^\\"\n]+)/y;

/** The bytes that a quoted text stands for, or undefined where Go's `strconv.Unquote` would refuse it. */
export function unquoteName(quoted: string): Buffer | undefined {
  if (!/[\\"\n]/.test(quoted)) return Buffer.from(quoted, 'utf8');
  const pieces: Buffer[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < quoted.length) {
    const match = token.exec(quoted);
    if (match === null) return undefined;
    const [, short, byte, octal, small, large, text] = match;
    if (text !== undefined) pieces.push(Buffer.from(text, 'utf8'));
    else if (short !== undefined) pieces.push(Buffer.of(unescapes[short] ?? 0));
    else if (byte !== undefined) pieces.push(Buffer.of(Number.parseInt(byte, 16)));
    else if (octal !== undefined) pieces.push(Buffer.of(Number.parseInt(octal, 8)));
    else {
      const codePoint = Number.parseInt(small ?? large ?? '', 16);
      if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint <= 0xdfff)) return undefined;
      pieces.push(Buffer.from(String.fromCodePoint(codePoint), 'utf8'));
    }
  }
  return Buffer.concat(pieces);
}

/** Why a name cannot be that of a child of a folder on any system, as the end of a sentence; undefined where it can. */
export function childNameFault(name: Buffer): string | undefined {
  if (name.length === 0) return 'its name is empty';
  if (name[0] === 0x2e && (name.length === 1 || (name.length === 2 && name[1] === 0x2e))) return 'its name leads out of its folder';
  if (name.includes(0)) return 'its name holds a NUL byte';
  return name.includes(0x2f) ? 'its name holds a slash' : undefined;
}

export function isChildName(name: Buffer): boolean {
  return childNameFault(name) === undefined;
}
