import { expect, it } from 'vitest';
import type { MeasuredPath } from '../../../shared/contract/schemas/machine.ts';
import { isBelow, smallestFirst, sumOf } from './path-sum.ts';

const path = (name: string, bytes: number, state: MeasuredPath['state'] = 'counted'): [string, MeasuredPath] => [name, { path: name, state, type: 'folder', files: 1, bytes, problems: [], problem_count: 0 }];
const measured = new Map([path('/a', 10), path('/a/b', 4), path('/c', 2), path('/d', 0, 'counting')]);

it('counts a path within another once', () => {
  expect(sumOf(['/a/b', '/a', '/c'], measured)).toEqual({ files: 2, bytes: 12, complete: true });
});

it('says when something is still to be counted', () => {
  expect(sumOf(['/c', '/d'], measured).complete).toBe(false);
  expect(sumOf(['/unknown'], measured).complete).toBe(false);
});

it('knows what lies below a folder, with either separator', () => {
  expect([isBelow('/ab', '/a'), isBelow('/a/b', '/a'), isBelow('/a/b', '/'), isBelow('C:\\x\\y', 'C:\\x'), isBelow('/a', '/a')]).toEqual([false, true, true, true, false]);
});

it('puts the smallest first, and what is not counted yet last', () => {
  expect(smallestFirst(['/a', '/unknown', '/c'], measured)).toEqual(['/c', '/a', '/unknown']);
});
