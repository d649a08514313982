/**
 * Text from outside (file names, host names, messages of servers) made harmless for a terminal.
 *
 * A name may hold escape sequences that move the cursor or set the title, line breaks that fake another line, characters
 * that turn the direction of writing, invisible ones, and bytes that are no UTF-8. All of them become visible escapes
 * (`\n`, `\x1b`, `\u202e`); everything else stays as it is.
 */
import { stringWidth } from './text-width.ts';

// C0, DEL, C1; soft hyphen; marks of direction and zero width; line and paragraph separators; interlinear marks; tags; non-characters.
const unsafe =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff]|[\u{e0000}-\u{e0fff}]|[\ud800-\udfff]/gu;

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\x1b', '\u0000': '\\0' };

/** The text with every unsafe character written as an escape. */
export function visibleText(text: string): string {
  return text.replace(unsafe, (character) => {
    const short = named[character];
    if (short !== undefined) return short;
    const code = character.codePointAt(0) ?? 0;
    if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** Raw bytes of a path as visible text; bytes that are no UTF-8 appear as `\xff`. */
export function visiblePath(path: Uint8Array): string {
  const bytes = Buffer.from(path.buffer, path.byteOffset, path.byteLength);
  const text = bytes.toString('utf8');
  if (!text.includes('\ufffd')) return visibleText(text);
  return decodeMixed(bytes);
}

function decodeMixed(bytes: Buffer): string {
  let result = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      result += `\\x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`;
      at += 1;
    } else {
      result += visibleText(bytes.toString('utf8', at, at + length));
      at += length;
    }
  }
  return result;
}

/** Length of the well-formed UTF-8 sequence at an offset, 0 if there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const piece = bytes.subarray(at, at + length);
  return Buffer.from(piece.toString('utf8')).equals(piece) ? length : 0;
}

/** Cuts a text to a width of columns, leaving its begin and its end: `~/Projects/…/report.pdf`. */
export function shortenMiddle(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  if (columns <= 1) return columns === 1 ? '…' : '';
  const characters = Array.from(text);
  // The end of a path says more than its begin: it gets two thirds.
  const tailColumns = Math.ceil(((columns - 1) * 2) / 3);
  let tail = '';
  for (let index = characters.length - 1; index >= 0; index -= 1) {
    const next = `${characters[index]}${tail}`;
    if (stringWidth(next) > tailColumns) break;
    tail = next;
  }
  let head = '';
  for (const character of characters) {
    if (stringWidth(head + character) > columns - 1 - stringWidth(tail)) break;
    head += character;
  }
  return `${head}…${tail}`;
}

/** Cuts a text at the end to a width of columns. */
export function shortenEnd(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let head = '';
  for (const character of text) {
    if (stringWidth(head + character) > columns - 1) break;
    head += character;
  }
  return columns > 0 ? `${head}…` : '';
}
