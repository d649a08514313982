import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseRange } from './range-header.ts';

it('gives exactly what was asked for, cut at the end of the object', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e12 }), fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 0, max: 1e12 }), (size, a, b) => {
      const [first, last] = [Math.min(a, b), Math.max(a, b)];
      const length = Math.min(last, size - 1) - first + 1;
      expect(parseRange(`bytes=${first}-${last}`, size)).toEqual(first >= size ? { kind: 'unsatisfiable' } : { kind: 'part', offset: first, length });
      expect(parseRange(`bytes=${first}-`, size)).toEqual(first >= size ? { kind: 'unsatisfiable' } : { kind: 'part', offset: first, length: size - first });
      const tail = Math.min(last, size);
      expect(parseRange(`bytes=-${last}`, size)).toEqual(last === 0 ? { kind: 'unsatisfiable' } : { kind: 'part', offset: size - tail, length: tail });
    }),
    { seed: 1 },
  );
});

it('never reads outside the object, whatever the header', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.nat(1000), (text, size) => {
      const range = parseRange(`bytes=${text}`, size);
      if (range.kind === 'part') expect(range.offset >= 0 && range.length > 0 && range.offset + range.length <= size).toBe(true);
    }),
    { seed: 2, numRuns: 2000 },
  );
});

it.each([[undefined], ['bytes=0-1,3-4']])('%s: the whole', (header) => {
  expect(parseRange(header, 10)).toEqual({ kind: 'whole' });
});
