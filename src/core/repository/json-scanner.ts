/**
 * A reader for JSON that is too large for `JSON.parse` to be quick and exact: trees of many thousand nodes, with integers
 * of 64 bits.
 *
 * Vocabulary: the *text* is the JSON document as a latin-1 string, one character per byte of UTF-8, so that positions are
 * cheap and slices are raw bytes. A *raw string* is what stands between the quotation marks, still escaped.
 *
 * Invariants: integers are read exactly or refused; anything that is not JSON throws `JsonError`; nesting is bounded.
 */
import { constants } from 'node:buffer';
import { replaceInvalidUtf8 } from './canonical-json.ts';

export class JsonError extends Error {}

const maximumDepth = 100;
/** Control characters that JSON allows nowhere, not even between values. */
// oxlint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/;
const maximumUint64 = 2n ** 64n - 1n;

export class JsonScanner {
  readonly text: string;
  position = 0;
  /** Line breaks or tabs occur before the end: then strings must be searched for them. */
  readonly #hasBreaks: boolean;

  constructor(bytes: Buffer) {
    if (bytes.length > constants.MAX_STRING_LENGTH) throw new JsonError(`a text of ${bytes.length} bytes is too long`);
    this.text = replaceInvalidUtf8(bytes).toString('latin1');
    if (forbidden.test(this.text)) throw new JsonError('a control character in the text');
    const firstBreak = this.text.search(/[\t\n\r]/);
    this.#hasBreaks = firstBreak !== -1 && firstBreak < this.text.length - 1;
  }

  fail(expected: string): never {
    throw new JsonError(`${expected} expected at byte ${this.position}`);
  }

  skipSpace(): void {
    let code = this.text.charCodeAt(this.position);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = this.text.charCodeAt(++this.position);
  }

  /** Takes one punctuation character, with white space around it, if it comes next. */
  accept(code: number): boolean {
    this.skipSpace();
    if (this.text.charCodeAt(this.position) !== code) return false;
    this.position++;
    this.skipSpace();
    return true;
  }

  expect(character: string): void {
    if (!this.accept(character.charCodeAt(0))) this.fail(`"${character}"`);
  }

  /** Takes exactly these characters if they come next; nothing is skipped. */
  acceptText(text: string): boolean {
    if (!this.text.startsWith(text, this.position)) return false;
    this.position += text.length;
    return true;
  }

  acceptNull(): boolean {
    return this.text.charCodeAt(this.position) === 0x6e && this.acceptText('null');
  }

  rawString(): string {
    const { text } = this;
    if (text.charCodeAt(this.position) !== 0x22) this.fail('a string');
    const start = this.position + 1;
    let end = text.indexOf('"', start);
    // A quotation mark after an odd number of backslashes is part of the string.
    while (end > start && text.charCodeAt(end - 1) === 0x5c) {
      let first = end - 1;
      while (first > start && text.charCodeAt(first - 1) === 0x5c) first--;
      if ((end - first) % 2 === 0) break;
      end = text.indexOf('"', end + 1);
    }
    if (end === -1) this.fail('the end of a string');
    this.position = end + 1;
    const raw = text.slice(start, end);
    if (this.#hasBreaks && /[\t\n\r]/.test(raw)) throw new JsonError('a line break in a string');
    return raw;
  }

  string(): string {
    return textOfRaw(this.rawString());
  }

  /** An unsigned integer that must not exceed `maximum` (at most 2^53 − 1). */
  integer(maximum: number): number {
    const value = this.#digits();
    if (typeof value === 'bigint' || value > maximum) this.fail('a smaller integer');
    return value;
  }

  /** An unsigned integer of 64 bits. */
  bigInteger(): bigint {
    const value = this.#digits();
    if (typeof value === 'bigint') return value;
    return value === 0 ? 0n : value === 1 ? 1n : BigInt(value);
  }

  #digits(): number | bigint {
    const start = this.position;
    let position = start;
    let value = 0;
    let digit = this.text.charCodeAt(position) - 0x30;
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digit = this.text.charCodeAt(++position) - 0x30;
    }
    const length = position - start;
    // A fraction, an exponent or a sign is JSON, but no integer that this format knows.
    if (length === 0 || digit === -2 || digit === 0x15 || digit === 0x35 || (length > 1 && this.text.charCodeAt(start) === 0x30)) this.fail('an unsigned integer');
    this.position = position;
    if (length <= 15) return value;
    const exact = length > 20 ? maximumUint64 + 1n : BigInt(this.text.slice(start, position));
    if (exact > maximumUint64) this.fail('an integer of 64 bits');
    return exact;
  }

  /** Calls `member` for each member, with the raw key, at the start of its value. */
  object(member: (key: string) => void): void {
    this.expect('{');
    if (this.accept(0x7d)) return;
    do {
      const key = this.rawString();
      this.expect(':');
      member(key.includes('\\') ? textOfRaw(key) : key);
    } while (this.accept(0x2c));
    this.expect('}');
  }

  /** Calls `element` at the start of each element. */
  array(element: () => void): void {
    this.expect('[');
    if (this.accept(0x5d)) return;
    do element();
    while (this.accept(0x2c));
    this.expect(']');
  }

  /** Skips any value and returns its bytes as latin-1 text. */
  skipValue(depth = 0): string {
    const start = this.position;
    if (depth > maximumDepth) throw new JsonError('nested too deeply');
    switch (this.text.charCodeAt(start)) {
      case 0x7b:
        this.object(() => void this.skipValue(depth + 1));
        break;
      case 0x5b:
        this.array(() => void this.skipValue(depth + 1));
        break;
      case 0x22:
        textOfRaw(this.rawString());
        break;
      default: {
        scalar.lastIndex = start;
        const match = scalar.exec(this.text);
        if (match === null) this.fail('a value');
        this.position = start + match[0].length;
      }
    }
    return this.text.slice(start, this.position).trimEnd();
  }

  end(): void {
    this.skipSpace();
    if (this.position !== this.text.length) this.fail('the end');
  }
}

const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** The text that a raw string stands for. */
export function textOfRaw(raw: string): string {
  const text = Buffer.from(raw, 'latin1').toString('utf8');
  if (!raw.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch (error) {
    throw new JsonError('a string with a wrong escape', { cause: error });
  }
}
