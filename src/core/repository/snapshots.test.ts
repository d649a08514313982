import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectType } from '../storage/object-store.ts';
import type { DamagedObject } from './load-options.ts';
import { decodeSnapshot, encodeSnapshot, findSnapshot, listSnapshots, matchesFilter, removeSnapshot, saveSnapshot, type Snapshot } from './snapshots.ts';
import { memoryRepository } from './testing/fast-repository.ts';

const tree = 'a'.repeat(64);
const id = 'b'.repeat(64);
const least: Snapshot = { time: '2024-01-02T03:04:06Z', tree, paths: ['/dir'] };
const summary = {
  backup_start: '2024-01-02T03:04:06Z',
  backup_end: '2024-01-02T03:04:07.5Z',
  files_new: 1,
  files_changed: 2,
  files_unmodified: 3,
  dirs_new: 4,
  dirs_changed: 5,
  dirs_unmodified: 6,
  data_blobs: 7,
  tree_blobs: 8,
  data_added: 9,
  data_added_packed: 10,
  total_files_processed: 11,
  total_bytes_processed: 0,
};
const full: Snapshot = {
  ...least,
  parent: id,
  hostname: 'h',
  username: 'u',
  uid: 1000,
  gid: 100,
  excludes: ['*.tmp', '<b>'],
  tags: ['x', 'y'],
  original: id,
  program_version: 'cyberbackup 1',
  summary,
};

describe('snapshot files (specification section 12)', () => {
  it('are written in restic’s order', () => {
    expect(encodeSnapshot(full).toString()).toBe(
      `{"time":"2024-01-02T03:04:06Z","parent":"${id}","tree":"${tree}","paths":["/dir"],"hostname":"h","username":"u","uid":1000,"gid":100,"excludes":["*.tmp","\\u003cb\\u003e"],"tags":["x","y"],"original":"${id}","program_version":"cyberbackup 1","summary":{"backup_start":"2024-01-02T03:04:06Z","backup_end":"2024-01-02T03:04:07.5Z","files_new":1,"files_changed":2,"files_unmodified":3,"dirs_new":4,"dirs_changed":5,"dirs_unmodified":6,"data_blobs":7,"tree_blobs":8,"data_added":9,"data_added_packed":10,"total_files_processed":11,"total_bytes_processed":0}}`,
    );
  });

  it('leave out what is empty', () => {
    const empty: Snapshot = { ...least, hostname: '', username: '', uid: 0, gid: 0, excludes: [], tags: [], program_version: '' };
    expect(encodeSnapshot(empty).toString()).toBe(`{"time":"2024-01-02T03:04:06Z","tree":"${tree}","paths":["/dir"]}`);
  });

  it('are read back; unknown members, null and a newline are ignored', () => {
    expect(decodeSnapshot(encodeSnapshot(full))).toEqual(full);
    expect(decodeSnapshot(Buffer.from(`{"future":1,"time":"2024-01-02T03:04:06Z","tree":"${tree}","paths":["/dir"],"tags":null}\n`))).toEqual(least);
  });

  it.each([
    'x',
    'null',
    '{}',
    `{"time":"yesterday","tree":"${tree}","paths":[]}`,
    `{"tree":"${tree}","paths":[]}`,
    '{"time":"2024-01-02T03:04:06Z","paths":[]}',
    '{"time":"2024-01-02T03:04:06Z","tree":"../../x","paths":[]}',
    `{"time":"2024-01-02T03:04:06Z","tree":"${tree}","paths":"/"}`,
    `{"time":"2024-01-02T03:04:06Z","tree":"${tree}","paths":[1]}`,
    `{"time":"2024-01-02T03:04:06Z","tree":"${tree}","paths":[],"uid":-1}`,
    `{"time":"2024-01-02T03:04:06Z","tree":"${tree}","paths":[],"summary":{}}`,
  ])('refuses %s', (text) => {
    expect(() => decodeSnapshot(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'DAMAGED' }));
  });

  it('keep any text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 8 }), { maxLength: 3 }), (paths) => {
        const wellFormed = paths.map((path) => path.toWellFormed());
        expect(decodeSnapshot(encodeSnapshot({ ...least, paths: wellFormed })).paths).toEqual(wellFormed);
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});

describe('choosing snapshots', () => {
  it.each<[Parameters<typeof matchesFilter>[1], boolean]>([
    [{}, true],
    [{ hostnames: ['h'] }, true],
    [{ hostnames: ['i', 'h'] }, true],
    [{ hostnames: ['i'] }, false],
    [{ hostnames: [] }, true],
    [{ paths: ['/dir'] }, true],
    [{ paths: ['/dir', '/other'] }, false],
    [{ tags: ['x'] }, true],
    [{ tags: ['x,y'] }, true],
    [{ tags: ['x,z'] }, false],
    [{ tags: ['z', 'y'] }, true],
    [{ tags: [''] }, false],
    [{ hostnames: ['h'], paths: ['/dir'], tags: ['z'] }, false],
  ])('%j: %s', (filter, expected) => {
    expect(matchesFilter(full, filter)).toBe(expected);
  });

  it('lists by instant and finds by id or latest', async () => {
    const { repository, store } = await memoryRepository();
    await expect(findSnapshot(repository, 'latest')).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
    const late = await saveSnapshot(repository, { ...least, time: '2024-01-02T03:00:00-05:00', hostname: 'a' });
    const early = await saveSnapshot(repository, { ...least, time: '2024-01-02T07:00:00Z', hostname: 'b' });
    const middle = await saveSnapshot(repository, { ...least, time: '2024-01-02T07:30:00Z', hostname: 'a', tags: ['x'] });
    expect((await listSnapshots(repository)).map((stored) => stored.id)).toEqual([early, middle, late]);
    expect((await findSnapshot(repository, 'latest')).id).toBe(late);
    expect((await findSnapshot(repository, 'latest', { hostnames: ['b'] })).id).toBe(early);
    expect((await findSnapshot(repository, 'latest', { tags: ['x'] })).id).toBe(middle);
    expect((await findSnapshot(repository, early.slice(0, 10), { hostnames: ['other'] })).id).toBe(early);
    await removeSnapshot(repository, early);
    expect(store.names('snapshot').sort()).toEqual([late, middle].sort());
    for (const selector of [early, '', 'xyz', 'LATEST', '../x', `${late}0`]) await expect(findSnapshot(repository, selector)).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
    await expect(findSnapshot(repository, 'latest', { hostnames: ['nobody'] })).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
  });

  it('names an ambiguous start of an id', async () => {
    const { repository, store } = await memoryRepository();
    store.plant('snapshot', `ab${'0'.repeat(62)}`, Buffer.alloc(40));
    store.plant('snapshot', `ab${'1'.repeat(62)}`, Buffer.alloc(40));
    await expect(findSnapshot(repository, 'ab')).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND', message: expect.stringContaining('ab0000000000, ab1111111111') as string });
  });

  it.each(['one by one', 'together'])('names a damaged snapshot, or goes on without it, where snapshots are read %s', async (how) => {
    const { repository, store } = await memoryRepository();
    let together = 0;
    if (how === 'together') Object.assign(store, { batches: { get: async (type: ObjectType, names: readonly string[]) => await Promise.all(names.map((name) => store.get({ type, name }).finally(() => (together += 1)))) } });
    const good = await saveSnapshot(repository, least);
    const bad = await repository.writeUnpacked('snapshot', Buffer.from('{}'));
    store.plant('snapshot', 'c'.repeat(64), Buffer.alloc(10));
    await expect(listSnapshots(repository)).rejects.toMatchObject({ code: 'DAMAGED' });
    await expect(findSnapshot(repository, bad)).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining(bad) as string });
    const damaged: DamagedObject[] = [];
    const listed = await listSnapshots(repository, undefined, { tolerateDamage: true, damaged });
    expect(listed.map((stored) => stored.id)).toEqual([good]);
    expect(damaged.map(({ name }) => name).sort()).toEqual([bad, 'c'.repeat(64)].sort());
    await expect(findSnapshot(repository, 'latest')).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining(`the latest that can be read is ${good.slice(0, 12)}`) as string });
    expect((await findSnapshot(repository, good)).id).toBe(good);
    expect(together > 0).toBe(how === 'together');
  });
});
