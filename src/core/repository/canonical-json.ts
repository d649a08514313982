/**
 * JSON text as restic's encoder writes it (specification section 10).
 *
 * Vocabulary: a *canonical* text has no white space, members in a fixed order, and strings escaped exactly as below, so
 * that two programs give the same object the same id. Numbers and order are the business of the callers.
 *
 * Invariant: for every input the bytes equal those of Go's `encoding/json` since Go 1.22.
 */
import { isUtf8 } from 'node:buffer';

/** What restic escapes; a lone surrogate cannot be written as UTF-8 and counts as an invalid byte. */
// oxlint-disable-next-line no-control-regex
const special = /["\\\u0000-\u001f<>&\u2028\u2029]|\p{Surrogate}/u;
const everySpecial = new RegExp(special.source, 'gu');

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

const invalidByte = '\\ufffd';

function escapeCharacter(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  const code = character.charCodeAt(0);
  return code >= 0xd800 && code <= 0xdfff ? invalidByte : `\\u${code.toString(16).padStart(4, '0')}`;
}

function escapeText(text: string): string {
  return special.test(text) ? text.replace(everySpecial, escapeCharacter) : text;
}

/** The JSON string of a text, quotation marks included. */
export function jsonString(text: string): string {
  return `"${escapeText(text)}"`;
}

/** The JSON string of raw bytes read as UTF-8; each byte that is not part of valid UTF-8 becomes `\ufffd`. */
export function jsonStringOfBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return jsonString(bytes.toString('utf8'));
  let text = '"';
  for (const piece of utf8Pieces(bytes)) text += piece.valid ? escapeText(piece.text) : invalidByte.repeat(piece.length);
  return `${text}"`;
}

export function jsonStrings(texts: readonly string[]): string {
  return `[${texts.map(jsonString).join(',')}]`;
}

/** A run of valid UTF-8, or a run of `length` bytes none of which is part of it. */
export type Utf8Piece = { readonly valid: true; readonly text: string } | { readonly valid: false; readonly start: number; readonly length: number };

/** Splits bytes as Go's decoder does: overlong forms, surrogates, values above U+10FFFF and truncations are invalid byte by byte. */
export function* utf8Pieces(bytes: Buffer): Generator<Utf8Piece> {
  let position = 0;
  while (position < bytes.length) {
    const start = position;
    let length = sequenceLength(bytes, position);
    if (length > 0) {
      for (; length > 0; length = sequenceLength(bytes, position)) position += length;
      yield { valid: true, text: bytes.toString('utf8', start, position) };
    } else {
      while (position < bytes.length && sequenceLength(bytes, position) === 0) position++;
      yield { valid: false, start, length: position - start };
    }
  }
}

/** The length of the valid UTF-8 sequence at `position`, or 0 (RFC 3629, table of well-formed sequences). */
function sequenceLength(bytes: Buffer, position: number): number {
  const first = bytes[position];
  if (first === undefined) return 0;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const second = bytes[position + 1] ?? 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let index = 2; index < length; index++) {
    if (((bytes[position + index] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** The same bytes with each invalid one replaced by U+FFFD: what Go's JSON decoder makes of a text. Returns valid input as it is. */
export function replaceInvalidUtf8(bytes: Buffer): Buffer {
  if (isUtf8(bytes)) return bytes;
  let text = '';
  for (const piece of utf8Pieces(bytes)) text += piece.valid ? piece.text : '\ufffd'.repeat(piece.length);
  return Buffer.from(text, 'utf8');
}
