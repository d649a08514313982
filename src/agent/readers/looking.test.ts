import { renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insideRepository, makeTestRepository } from '../../cli/testing/test-repository.ts';
import { changePassword } from '../../core/repository/keys.ts';
import { snapshot as snapshotSchema, treeEntry } from '../../shared/contract/schemas/repository.ts';
import type { OperationOutput } from '../../shared/contract/operations.ts';
import type { RepositoriesWorld } from '../repositories/testing/repositories-world.ts';
import { AskedRepository, type Question } from './testing/asked-repository.ts';

let asked: AskedRepository;
let world: RepositoriesWorld;
let url: string;
let source: string;
let id: string;

beforeEach(async () => {
  asked = await AskedRepository.make();
  ({ world, url, source, id } = asked);
});
afterEach(() => world.dispose());

const tree = (question: Question<'list_tree'>): Promise<OperationOutput<'list_tree'>> => asked.ask('list_tree', question);
const preview = (question: Question<'preview_restore'>): Promise<OperationOutput<'preview_restore'>> => asked.ask('preview_restore', question);
const names = (page: { entries: readonly { name: string }[] }): string[] => page.entries.map(({ name }) => name);
const all = { offset: 0, limit: 1000 };

describe('browsing', () => {
  it('lists snapshots as stored, newest first', async () => {
    const first = await asked.backUp({ a: '1' });
    const second = await asked.backUp({ a: '22' });
    const snapshots = await world.listSnapshots(id);
    expect(snapshots.map((one) => one.id)).toEqual([second, first]);
    expect(snapshots[0]).toMatchObject({ short_id: second.slice(0, 8), hostname: 'test', paths: [source], parent: first, summary: { files_changed: 1 } });
    for (const one of snapshots) expect(snapshotSchema.parse(one)).toEqual(one);
  });

  it('shows a folder page by page', async () => {
    await asked.backUp({ 'a.txt': 'four', 'b/c.txt': '', 'ü.txt': 'x', 'z.txt': 'x' });
    const page = await tree({ snapshot: 'latest', path: source, offset: 1, limit: 2 });
    expect(page).toMatchObject({ path: source, total: 4 });
    expect(names(page)).toEqual(['b', 'z.txt']);
    const sorted = { snapshot: 'latest', path: source, order: 'folders', limit: 2 } as const;
    expect(names(await tree({ ...sorted, offset: 0 }))).toEqual(['b', 'a.txt']);
    expect(names(await tree({ ...sorted, offset: 2 }))).toEqual(['ü.txt', 'z.txt']);
    const whole = await tree({ snapshot: 'latest', path: `${source}/`, ...all });
    expect(whole.entries[0]).toMatchObject({ name: 'a.txt', path: join(source, 'a.txt'), type: 'file', size: 4, mode: expect.any(Number) as number, mtime: expect.stringMatching(/Z$/) as string });
    for (const entry of whole.entries) expect(treeEntry.parse(entry)).toEqual(entry);
    expect(names(await tree({ snapshot: 'latest', path: '/', ...all }))).toEqual([source.split('/')[1]]);
    const file = await tree({ snapshot: 'latest', path: join(source, 'a.txt'), ...all });
    expect(file).toMatchObject({ total: 1, entries: [{ name: 'a.txt', path: join(source, 'a.txt') }] });
    expect((await tree({ snapshot: 'latest', path: source, offset: 9, limit: 9 })).entries).toEqual([]);
  });

  it('says what restoring entries would write, and what is in the way', async () => {
    await asked.backUp({ 'a.txt': 'four', 'b/c.txt': 'longer', 'b/d.txt': 'x', 'z.txt': 'zz' });
    const target = world.path('target');
    const question = { snapshot: 'latest', path: source, names: [], except: [], target };
    expect(await preview(question)).toEqual({ files: 4, folders: 1, bytes: 13, same: 0, older_there: 0, newer_there: 0, complete: true });
    expect(await preview({ ...question, names: ['b', 'z.txt'], except: ['z.txt'] })).toMatchObject({ files: 2, folders: 1, bytes: 7 });
    // In its own place everything is the same; then one changes later, and one is an older one of another size.
    const there = { ...question, target: source };
    expect(await preview(there)).toMatchObject({ files: 4, same: 4, older_there: 0, newer_there: 0 });
    writeFileSync(join(source, 'b/c.txt'), 'changed since');
    utimesSync(join(source, 'b/c.txt'), new Date(), new Date(Date.now() + 60_000));
    writeFileSync(join(source, 'a.txt'), 'old');
    utimesSync(join(source, 'a.txt'), new Date(1e12), new Date(1e12));
    expect(await preview(there)).toMatchObject({ files: 4, same: 2, older_there: 1, newer_there: 1 });
    await expect(preview({ ...question, path: '/nowhere' })).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
  });

  it.skipIf(process.platform !== 'linux')('opens a folder whose name is no text by what is shown of it', async () => {
    await asked.backUp({ 'place/inside.txt': 'x' });
    renameSync(join(source, 'place'), Buffer.concat([Buffer.from(`${source}/`), Buffer.from([0x66, 0xff, 0x67])]));
    await asked.backUp({});
    const [entry] = (await tree({ snapshot: 'latest', path: source, ...all })).entries;
    expect(entry?.name).toBe('f\ufffdg');
    expect(names(await tree({ snapshot: 'latest', path: entry?.path ?? '', ...all }))).toEqual(['inside.txt']);
  });

  it('sees what was stored since it opened, also by another who packed everything anew', async () => {
    await asked.backUp({ a: '1' });
    await tree({ snapshot: 'latest', path: source, ...all });
    await asked.backUp({ 'new/b': '2' });
    expect(names(await tree({ snapshot: 'latest', path: join(source, 'new'), ...all }))).toEqual(['b']);
    rmSync(url, { recursive: true });
    await makeTestRepository(url);
    const only = await asked.backUp({ c: '3' });
    expect((await world.listSnapshots(id)).map((one) => one.id)).toEqual([only]);
  });

  it('notices a changed password', async () => {
    await asked.backUp({ a: '1' });
    await insideRepository(url, (repository) => changePassword(repository, Buffer.from('another'), { kdf: { N: 1024, r: 8, p: 1 } }));
    await expect(world.listSnapshots(id)).rejects.toMatchObject({ code: 'WRONG_PASSWORD' });
    await world.repositories.update(id, { password: 'another' });
    expect(await world.listSnapshots(id)).toHaveLength(1);
  });

  it.each([
    [{ snapshot: 'latest', path: '/nowhere' }, 'PATH_NOT_FOUND'],
    [{ snapshot: 'abcdef', path: '/' }, 'SNAPSHOT_NOT_FOUND'],
    [{ snapshot: 'latest', path: '/../etc' }, 'INVALID_INPUT'],
    [{ snapshot: 'latest', path: 'relative' }, 'INVALID_INPUT'],
    [{ snapshot: 'latest', path: '/nul\0' }, 'INVALID_INPUT'],
  ])('refuses %j', async (question, code) => {
    await asked.backUp({ a: '1' });
    await expect(tree({ ...question, ...all })).rejects.toMatchObject({ code });
  });

  it('says what is wrong with the storage, and recovers', async () => {
    await asked.backUp({ a: '1' });
    renameSync(url, `${url}-gone`);
    await expect(world.listSnapshots(id)).rejects.toMatchObject({ code: 'REPOSITORY_MISSING' });
    writeFileSync(url, 'no folder');
    await expect(world.listSnapshots(id)).rejects.toMatchObject({ code: 'REPOSITORY_MISSING' });
    rmSync(url);
    renameSync(`${url}-gone`, url);
    expect(await world.listSnapshots(id)).toHaveLength(1);
  });
});
