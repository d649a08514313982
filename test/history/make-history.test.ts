/** The generator of histories, judged by restic: every byte checks, and what restic restores is what was recorded. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hasNewestRestic, newestRestic, restic } from '../support/restic.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { copyOfRepository, historyPassword, makeHistory, openHistory, removeHistory, type HistorySnapshot } from './make-history.ts';
import { sourceEntries } from './source-entries.ts';

const root = temporaryFolder('history');
afterAll(() => removeHistory(root));

function folder(name: string): string {
  const made = path.join(root, name);
  mkdirSync(made);
  return made;
}

/** What the seed decides. */
function decided({ writer, time, hostname, tags, tops, entries }: HistorySnapshot): unknown {
  return { writer, time, hostname, tags, tops, entries };
}

describe.skipIf(!hasNewestRestic)('a history', () => {
  it('is clean, restores to what was recorded, and has what histories are for', async () => {
    const history = await makeHistory(folder('first'), { seed: 1 });
    const ask = (...args: string[]): string => restic(newestRestic(), history.repository, args, { password: historyPassword });
    expect(ask('check', '--read-data')).toContain('no errors were found');

    const listed = JSON.parse(ask('snapshots', '--json')) as { id: string; hostname: string; tags?: string[]; paths: string[]; time: string }[];
    expect(listed.map(({ id, hostname, tags = [], paths, time }) => ({ id, hostname, tags, paths, time: Date.parse(time) }))).toEqual(
      history.snapshots.map(({ id, hostname, tags, paths, time }) => ({ id, hostname, tags, paths, time })),
    );
    expect(history.snapshots).toHaveLength(50);

    for (const at of [0, 2, 25, 49]) {
      const snapshot = history.snapshots[at] as HistorySnapshot;
      const target = folder(`restored-${at}`);
      ask('restore', snapshot.id, '--target', target);
      const restored = (await Promise.all(snapshot.tops.map((top) => sourceEntries(target, top)))).flat();
      expect([at, restored]).toEqual([at, snapshot.entries]);
    }
    expect(kindsOf(history.snapshots)).toEqual({ hosts: ['laptop', 'server'], writers: ['cyberbackup', 'restic'], years: true, links: true, hardLinks: true, emptyFiles: true, typeChanges: true, duplicates: true, large: true });

    const copy = copyOfRepository(history.repository, path.join(root, 'copy'));
    const { repository, close } = await openHistory(copy);
    await repository.loadIndex();
    expect(repository.index.packCount).toBeGreaterThan(50);
    await close();
  });

  it('is the same for the same seed, and another for another', async () => {
    // Made each time, whatever others have made.
    delete process.env['CYBERBACKUP_TEST_CACHE'];
    const [one, two, other] = await Promise.all([makeHistory(folder('one'), { seed: 7, snapshots: 12 }), makeHistory(folder('two'), { seed: 7, snapshots: 12 }), makeHistory(folder('other'), { seed: 8, snapshots: 12, version: 1 })]);
    expect(two.snapshots.map(decided)).toEqual(one.snapshots.map(decided));
    expect(other.snapshots.map(decided)).not.toEqual(one.snapshots.map(decided));
  });
});

function kindsOf(snapshots: readonly HistorySnapshot[]): Record<string, unknown> {
  const all = snapshots.flatMap(({ entries }) => entries);
  const types = new Map<string, Set<string>>();
  for (const { path: place, type } of all) types.set(place, (types.get(place) ?? new Set()).add(type));
  return {
    hosts: [...new Set(snapshots.map(({ hostname }) => hostname))].sort(),
    writers: [...new Set(snapshots.map(({ writer }) => writer))].sort(),
    years: (snapshots.at(-1)?.time ?? 0) - (snapshots[0]?.time ?? 0) > 3 * 365 * 86_400_000,
    links: all.some(({ type }) => type === 'link'),
    hardLinks: all.some(({ path: place }) => place.includes('/hard-')),
    emptyFiles: all.some(({ type, size }) => type === 'file' && size === 0),
    typeChanges: [...types.values()].some((seen) => seen.size > 1),
    duplicates: snapshots.some(hasDuplicates),
    large: all.some(({ size }) => size > 1_500_000),
  };
}

function hasDuplicates({ entries }: HistorySnapshot): boolean {
  const contents = entries.filter(({ type, size, path: place }) => type === 'file' && size > 0 && !place.includes('/hard-')).map(({ content }) => content);
  return new Set(contents).size < contents.length;
}
