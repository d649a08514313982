/** Questions about where the space goes, asked of a reader: real repositories. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AskedRepository } from './testing/asked-repository.ts';

let asked: AskedRepository;
let source: string;

beforeEach(async () => {
  asked = await AskedRepository.make();
  ({ source } = asked);
});
afterEach(() => asked.world.dispose());

const ask: AskedRepository['ask'] = (name, question, signal) => asked.ask(name, question, signal);
const backUp: AskedRepository['backUp'] = (files) => asked.backUp(files);

describe('statistics', () => {
  it('say where the space goes', async () => {
    const text = 'no repetition at all, or nearly so: 0123456789';
    const first = await backUp({ 'docs/a.txt': text, 'docs/copy.txt': text, 'pictures/b.jpg': 'x'.repeat(5000) });
    const second = await backUp({ 'docs/only.txt': `${text} and more` });
    const overview = await ask('get_statistics', {});
    expect(overview).toMatchObject({ snapshots_count: 2, total_file_count: 7, damaged: [] });
    expect(overview.total_size).toBe(2 * (2 * text.length + 5000) + text.length + 9);
    expect(overview.compression_ratio).toBeGreaterThan(1);
    expect(await ask('get_statistics', { snapshot: first })).toMatchObject({ snapshots_count: 1, total_file_count: 3 });
    const { types } = await ask('list_type_sizes', {});
    expect(types).toMatchObject([{ kind: 'image', files: 1, size: 5000 }, { kind: 'text', files: 2, extensions: [{ extension: 'txt', files: 2 }] }]);
    const sizes = await ask('list_snapshot_sizes', { limit: 1 });
    expect(sizes).toMatchObject({ total: 2, cursor: '1', snapshots: [{ snapshot_id: second, files: 4 }] });
    expect(sizes.snapshots[0]?.alone_stored).toBeGreaterThan(0);
    expect(await ask('list_snapshot_sizes', { limit: 1, cursor: '1' })).toMatchObject({ cursor: null, snapshots: [{ snapshot_id: first, files: 3 }] });
    const folder = await ask('list_folder_sizes', { snapshot: 'latest', path: source });
    expect(folder).toMatchObject({ path: source, total: 2, entries: [{ name: 'pictures', is_folder: true, files: 1, size: 5000 }, { name: 'docs', files: 3 }] });
    const growth = await ask('list_folder_growth', { path: join(source, 'docs'), entries: 1 });
    expect(growth).toMatchObject({ total: 2, steps: [{ snapshot_id: first, files: 2, entries: [{ name: 'a.txt' }] }, { snapshot_id: second, files: 3, entries: [{ name: 'only.txt' }] }] });
    expect(growth.steps[1]?.added_stored).toBeGreaterThan(0);
    expect((await ask('list_folder_growth', { path: '/nowhere' })).steps).toMatchObject([{ files: 0 }, { files: 0 }]);
    await expect(ask('list_folder_sizes', { snapshot: 'latest', path: '/nowhere' })).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
  });

  it.skipIf(process.platform !== 'linux')('follow a folder whose name is no text by what is shown of it', async () => {
    const odd = Buffer.concat([Buffer.from(`${source}/f`), Buffer.from([0xff])]);
    await backUp({ 'a.txt': '1' });
    mkdirSync(Buffer.concat([odd, Buffer.from('/inner')]), { recursive: true });
    writeFileSync(Buffer.concat([odd, Buffer.from('/inner/b.txt')]), '22');
    await backUp({});
    const path = join(source, 'f\ufffd');
    expect(await ask('list_folder_growth', { path: join(path, 'inner') })).toMatchObject({ path: join(path, 'inner'), steps: [{ files: 0, entries: [] }, { files: 1, size: 2, entries: [{ name: 'b.txt' }] }] });
    expect(await ask('list_folder_sizes', { snapshot: 'latest', path })).toMatchObject({ path, entries: [{ name: 'inner', files: 1 }] });
    expect((await ask('list_folder_growth', { path: join(source, 'a.txt') })).steps).toMatchObject([{ files: 0 }, { files: 0 }]);
  });
});
