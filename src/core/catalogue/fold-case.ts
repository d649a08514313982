/**
 * Lower case as restic's `--ignore-case` has it (Go's `strings.ToLower`): character by character, so that the result
 * depends on nothing around it; a byte that is no UTF-8 becomes U+FFFD.
 */
import { isUtf8 } from 'node:buffer';

const replacement = Buffer.from('\u{fffd}').toString('latin1');

/** Byte string (one character a byte) to byte string. */
export function foldCase(bytes: string): string {
  // oxlint-disable-next-line no-control-regex
  if (/^[\0-\x7f]*$/.test(bytes)) return bytes.toLowerCase();
  const raw = Buffer.from(bytes, 'latin1');
  if (isUtf8(raw)) return Buffer.from(lowered(raw.toString('utf8'))).toString('latin1');
  let folded = '';
  for (let at = 0; at < raw.length; ) {
    const width = characterWidth(raw, at);
    folded += width === 0 ? replacement : Buffer.from(lowered(raw.toString('utf8', at, at + width))).toString('latin1');
    at += Math.max(1, width);
  }
  return folded;
}

function lowered(text: string): string {
  let result = '';
  // One code point becomes one: İ is i in Go, without the dot that JavaScript keeps beside it.
  for (const character of text) result += String.fromCodePoint(character.toLowerCase().codePointAt(0) ?? 0);
  return result;
}

/** Bytes of the character at a place; 0 where there is none. */
function characterWidth(raw: Buffer, at: number): number {
  for (let width = 1; width <= 4 && at + width <= raw.length; width += 1) if (isUtf8(raw.subarray(at, at + width))) return width;
  return 0;
}
