import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { licences } from '../src/renderer/features/settings/licences.ts';

const read = (path: string): { readonly license?: string; readonly dependencies?: Readonly<Record<string, string>> } => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')) as ReturnType<typeof read>;
/** Packaged with the program, though it does not depend on them. */
const packaged = ['electron', 'node-addon-api'];

it('names every package that the program brings, with its licence', () => {
  const names = [...Object.keys(read('package.json').dependencies ?? {}), ...packaged].toSorted();
  expect(licences).toEqual(names.map((name) => [name, read(`node_modules/${name}/package.json`).license]));
});
