/** Questions about the history of a repository, asked of a reader: real repositories, real catalogues. */
import { mkdirSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insideRepository } from '../../cli/testing/test-repository.ts';
import { withCatalogueLock } from '../../core/catalogue/catalogue-lock.ts';
import { catalogueFile } from '../../core/catalogue/open-catalogue.ts';
import { systemClock } from '../../core/platform/clock.ts';
import { findSnapshot, removeSnapshot } from '../../core/repository/snapshots.ts';
import { findPath } from '../../core/restorer/find-path.ts';
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

const ask: AskedRepository['ask'] = (name, question, signal) => asked.ask(name, question, signal);
const backUp: AskedRepository['backUp'] = (files) => asked.backUp(files);
const search = (question: Question<'search_files'> = {}): Promise<OperationOutput<'search_files'>> => ask('search_files', { wait: true, ...question });
const found = ({ rows }: OperationOutput<'search_files'>): string[] => rows.map(({ path }) => path.slice(source.length)).toSorted();
const repositoryId = (): Promise<string> => insideRepository(url, (repository) => Promise.resolve(repository.config.id));
const catalogue = async (): Promise<string> => catalogueFile(world.home.cache, await repositoryId());

/** Deletes the pack that holds the only copy of a folder's tree. */
async function loseFolder(path: string): Promise<void> {
  await insideRepository(url, async (repository) => {
    await repository.loadIndex();
    const { snapshot } = await findSnapshot(repository, 'latest');
    const place = await findPath(Buffer.from(snapshot.tree, 'hex'), Buffer.from(path), (tree) => repository.readTree(tree));
    const tree = place.kind === 'node' ? place.node.subtree : place.tree;
    const pack = repository.index.lookup('tree', tree ?? Buffer.alloc(32))[0]?.packId.toString('hex') ?? '';
    rmSync(join(url, 'data', pack.slice(0, 2), pack));
  });
}

describe('searching', () => {
  it('finds a file once, with its versions over all snapshots', async () => {
    const first = await backUp({ 'letters/Thesis.odt': 'one', 'notes.txt': 'x' });
    await backUp({ 'letters/Thesis.odt': 'longer' });
    const last = await backUp({ 'other.txt': 'y' });
    const answer = await search({ pattern: 'thesis' });
    expect(answer).toMatchObject({ cursor: null, complete: true, indexing: null, damaged: [] });
    expect(answer.rows).toMatchObject([{ path: join(source, 'letters/Thesis.odt'), name: 'Thesis.odt', type: 'file', size: 6, versions: 2, first: { snapshot_id: first }, last: { snapshot_id: last } }]);
    expect(found(await search({ pattern: 'thesis', ignore_case: false }))).toEqual([]);
    expect(found(await search({ pattern: '*.TXT', match: 'glob' }))).toEqual(['/notes.txt', '/other.txt']);
    expect(found(await search({ pattern: 'notes.txt', match: 'name' }))).toEqual(['/notes.txt']);
    expect(found(await search({ size_from: 3, types: ['file'] }))).toEqual(['/letters/Thesis.odt']);
    expect(found(await search({ size_to: 1, types: ['file'] }))).toEqual(['/notes.txt', '/other.txt']);
    expect(found(await search({ pattern: 'letters', types: ['dir'] }))).toEqual(['/letters']);
    expect(found(await search({ pattern: 'txt', modified_to: '2020-01-01T00:00:00Z' }))).toEqual([]);
    // Of what one snapshot has, only that counts.
    expect((await search({ pattern: 'Thesis', snapshot: first.slice(0, 12) })).rows).toMatchObject([{ size: 3, versions: 1, last: { snapshot_id: first } }]);
    expect(found(await search({ pattern: 'other', snapshot: first }))).toEqual([]);
    expect(found(await search({ pattern: 'other', host: 'another' }))).toEqual([]);
    await expect(search({ snapshot: 'abcdef' })).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND', path: 'snapshot' });
  });

  it('comes page by page, each path once', async () => {
    await backUp(Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`report-${at}.pdf`, String(at)])));
    const paths: string[] = [];
    let cursor: string | null = null;
    do {
      const page: OperationOutput<'search_files'> = await search({ pattern: 'report', limit: 3, ...(cursor === null ? {} : { cursor }) });
      expect(page.rows.length).toBeLessThanOrEqual(3);
      paths.push(...found(page));
      ({ cursor } = page);
    } while (cursor !== null);
    expect(paths.toSorted()).toEqual(Array.from({ length: 7 }, (_, at) => `/report-${at}.pdf`));
    await expect(search({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'INVALID_INPUT', path: 'cursor' });
    await expect(search({ pattern: '[', match: 'glob' })).rejects.toMatchObject({ code: 'INVALID_INPUT', path: 'pattern' });
  });

  it('follows what is saved and removed, and tells how far it is', async () => {
    const first = await backUp({ 'a.txt': '1' });
    expect(found(await search({ pattern: 'txt' }))).toEqual(['/a.txt']);
    await backUp({ 'b.txt': '2' });
    expect(found(await search({ pattern: 'txt' }))).toEqual(['/a.txt', '/b.txt']);
    await insideRepository(url, (repository) => removeSnapshot(repository, first));
    expect((await search({ pattern: 'a.txt' })).rows).toMatchObject([{ versions: 1 }]);
    expect(world.catalogue.at(0)).toMatchObject({ indexing: true, snapshotsDone: 0, snapshotsTotal: 1 });
    expect(world.catalogue.at(-1)).toMatchObject({ indexing: false, snapshotsDone: 1, snapshotsTotal: 1 });
  });

  it('says what it does not cover while another program writes the catalogue', async () => {
    await backUp({ 'a.txt': '1' });
    await search();
    await backUp({ 'b.txt': '2' });
    await withCatalogueLock(world.home.cache, await repositoryId(), systemClock, async () => {
      await expect(search({ pattern: 'txt' })).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
      const answer = await ask('search_files', { pattern: 'txt' });
      expect(answer).toMatchObject({ complete: false, indexing: { snapshots_done: 1, snapshots_total: 2 } });
      expect(found(answer)).toEqual(['/a.txt']);
    });
    expect(found(await search({ pattern: 'txt' }))).toEqual(['/a.txt', '/b.txt']);
  });

  it('is ended by a later one of the same caller', async () => {
    await backUp({ 'a.txt': '1' });
    const earlier = ask('search_files', { pattern: 'a.txt', wait: true, caller: 'window' });
    const later = ask('search_files', { pattern: 'a.txt', wait: true, caller: 'window' });
    await expect(earlier).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(found(await later)).toEqual(['/a.txt']);
  });
});

describe('a catalogue that cannot be believed', () => {
  it.each([
    ['is no database', (file: string) => writeFileSync(file, 'not a catalogue')],
    ['is cut short', (file: string) => truncateSync(file, 8192)],
    ['has a hole', (file: string) => truncateSync(file, 20_480)],
  ])('and %s is built anew', async (_, spoil) => {
    await backUp(Object.fromEntries(Array.from({ length: 40 }, (__, at) => [`folder-${at}/file-${at}.txt`, 'x'])));
    expect((await search({ pattern: 'file-', limit: 100 })).rows).toHaveLength(40);
    const file = await catalogue();
    world.readers.forget(id);
    await world.started.at(-1)?.ended;
    expect(statSync(file).size).toBeGreaterThan(20_480);
    spoil(file);
    expect((await search({ pattern: 'file-', limit: 100 })).rows).toHaveLength(40);
    expect(await ask('get_catalogue', {})).toMatchObject({ snapshots_indexed: 1, snapshots_total: 1, rebuilt: expect.any(String) as string });
  });

  it('is thrown away on request', async () => {
    await backUp({ 'a.txt': '1', 'b.txt': '2' });
    const { cursor } = await search({ pattern: 'txt', limit: 1 });
    expect(await ask('rebuild_catalogue', {})).toMatchObject({ snapshots_total: 1, rebuilt: null });
    await expect(search({ pattern: 'txt', cursor: cursor ?? '' })).rejects.toMatchObject({ code: 'INVALID_INPUT', path: 'cursor' });
    expect(found(await search({ pattern: 'txt' }))).toEqual(['/a.txt', '/b.txt']);
    const state = await ask('get_catalogue', {});
    expect(state).toMatchObject({ snapshots_indexed: 1, snapshots_total: 1, damaged: [] });
    expect(state.bytes).toBeGreaterThan(4096);
  });
});

describe('a damaged folder', () => {
  beforeEach(async () => {
    await backUp({ 'lost/inside.txt': '1', 'kept.txt': '2' });
    await backUp({ 'other/new.txt': '3' });
    await loseFolder(join(source, 'lost'));
  });

  it('is named, and the rest is served', async () => {
    const lost = join(source, 'lost');
    const answer = await search({ pattern: 'txt' });
    expect(found(answer)).toContain('/other/new.txt');
    expect(answer.damaged).toMatchObject(expect.arrayContaining([{ path: lost, reason: expect.stringMatching(/[Tt]ree/) as string }]) as never);
    expect((await ask('browse_folder', { snapshot: 'latest', path: source })).entries.map(({ name }) => name)).toEqual(['lost', 'other', 'kept.txt']);
    await expect(ask('browse_folder', { snapshot: 'latest', path: lost })).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining(lost) as string });
    await expect(ask('preview_file', { snapshot: 'latest', path: join(lost, 'inside.txt') })).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining('inside.txt') as string });
    const versions = await ask('list_versions', { path: join(source, 'kept.txt') });
    expect([versions.versions.length, versions.damaged.length]).toEqual([1, 1]);
    expect((await ask('get_statistics', { snapshot: 'latest' })).damaged).toMatchObject([{ path: lost, reason: expect.stringMatching(/[Tt]ree/) as string }]);
    expect(await ask('list_folder_sizes', { snapshot: 'latest', path: source })).toMatchObject({ total: 3, damaged: [{ path: lost }] });
  });
});

describe('a folder', () => {
  it('comes in the order that is asked for, page by page', async () => {
    await backUp({ 'a.txt': 'four', 'b/c.txt': '', 'ü.txt': 'xx', 'z.txt': 'x' });
    const page = await ask('browse_folder', { snapshot: 'latest', path: source, limit: 2, order: 'size', descending: true });
    expect(page).toMatchObject({ path: source, total: 4, entries: [{ name: 'b', type: 'dir' }, { name: 'a.txt', path: join(source, 'a.txt'), size: 4 }] });
    const rest = await ask('browse_folder', { snapshot: 'latest', path: source, limit: 2, order: 'size', descending: true, cursor: page.cursor ?? '' });
    expect(rest).toMatchObject({ cursor: null, entries: [{ name: 'ü.txt' }, { name: 'z.txt' }] });
    await expect(ask('browse_folder', { snapshot: 'latest', path: join(source, 'a.txt') })).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
    await expect(ask('browse_folder', { snapshot: 'latest', path: source, cursor: page.cursor ?? '' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('shows the beginning of a file', async () => {
    await backUp({ 'a.txt': 'grüße', 'image.bin': '\u0089PNG\r\n' });
    writeFileSync(join(source, 'image.bin'), Buffer.from('89504e470d0a1a0a00', 'hex'));
    await backUp({});
    expect(await ask('preview_file', { snapshot: 'latest', path: join(source, 'a.txt') })).toMatchObject({ size: 7, length: 7, kind: 'text', encoding: 'utf-8', text: 'grüße', base64: null });
    expect(await ask('preview_file', { snapshot: 'latest', path: join(source, 'a.txt'), offset: 1, length: 1 })).toMatchObject({ offset: 1, length: 1, text: 'r' });
    expect(await ask('preview_file', { snapshot: 'latest', path: join(source, 'image.bin') })).toMatchObject({ mime_type: 'image/png', kind: 'image', encoding: null, text: null, base64: 'iVBORw0KGgoA' });
    await expect(ask('preview_file', { snapshot: 'latest', path: source })).rejects.toMatchObject({ code: 'PATH_NOT_FOUND', path: 'path' });
  });
});

describe('versions of a path', () => {
  it('are listed newest first, page by page', async () => {
    const first = await backUp({ 'a.txt': '1' });
    const second = await backUp({ 'a.txt': '22' });
    const third = await backUp({ 'b.txt': 'x' });
    const answer = await ask('list_versions', { path: join(source, 'a.txt'), limit: 1 });
    expect(answer).toMatchObject({ total: 2, cursor: '1', snapshots_without: 0, versions: [{ size: 2, snapshots: 2, first: { snapshot_id: second }, last: { snapshot_id: third } }] });
    const rest = await ask('list_versions', { path: join(source, 'a.txt'), limit: 1, cursor: '1' });
    expect(rest).toMatchObject({ cursor: null, versions: [{ size: 1, first: { snapshot_id: first } }] });
    expect(rest.versions[0]?.content_id).toMatch(/^[0-9a-f]{64}$/);
    expect(await ask('list_versions', { path: join(source, 'b.txt') })).toMatchObject({ total: 1, snapshots_without: 2 });
    await expect(ask('list_versions', { path: '/nowhere' })).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
    await expect(ask('list_versions', { path: join(source, 'a.txt'), cursor: 'x' })).rejects.toMatchObject({ code: 'INVALID_INPUT', path: 'cursor' });
  });
});

describe('comparing two snapshots', () => {
  it('shows folder by folder what differs, with sums of what is below', async () => {
    const first = await backUp({ 'docs/deep/a.txt': 'one', 'docs/gone.txt': 'gone', 'docs/old-name.txt': 'the same text', 'same/x.txt': 'x', 'root.txt': '1' });
    rmSync(join(source, 'docs/gone.txt'));
    renameSync(join(source, 'docs/old-name.txt'), join(source, 'docs/new-name.txt'));
    const second = await backUp({ 'docs/deep/a.txt': 'longer', 'docs/deep/b.txt': 'bb', 'new/c.txt': 'ccc' });
    const top = await ask('compare_snapshots', { before: first, after: 'latest', path: source, metadata: false });
    expect(top).toMatchObject({ before: { snapshot_id: first }, after: { snapshot_id: second }, path: source, total: 2, cursor: null, damaged: [] });
    expect(top.entries.map(({ name, mark, type }) => [name, mark, type])).toEqual([['docs', '', 'dir'], ['new', '+', 'dir']]);
    expect(top.entries[0]?.below).toEqual({ added: { files: 2, bytes: 15 }, removed: { files: 2, bytes: 17 }, changed: { files: 1, bytes: 6 } });
    expect(top.entries[1]?.below).toEqual({ added: { files: 1, bytes: 3 }, removed: { files: 0, bytes: 0 }, changed: { files: 0, bytes: 0 } });
    expect(top.totals).toMatchObject({ changed_files: 1, renamed: { files: 1, bytes: 13 }, added: { files: 3, dirs: 1 }, removed: { files: 2, dirs: 0 } });
    const docs = { before: first, after: second, path: join(source, 'docs') };
    const page = await ask('compare_snapshots', { ...docs, limit: 2 });
    const rest = await ask('compare_snapshots', { ...docs, limit: 2, cursor: page.cursor ?? '' });
    expect([...page.entries, ...rest.entries].map(({ name, mark }) => [name, mark])).toEqual([['deep', 'U'], ['gone.txt', '-'], ['new-name.txt', 'R'], ['old-name.txt', 'R']]);
    expect(page.entries[1]).toMatchObject({ before_size: 4, after_size: null, below: null });
    expect(rest.entries).toMatchObject([{ renamed_from: join(source, 'docs/old-name.txt') }, { renamed_to: join(source, 'docs/new-name.txt') }]);
    expect((await ask('compare_snapshots', { ...docs, path: join(source, 'docs/deep') })).entries).toMatchObject([{ name: 'a.txt', mark: 'M', before_size: 3, after_size: 6 }, { name: 'b.txt', mark: '+', before_size: null, after_size: 2 }]);
    expect((await ask('compare_snapshots', { before: second, after: second, path: source })).entries).toEqual([]);
    await expect(ask('compare_snapshots', { ...docs, path: '/nowhere' })).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
    await expect(ask('compare_snapshots', { before: 'abcdef', after: 'latest' })).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND', path: 'before' });
  });

  it.skipIf(process.platform !== 'linux')('knows sums of a folder whose name is no text', async () => {
    const odd = Buffer.concat([Buffer.from(`${source}/f`), Buffer.from([0xff])]);
    const first = await backUp({ 'a.txt': '1' });
    mkdirSync(Buffer.concat([odd, Buffer.from('/inner')]), { recursive: true });
    writeFileSync(Buffer.concat([odd, Buffer.from('/inner/b.txt')]), '22');
    await backUp({});
    const { entries } = await ask('compare_snapshots', { before: first, after: 'latest', path: join(source, 'f\ufffd') });
    expect(entries).toMatchObject([{ name: 'inner', path: join(source, 'f\ufffd/inner'), below: { added: { files: 1, bytes: 2 } } }]);
  });
});
