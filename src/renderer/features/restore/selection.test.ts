import { expect, it } from 'vitest';
import type { TreeEntry } from '../../../shared/contract/schemas/repository.ts';
import { chosen, countOf, everything, isChosen, namesOf, nothing } from './selection.ts';

const entry = (name: string): TreeEntry => ({ name, path: `/home/${name}`, type: 'file' });
const [a, b] = [entry('a'), entry('b')];

it('holds some entries', () => {
  const both = chosen(chosen(nothing, a, true), b, true);
  expect([countOf(both, 9), isChosen(both, a.path), isChosen(both, '/home/c')]).toEqual([2, true, false]);
  expect(namesOf(chosen(both, a, false))).toEqual({ names: ['b'], except: [] });
  expect(chosen(both, a, true)).toBe(both);
});

it('holds all but some, without knowing them', () => {
  const most = chosen(everything, a, false);
  expect([countOf(most, 100_000), isChosen(most, a.path), isChosen(most, '/home/zz')]).toEqual([99_999, false, true]);
  expect(namesOf(most)).toEqual({ names: [], except: ['a'] });
  expect(namesOf(chosen(most, a, true))).toEqual({ names: [], except: [] });
});
