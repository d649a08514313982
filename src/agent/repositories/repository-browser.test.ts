import { renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { password } from '../../cli/testing/cli-process.ts';
import { insideRepository, makeTestRepository } from '../../cli/testing/test-repository.ts';
import { FakeClock } from '../../core/platform/fake-clock.ts';
import { silentLogger } from '../../core/platform/logger.ts';
import { changePassword } from '../../core/repository/keys.ts';
import { newRepository, snapshot as snapshotSchema, treeEntry } from '../../shared/contract/schemas/repository.ts';
import { OpenRepositories } from './open-repositories.ts';
import type { Connection } from './repository-connection.ts';
import { RepositoriesWorld } from './testing/repositories-world.ts';

let world: RepositoriesWorld;
let url: string;
let source: string;
let id: string;

beforeEach(async () => {
  world = new RepositoriesWorld();
  url = await makeTestRepository(world.path('repository'));
  source = world.path('source');
  ({ repository_id: id } = await world.repositories.add(newRepository.parse({ url, password })));
});
afterEach(() => world.dispose());

const names = (page: { entries: readonly { name: string }[] }): string[] => page.entries.map(({ name }) => name);
const all = { offset: 0, limit: 1000 };

describe('browsing', () => {
  it('lists snapshots as stored, newest first', async () => {
    const first = await world.backUp(url, source, { a: '1' });
    const second = await world.backUp(url, source, { a: '22' });
    const snapshots = await world.browser.listSnapshots(id);
    expect(snapshots.map((one) => one.id)).toEqual([second, first]);
    expect(snapshots[0]).toMatchObject({ short_id: second.slice(0, 8), hostname: 'test', paths: [source], parent: first, summary: { files_changed: 1 } });
    for (const one of snapshots) expect(snapshotSchema.parse(one)).toEqual(one);
  });

  it('shows a folder page by page', async () => {
    await world.backUp(url, source, { 'a.txt': 'four', 'b/c.txt': '', 'ü.txt': 'x', 'z.txt': 'x' });
    const page = await world.browser.listTree(id, { snapshot: 'latest', path: source, offset: 1, limit: 2 });
    expect(page).toMatchObject({ path: source, total: 4 });
    expect(names(page)).toEqual(['b', 'z.txt']);
    const sorted = { snapshot: 'latest', path: source, order: 'folders', limit: 2 } as const;
    expect(names(await world.browser.listTree(id, { ...sorted, offset: 0 }))).toEqual(['b', 'a.txt']);
    expect(names(await world.browser.listTree(id, { ...sorted, offset: 2 }))).toEqual(['ü.txt', 'z.txt']);
    const whole = await world.browser.listTree(id, { snapshot: 'latest', path: `${source}/`, ...all });
    expect(whole.entries[0]).toMatchObject({ name: 'a.txt', path: join(source, 'a.txt'), type: 'file', size: 4, mode: expect.any(Number) as number, mtime: expect.stringMatching(/Z$/) as string });
    for (const entry of whole.entries) expect(treeEntry.parse(entry)).toEqual(entry);
    expect(names(await world.browser.listTree(id, { snapshot: 'latest', path: '/', ...all }))).toEqual([source.split('/')[1]]);
    const file = await world.browser.listTree(id, { snapshot: 'latest', path: join(source, 'a.txt'), ...all });
    expect(file).toMatchObject({ total: 1, entries: [{ name: 'a.txt', path: join(source, 'a.txt') }] });
    expect((await world.browser.listTree(id, { snapshot: 'latest', path: source, offset: 9, limit: 9 })).entries).toEqual([]);
  });

  it('says what restoring entries would write, and what is in the way', async () => {
    await world.backUp(url, source, { 'a.txt': 'four', 'b/c.txt': 'longer', 'b/d.txt': 'x', 'z.txt': 'zz' });
    const target = world.path('target');
    const question = { snapshot: 'latest', path: source, names: [], except: [], target };
    expect(await world.browser.previewRestore(id, question)).toEqual({ files: 4, folders: 1, bytes: 13, same: 0, older_there: 0, newer_there: 0, complete: true });
    expect(await world.browser.previewRestore(id, { ...question, names: ['b', 'z.txt'], except: ['z.txt'] })).toMatchObject({ files: 2, folders: 1, bytes: 7 });
    // In its own place everything is the same; then one changes later, and one is an older one of another size.
    const there = { ...question, target: source };
    expect(await world.browser.previewRestore(id, there)).toMatchObject({ files: 4, same: 4, older_there: 0, newer_there: 0 });
    writeFileSync(join(source, 'b/c.txt'), 'changed since');
    utimesSync(join(source, 'b/c.txt'), new Date(), new Date(Date.now() + 60_000));
    writeFileSync(join(source, 'a.txt'), 'old');
    utimesSync(join(source, 'a.txt'), new Date(1e12), new Date(1e12));
    expect(await world.browser.previewRestore(id, there)).toMatchObject({ files: 4, same: 2, older_there: 1, newer_there: 1 });
    await expect(world.browser.previewRestore(id, { ...question, path: '/nowhere' })).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
  });

  it.skipIf(process.platform !== 'linux')('opens a folder whose name is no text by what is shown of it', async () => {
    await world.backUp(url, source, { 'place/inside.txt': 'x' });
    renameSync(join(source, 'place'), Buffer.concat([Buffer.from(`${source}/`), Buffer.from([0x66, 0xff, 0x67])]));
    await world.backUp(url, source, {});
    const [entry] = (await world.browser.listTree(id, { snapshot: 'latest', path: source, ...all })).entries;
    expect(entry?.name).toBe('f\ufffdg');
    expect(names(await world.browser.listTree(id, { snapshot: 'latest', path: entry?.path ?? '', ...all }))).toEqual(['inside.txt']);
  });

  it('sees what was stored since it opened, also by another who packed everything anew', async () => {
    await world.backUp(url, source, { a: '1' });
    await world.browser.listTree(id, { snapshot: 'latest', path: source, ...all });
    await world.backUp(url, source, { 'new/b': '2' });
    expect(names(await world.browser.listTree(id, { snapshot: 'latest', path: join(source, 'new'), ...all }))).toEqual(['b']);
    rmSync(url, { recursive: true });
    await makeTestRepository(url);
    const only = await world.backUp(url, source, { c: '3' });
    expect((await world.browser.listSnapshots(id)).map((one) => one.id)).toEqual([only]);
  });

  it('notices a changed password', async () => {
    await world.backUp(url, source, { a: '1' });
    await insideRepository(url, (repository) => changePassword(repository, Buffer.from('another'), { kdf: { N: 1024, r: 8, p: 1 } }));
    await expect(world.browser.listSnapshots(id)).rejects.toMatchObject({ code: 'WRONG_PASSWORD' });
    await world.repositories.update(id, { password: 'another' });
    expect(await world.browser.listSnapshots(id)).toHaveLength(1);
  });

  it.each([
    [{ snapshot: 'latest', path: '/nowhere' }, 'PATH_NOT_FOUND'],
    [{ snapshot: 'abcdef', path: '/' }, 'SNAPSHOT_NOT_FOUND'],
    [{ snapshot: 'latest', path: '/../etc' }, 'INVALID_INPUT'],
    [{ snapshot: 'latest', path: 'relative' }, 'INVALID_INPUT'],
    [{ snapshot: 'latest', path: '/nul\0' }, 'INVALID_INPUT'],
  ])('refuses %j', async (question, code) => {
    await world.backUp(url, source, { a: '1' });
    await expect(world.browser.listTree(id, { ...question, ...all })).rejects.toMatchObject({ code });
  });

  it('says what is wrong with the storage, and recovers', async () => {
    await world.backUp(url, source, { a: '1' });
    renameSync(url, `${url}-gone`);
    await expect(world.browser.listSnapshots(id)).rejects.toMatchObject({ code: 'REPOSITORY_MISSING' });
    writeFileSync(url, 'no folder');
    await expect(world.browser.listSnapshots(id)).rejects.toMatchObject({ code: 'REPOSITORY_MISSING' });
    rmSync(url);
    renameSync(`${url}-gone`, url);
    expect(await world.browser.listSnapshots(id)).toHaveLength(1);
  });
});

describe('repositories that are kept open', () => {
  const clock = new FakeClock();
  let opened: string[] = [];
  let closed: string[] = [];
  let open: OpenRepositories;
  let failure: Error | undefined;

  beforeEach(() => {
    opened = [];
    closed = [];
    failure = undefined;
    open = new OpenRepositories(
      (name) => {
        if (failure !== undefined) return Promise.reject(failure);
        opened.push(name);
        return Promise.resolve({ close: () => Promise.resolve(void closed.push(name)) } as Connection);
      },
      { clock, logger: silentLogger },
    );
  });
  afterEach(() => open.close());
  const use = (name: string): Promise<void> => open.use(name, () => Promise.resolve());

  it('are closed five minutes after their last use', async () => {
    await use('a');
    await clock.advance(4 * 60_000);
    await use('a');
    await clock.advance(4 * 60_000);
    expect([opened, closed]).toEqual([['a'], []]);
    await clock.advance(2 * 60_000);
    expect(closed).toEqual(['a']);
    await use('a');
    expect(opened).toEqual(['a', 'a']);
  });

  it('are four at most', async () => {
    for (const name of ['a', 'b', 'a', 'c', 'd', 'e']) await use(name);
    expect(open.size).toBe(4);
    await clock.advance(0);
    expect(closed).toEqual(['b']);
  });

  it('are not closed under one who uses them', async () => {
    let finish: () => void = () => undefined;
    const using = open.use('a', () => new Promise<void>((resolve) => (finish = resolve)));
    await clock.advance(0);
    open.forget('a');
    await use('a');
    await clock.advance(10 * 60_000);
    expect([opened, closed]).toEqual([['a', 'a'], ['a']]);
    const closing = open.close();
    finish();
    await Promise.all([using, closing]);
    expect(closed).toEqual(['a', 'a']);
  });

  it('are opened anew, once, where something fails in a kept one', async () => {
    await use('a');
    let attempts = 0;
    const broken = open.use('a', () => Promise.reject(new Error(`attempt ${(attempts += 1)}`)));
    await expect(broken).rejects.toThrow('attempt 2');
    await expect(open.use('a', () => Promise.reject(new Error(`attempt ${(attempts += 1)}`)))).rejects.toThrow('attempt 3');
    await clock.advance(0);
    expect([opened.length, closed.length]).toEqual([3, 3]);
  });

  it('are not kept where they cannot be opened', async () => {
    failure = new Error('unreachable');
    await expect(use('a')).rejects.toThrow('unreachable');
    failure = undefined;
    await use('a');
    expect(opened).toEqual(['a']);
  });
});
