/** docs/requirements.md: every row names tests that exist, under names that have the row's id. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../', import.meta.url);
const table = readFileSync(new URL('docs/requirements.md', root), 'utf8');
const rows = new Map([...table.matchAll(/^\| (R\d+) \| [^|]* \| (.+) \|$/gm)].map(([, id = '', tests = '']) => [id, tests]));

/** File and name of each test of a cell. */
function namedIn(tests: string): { readonly file: string; readonly name: string }[] {
  return [...tests.matchAll(/`([^`]+)` ((?:“[^”]+”(?:, )?)+)/g)].flatMap(([, file = '', names = '']) => [...names.matchAll(/“([^”]+)”/g)].map(([, name = '']) => ({ file, name })));
}

it('has a row for each promise', () => {
  expect([...rows.keys()]).toEqual(Array.from({ length: 21 }, (_, at) => `R${at + 1}`));
});

it.each([...rows])('%s names tests that exist', (id, tests) => {
  const named = namedIn(tests);
  expect(named.length).toBeGreaterThan(0);
  for (const { file, name } of named) {
    expect(name.split(/\W/)).toContain(id);
    expect({ file, exists: existsSync(new URL(file, root)) }).toEqual({ file, exists: true });
    // As it stands in a call of `it` or `describe`.
    const written = new RegExp(`\\b(?:it|describe)\\b.*\\('${name.replaceAll(/[.*+?^$()[\]{}|\\]/g, String.raw`\$&`)}'`, 'm');
    expect({ file, name, exists: written.test(readFileSync(new URL(file, root), 'utf8')) }).toEqual({ file, name, exists: true });
  }
});
