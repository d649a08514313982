import { expect, it } from 'vitest';
import { alertSentences, alertText } from './alert-sentences.ts';
import { alertCode } from './contract/schemas/observability.ts';

const format = { number: String, bytes: (count: number) => `${count} B`, plural: (count: number, { one, other }: { one: string; other: string }) => (count === 1 ? one : other).replaceAll('#', String(count)) };
const values = { place: 'PLACE', reason: 'REASON', url: 'URL', folder: 'FOLDER', bytes: 5, what: 'plan', count: 3, client: 'CLIENT', ms: 900, files: 'FILES', outcome: 'restored', check: 'CHECK' };

it.each(alertCode.options)('has a sentence for %s in each language, of which nothing is missing', (code) => {
  const [english, german] = [alertSentences.en(format), alertSentences.de(format)].map((sentences) => alertText({ code, values }, sentences));
  for (const text of [english, german]) expect(text).toMatch(/^[^#]{20,}\.$/);
  expect(english).not.toBe(german);
  for (const name of ['PLACE', 'URL', 'FOLDER', 'CLIENT', 'FILES', 'CHECK']) expect(german?.includes(name)).toBe(english?.includes(name));
});
