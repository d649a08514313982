import { expect, it } from 'vitest';
import { randomWords } from './random-words.ts';
import { words } from './words.ts';

it('has 2,048 different words', () => {
  expect(new Set(words).size).toBe(2048);
});

it('joins five words, each as likely as any other', () => {
  expect(randomWords((values) => values.set([0, 1, 2047, 2048, 65_535]))).toBe('abandon-ability-zoo-abandon-zoo');
  expect(randomWords()).toMatch(/^([a-z]+-){4}[a-z]+$/);
  expect(randomWords()).not.toBe(randomWords());
});
