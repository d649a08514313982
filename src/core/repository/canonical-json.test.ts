import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonString, jsonStringOfBytes, jsonStrings, replaceInvalidUtf8, utf8Pieces } from './canonical-json.ts';

describe('canonical JSON strings (specification 10.2)', () => {
  it.each([
    ['"\\', '"\\"\\\\"'],
    ['\n\r\t', '"\\n\\r\\t"'],
    ['\b\f', '"\\b\\f"'],
    ['\u0000\u0007\u000b\u001f', '"\\u0000\\u0007\\u000b\\u001f"'],
    ['<a href="x">&', '"\\u003ca href=\\"x\\"\\u003e\\u0026"'],
    ['\u2028\u2029', '"\\u2028\\u2029"'],
    ['/\u007f\ufffd é 😀', '"/\u007f\ufffd é 😀"'],
    ['\ud800x\udc00', '"\\ufffdx\\ufffd"'],
  ])('%j', (text, expected) => {
    expect(jsonString(text)).toBe(expected);
  });

  it('writes lists without white space', () => {
    expect(jsonStrings(['a', 'b<'])).toBe('["a","b\\u003c"]');
    expect(jsonStrings([])).toBe('[]');
  });

  it.each([
    ['ff', '"\\ufffd"'],
    ['61ff62', '"a\\ufffdb"'],
    ['c080', '"\\ufffd\\ufffd"'],
    ['eda080', '"\\ufffd\\ufffd\\ufffd"'],
    ['f09f98', '"\\ufffd\\ufffd\\ufffd"'],
    ['f09f9880ff', '"😀\\ufffd"'],
    ['efbfbd', '"\ufffd"'],
  ])('each byte that is not part of valid UTF-8 becomes one escape: %s', (hex, expected) => {
    expect(jsonStringOfBytes(Buffer.from(hex, 'hex'))).toBe(expected);
  });

  it('reads back as the same text, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
        expect(JSON.parse(jsonString(text))).toBe(text.toWellFormed());
        expect(Array.from(jsonString(text)).filter((character) => character < ' ' || '<>&\u2028\u2029'.includes(character))).toEqual([]);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('splits any bytes into valid and invalid runs without losing one', () => {
    fc.assert(
      fc.property(mixedBytes, (bytes) => {
        const pieces = [...utf8Pieces(bytes)];
        const joined = pieces.map((piece) => (piece.valid ? Buffer.from(piece.text, 'utf8') : bytes.subarray(piece.start, piece.start + piece.length)));
        expect(Buffer.concat(joined)).toEqual(bytes);
        for (const piece of pieces) if (piece.valid) expect(piece.text).not.toBe('');
        expect(jsonStringOfBytes(bytes)).toBe(slowStringOfBytes(bytes));
        expect(JSON.parse(jsonStringOfBytes(bytes))).toBe(replaceInvalidUtf8(bytes).toString('utf8'));
      }),
      { seed: 2, numRuns: 500 },
    );
  });
});

const mixedBytes = fc
  .array(fc.oneof(fc.string({ unit: 'binary', maxLength: 3 }).map((text) => Buffer.from(text, 'utf8')), fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes))), { maxLength: 8 })
  .map((pieces) => Buffer.concat(pieces));

/** The same by another way: a strict decoder tried on every length. */
function slowStringOfBytes(bytes: Buffer): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  for (let position = 0; position < bytes.length; ) {
    let taken = 0;
    for (let length = 1; length <= 4 && taken === 0; length++) {
      try {
        text += jsonString(decoder.decode(bytes.subarray(position, position + length))).slice(1, -1);
        taken = length;
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
    }
    if (taken === 0) text += '\\ufffd';
    position += Math.max(1, taken);
  }
  return `"${text}"`;
}
