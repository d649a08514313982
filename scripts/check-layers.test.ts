import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { breach, checkTree, importsOf } from './check-layers.mjs';

const table = {
  shared: { ours: [], packages: ['zod'], node: false },
  'core/storage': { ours: ['shared'], packages: [], node: true },
  'core/archiver': { ours: ['core/storage'], packages: [], node: true },
  cli: { ours: ['core/*'], packages: ['commander'], node: true },
};

describe('the layer rule', () => {
  it.each([
    ['core/storage/a.ts', '../../shared/errors.ts'],
    ['core/storage/a.ts', './b.ts'],
    ['core/storage/a.ts', 'node:fs'],
    ['cli/a.ts', '../core/archiver/backup.ts'],
    ['cli/a.ts', 'commander'],
    ['core/storage/a.test.ts', 'vitest'],
  ])('allows %s to import %s', (file, specifier) => {
    expect(breach(file, specifier, table)).toBeUndefined();
  });

  it.each([
    ['core/storage/a.ts', '../archiver/backup.ts', 'may not import core/archiver'],
    ['shared/a.ts', '../core/storage/b.ts', 'may not import core/storage'],
    ['shared/a.ts', 'node:fs', "Node's modules"],
    ['core/storage/a.ts', 'fs', 'node:fs'],
    ['core/storage/a.ts', 'commander', 'package commander'],
    ['core/storage/a.ts', 'better-sqlite3', 'only agent/queue'],
    ['core/storage/a.ts', 'electron', 'only main'],
    ['core/storage/a.ts', '../../../scripts/setup.mjs', 'leaves src/'],
    ['core/storage/a.ts', './testing/fake.ts', 'tests only'],
    ['core/storage/a.ts', undefined, 'computed'],
    ['core/storage/a.ts', '../../../native/build/Release/cyberbackup.node', 'leaves src/'],
    ['widgets/a.ts', './b.ts', 'no row'],
    ['core/storage/a.ts', '../../widgets/b.ts', 'without a row'],
  ])('refuses %s importing %s', (file, specifier, reason) => {
    expect(breach(file, specifier, table)).toContain(reason);
  });

  it('sees static, type-only, re-exported and dynamic imports', () => {
    const source = "import a from './a.ts';\nimport type { B } from './b.ts';\nexport { c } from './c.ts';\nexport * from './d.ts';\nvoid import('./e.ts');\nvoid import(name);\n// import './comment.ts';";
    expect(importsOf('x.ts', source).map((entry) => entry.specifier)).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', undefined]);
  });

  it('fails a tree in which one file breaks the table', () => {
    const root = temporaryFolder('layers');
    try {
      mkdirSync(path.join(root, 'shared'));
      writeFileSync(path.join(root, 'shared/good.ts'), "export const one = 1;\n");
      expect(checkTree(root)).toEqual([]);
      writeFileSync(path.join(root, 'shared/bad.ts'), "export const one = 1;\nimport { readFileSync } from 'node:fs';\nreadFileSync('');\n");
      expect(checkTree(root)).toEqual([expect.stringContaining('src/shared/bad.ts:2: node:fs')]);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
