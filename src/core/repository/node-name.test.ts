import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isChildName, quoteName, unquoteName } from './node-name.ts';
import { isPrintable, printableRanges } from './printable-code-points.ts';

describe('printable code points (appendix A)', () => {
  it('are those of the specification', () => {
    const text = printableRanges.map(([first, last]) => (first === last ? first.toString(16) : `${first.toString(16)}-${last.toString(16)}`)).join(' ');
    expect(text.startsWith('20-7e a1-ac ae-377')).toBe(true);
    expect(createHash('sha256').update(text).digest('hex')).toBe('62b4a55218a92fc1fc3a24ab9c5448c0ecc8ffac0a4fdb313b19524773e70a84');
    expect(printableRanges.length).toBe(711);
    expect(printableRanges.reduce((sum, [first, last]) => sum + last - first + 1, 0)).toBe(148_998);
  });

  it('are found by search as by counting', () => {
    const printable = new Uint8Array(0x110000);
    for (const [first, last] of printableRanges) printable.fill(1, first, last + 1);
    let wrong = 0;
    for (let codePoint = 0; codePoint < printable.length; codePoint++) if (isPrintable(codePoint) !== (printable[codePoint] === 1)) wrong++;
    expect(wrong).toBe(0);
  });
});

describe('quoting names (specification 11.2)', () => {
  it.each([
    [Buffer.from('a"b'), 'a\\"b'],
    [Buffer.from('a\\b'), 'a\\\\b'],
    [Buffer.from("it's <&>"), "it's <&>"],
    [Buffer.from('\u0007\b\f\n\r\t\u000b'), '\\a\\b\\f\\n\\r\\t\\v'],
    [Buffer.from('\u0001\u001f\u007f'), '\\x01\\x1f\\x7f'],
    [Buffer.from([0xe9]), '\\xe9'],
    [Buffer.from([0x6c, 0xff]), 'l\\xff'],
    [Buffer.from('\u0080\u00a0\u00ad\u200b\u3000\ue000'), '\\u0080\\u00a0\\u00ad\\u200b\\u3000\\ue000'],
    [Buffer.from('äöü 日本 😀'), 'äöü 日本 😀'],
    [Buffer.from('\u{e0001}\u{10ffff}'), '\\U000e0001\\U0010ffff'],
    [Buffer.from('\ufffd'), '\ufffd'],
    [Buffer.from('eda080', 'hex'), '\\xed\\xa0\\x80'],
    [Buffer.from('c1bf', 'hex'), '\\xc1\\xbf'],
  ])('%o', (name, quoted) => {
    expect(quoteName(name)).toBe(quoted);
    expect(unquoteName(quoted)).toEqual(name);
  });

  it.each([
    ['\\101\\377', Buffer.from([0x41, 0xff])],
    ['\\XE9', undefined],
    ['\\xE9', Buffer.from([0xe9])],
    ['\\u00e9', Buffer.from('é')],
    ['\u00ad', Buffer.from('\u00ad')],
    ['a"b', undefined],
    ['a\nb', undefined],
    ['\\', undefined],
    ['\\q', undefined],
    ["\\'", undefined],
    ['\\x1', undefined],
    ['\\400', undefined],
    ['\\ud800', undefined],
    ['\\U00110000', undefined],
  ])('reads %j as Go does', (quoted, name) => {
    expect(unquoteName(quoted)).toEqual(name);
  });

  it('equals a slow reference and is read back, for any bytes', () => {
    const bytes = fc
      .array(fc.oneof(fc.string({ unit: 'binary', maxLength: 3 }).map((text) => Buffer.from(text, 'utf8')), fc.uint8Array({ maxLength: 3 }).map((piece) => Buffer.from(piece))), { maxLength: 8 })
      .map((pieces) => Buffer.concat(pieces));
    fc.assert(
      fc.property(bytes, (name) => {
        const quoted = quoteName(name);
        expect(quoted).toBe(slowQuote(name));
        expect(unquoteName(quoted)).toEqual(name);
      }),
      { seed: 3, numRuns: 1000 },
    );
  });

  it.each([
    ['', false],
    ['.', false],
    ['..', false],
    ['a/b', false],
    ['a\0', false],
    ['...', true],
    ['.a', true],
    ['\\', true],
  ])('%j may be the name of a child: %s', (name, expected) => {
    expect(isChildName(Buffer.from(name))).toBe(expected);
  });
});

/** Written from the table of the specification with nothing of the fast code: numbers instead of strings. */
function slowQuote(name: Buffer): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let quoted = '';
  for (let position = 0; position < name.length; ) {
    let character: string | undefined;
    for (let length = 1; length <= 4 && character === undefined; length++) {
      try {
        character = decoder.decode(name.subarray(position, position + length));
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
    }
    if (character === undefined) {
      quoted += `\\x${name.toString('hex', position, position + 1)}`;
      position++;
      continue;
    }
    position += Buffer.byteLength(character);
    const code = character.codePointAt(0) ?? 0;
    const named = '\x07\b\f\n\r\t\v"\\'.indexOf(character);
    if (named >= 0) quoted += `\\${'abfnrtv"\\'[named]}`;
    else if (printableRanges.some(([first, last]) => first <= code && code <= last)) quoted += character;
    else if (code < 0x80) quoted += `\\x${code.toString(16).padStart(2, '0')}`;
    else quoted += code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
  }
  return quoted;
}
