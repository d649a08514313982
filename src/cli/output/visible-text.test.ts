import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringWidth } from './text-width.ts';
import { shortenEnd, shortenMiddle, visiblePath, visibleText } from './visible-text.ts';

describe('names from hell', () => {
  it.each([
    ['plain.txt', 'plain.txt'],
    ['Größe – 日本語 👍', 'Größe – 日本語 👍'],
    ['a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['\u001b[31mred\u001b]0;title\u0007', '\\x1b[31mred\\x1b]0;title\\x07'],
    ['\u009b2J', '\\x9b2J'],
    ['invoice\u202efdp.exe', 'invoice\\u202efdp.exe'],
    ['a\u2066b\u2069', 'a\\u2066b\\u2069'],
    ['zero\u200bwidth', 'zero\\u200bwidth'],
    ['lone \ud800 half', 'lone \\ud800 half'],
    ['tag \u{e0041}', 'tag \\u{e0041}'],
  ])('%j is shown as %s', (text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  it('shows bytes that are no UTF-8, and those around them as text', () => {
    expect(visiblePath(Buffer.from([0x2f, 0x61, 0xff, 0xc3, 0xa4, 0xc3, 0x2f, 0x1b]))).toBe('/a\\xffä\\xc3/\\x1b');
    expect(visiblePath(Buffer.from('/replacement \ufffd'))).toBe('/replacement \ufffd');
  });

  it('never lets a control or a direction mark through', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        // oxlint-disable-next-line no-control-regex
        expect(visiblePath(bytes)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 64 }), (text) => {
        expect(Buffer.from(visibleText(text)).toString()).toBe(visibleText(text));
      }),
    );
  });
});

describe('shortening', () => {
  it('keeps the begin and the end of a path', () => {
    expect(shortenMiddle('/home/anna/Documents/letters/2026/report.pdf', 24)).toBe('/home/a…/2026/report.pdf');
    expect(shortenMiddle('short', 24)).toBe('short');
    expect(shortenEnd('Backing up', 5)).toBe('Back…');
  });

  it('never exceeds the columns, wide characters included', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '日', '👍', 'é', '/'), maxLength: 60 }), fc.integer({ min: 0, max: 40 }), (text, columns) => {
        expect(stringWidth(shortenMiddle(text, columns))).toBeLessThanOrEqual(columns);
        expect(stringWidth(shortenEnd(text, columns))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('counts wide, combining and coloured text', () => {
    expect(stringWidth('日本')).toBe(4);
    expect(stringWidth('e\u0301')).toBe(1);
    expect(stringWidth('\u001b[31mred\u001b[39m')).toBe(3);
  });
});
