import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../platform/logger.ts';
import { rootPath } from './catalogue-schema.ts';
import { byName } from './name-candidates.ts';
import { searchText } from './name-query.ts';
import type { NodeFilter } from './node-filter.ts';
import { openCatalogue, type Catalogue } from './open-catalogue.ts';
import type { Candidate, Way } from './search-way.ts';

const folders = 20_000;
const folder = mkdtempSync(path.join(os.tmpdir(), 'name-candidates-'));
let catalogue: Catalogue;

/** Folders of names of their own, each with a file of the same name as in all others. */
beforeAll(() => {
  catalogue = openCatalogue(folder, '0'.repeat(64), silentLogger);
  const { database } = catalogue;
  const addName = database.prepare('INSERT INTO names (name_id, name) VALUES (?, ?)');
  const addText = database.prepare('INSERT INTO name_text (rowid, text) VALUES (?, ?)');
  const addPath = database.prepare('INSERT INTO paths (path_id, parent, name_id) VALUES (?, ?, ?)');
  const add = (nameId: number, name: string): void => {
    addName.run(nameId, Buffer.from(name));
    addText.run(nameId, searchText(Buffer.from(name)));
  };
  database.transaction(() => {
    add(1, 'package.json');
    for (let i = 0; i < folders; i += 1) {
      add(2 + i, `folder-${i}`);
      addPath.run(1 + i, rootPath, 2 + i);
      addPath.run(1 + folders + i, 1 + i, 1);
    }
  })();
});

afterAll(() => {
  catalogue.close();
  rmSync(folder, { recursive: true, force: true });
});

const way = (glob: string, filter: Partial<NodeFilter> = {}): Way => byName(catalogue.database, [glob], { patterns: [], ...filter });
const slicesOf = (given: Way, after?: readonly number[]): (readonly Candidate[])[] => [...given.slices(after)];
const ids = (slices: readonly (readonly Candidate[])[]): number[] => slices.flat().map(({ pathId }) => pathId);

describe('paths by their names', () => {
  it.each<[string, string, Partial<NodeFilter>]>([
    ['a name', 'package.json', {}],
    ['a name in any case', 'package.json', { ignoreCase: true }],
    ['a glob', 'package.js*', {}],
  ])('that many have come in slices, for %s, and are counted', (_, glob, filter) => {
    const given = way(glob, filter);
    expect(given.count).toBe(folders);
    const slices = slicesOf(given);
    expect(slices[0]?.length).toBe(64);
    expect(Math.max(...slices.map(({ length }) => length))).toBeLessThanOrEqual(16_384);
    expect(ids(slices)).toEqual(Array.from({ length: folders }, (__, i) => 1 + folders + i));
    const at = slices[2]?.[5]?.cursor ?? '';
    expect(ids(slicesOf(given, at.slice(1).split('.').map(Number)))).toEqual(ids(slices).slice(64 + 128 + 6));
  });

  it('that none passes a filter are looked at in slices, too', () => {
    const slices = slicesOf(way('package.js*', { larger: 1n }));
    expect(ids(slices)).toEqual([]);
    expect(slices.length).toBeGreaterThan(5);
  });

  it('of many names go on behind any of them', () => {
    const slices = slicesOf(way('folder-*'));
    expect(ids(slices)).toEqual(Array.from({ length: folders }, (_, i) => 1 + i));
    expect(ids(slicesOf(way('folder-*'), [500, 499]))).toEqual(ids(slices).slice(499));
  });
});
