import { beforeEach, expect, it } from 'vitest';
import { KeptAnswers } from './kept-answers.ts';

let kept: KeptAnswers<number>;
let made: string[];

beforeEach(() => {
  kept = new KeptAnswers(3, (rows) => rows);
  made = [];
});

const get = (key: string, rows = 1): Promise<number> => kept.get([key], () => Promise.resolve(void made.push(key)).then(() => rows));

it('answers are made once, as long as few were used since', async () => {
  for (const key of ['a', 'b', 'a', 'c', 'd', 'a', 'b']) await get(key);
  expect(made).toEqual(['a', 'b', 'c', 'd', 'b']);
});

it('answers with many rows are kept no longer than they have room together, the last one in any case', async () => {
  await get('a', 60_000);
  await get('b', 40_000);
  await get('a', 60_000);
  await get('c', 1);
  expect(made).toEqual(['a', 'b', 'c']);
  await get('b', 40_000);
  await get('huge', 1_000_000);
  await get('huge', 1_000_000);
  await get('a', 60_000);
  await get('huge', 1_000_000);
  expect(made).toEqual(['a', 'b', 'c', 'b', 'huge', 'a', 'huge']);
});

it('what fails is not kept', async () => {
  await expect(kept.get(['a'], () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  expect(await get('a', 7)).toBe(7);
});
