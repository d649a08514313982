import { chmod, mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { folderOnDisk } from '../../../test/support/temporary-folder.ts';
import { loadAddon } from '../native/load-addon.ts';
import { LocalStore } from './local-store.ts';
import { storeConformance } from './testing/conformance.ts';
import { kindOf, listed, nameOf, sampleBytes } from './testing/samples.ts';

const addon = loadAddon();
const folders: string[] = [];

async function freshFolder(): Promise<string> {
  const folder = folderOnDisk('local-store');
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

storeConformance('local', async () => {
  const folder = await freshFolder();
  return { store: new LocalStore(join(folder, 'repository'), { addon }) };
});

describe('LocalStore', () => {
  const bytes = sampleBytes(5000, 1);
  const name = nameOf(bytes);

  it('keeps the layout and the modes of the format', async () => {
    const root = join(await freshFolder(), 'deep', 'repository');
    const store = new LocalStore(root, { addon });
    await store.create();
    await store.create();
    await store.put({ type: 'data', name }, bytes);
    await store.put({ type: 'index', name }, bytes);
    await store.put({ type: 'config', name: '' }, bytes);
    expect((await readdir(root)).sort()).toEqual(['config', 'data', 'index', 'keys', 'locks', 'snapshots']);
    expect((await readdir(join(root, 'data'))).length).toBe(256);
    for (const path of ['config', join('index', name), join('data', name.slice(0, 2), name)]) expect((await stat(join(root, path))).mode & 0o777).toBe(0o400);
    for (const path of ['.', 'data', 'data/00', 'keys']) expect((await stat(join(root, path))).mode & 0o777).toBe(0o700);
  });

  it('makes missing folders of objects but never the root', async () => {
    const root = join(await freshFolder(), 'repository');
    const store = new LocalStore(root, { addon });
    expect(await kindOf(store.put({ type: 'data', name }, bytes))).toBe('not-found');
    await mkdir(root);
    await store.put({ type: 'data', name }, bytes);
    expect((await store.get({ type: 'data', name })).equals(bytes)).toBe(true);
  });

  it('lists a missing folder as empty only where the root exists', async () => {
    const root = join(await freshFolder(), 'repository');
    const store = new LocalStore(root, { addon });
    await expect(listed(store, 'index')).rejects.toMatchObject({ kind: 'not-found' });
    await mkdir(root);
    expect(await listed(store, 'index')).toEqual([]);
    expect(await listed(store, 'data')).toEqual([]);
  });

  it('does not list what is foreign', async () => {
    const root = await freshFolder();
    const store = new LocalStore(root, { addon });
    await store.create();
    await store.put({ type: 'data', name }, bytes);
    const elsewhere = join(root, 'data', name.startsWith('00') ? '01' : '00');
    await writeFile(join(elsewhere, name), 'in the wrong folder');
    await writeFile(join(elsewhere, '.DS_Store'), '');
    await writeFile(join(root, 'data', name), 'without a folder');
    await mkdir(join(root, 'index', 'a'.repeat(64)));
    await writeFile(join(root, 'index', `${name}-tmp-123`), '');
    expect(await listed(store, 'data')).toEqual([{ name, size: 5000 }]);
    expect(await listed(store, 'index')).toEqual([]);
  });

  it('reports a folder that cannot be listed', async () => {
    const root = await freshFolder();
    const store = new LocalStore(root, { addon });
    await store.create();
    await rm(join(root, 'snapshots'), { recursive: true });
    await writeFile(join(root, 'snapshots'), 'a file instead');
    await expect(listed(store, 'snapshot')).rejects.toMatchObject({ name: 'StorageError' });
  });

  it('does not take damaged content for the same object', async () => {
    const root = await freshFolder();
    const store = new LocalStore(root, { addon });
    await store.create();
    const path = join(root, 'data', name.slice(0, 2), name);
    await writeFile(path, bytes.subarray(1));
    expect(await kindOf(store.put({ type: 'data', name }, bytes))).toBe('exists');
    await chmod(path, 0o600);
    await writeFile(path, '');
    expect(await kindOf(store.put({ type: 'data', name }, bytes))).toBe('exists');
    expect(await kindOf(store.put({ type: 'data', name }, Buffer.alloc(0)))).toBe('exists');
    expect((await readdir(join(root, 'data', name.slice(0, 2)))).length).toBe(1);
  });

  it('removes leftovers of dead processes and of this one, but nothing that is in use or foreign', async () => {
    const root = await freshFolder();
    const store = new LocalStore(root, { addon });
    await store.create();
    const folder = join(root, 'data', name.slice(0, 2));
    const temporary = (owner: number, tail: string): string => `${name}.cyberbackup-temp-${owner}-${tail.repeat(16)}`;
    const alive = process.ppid;
    await writeFile(join(folder, temporary(process.pid, 'a')), '');
    await writeFile(join(folder, temporary(2 ** 30, 'b')), '');
    await writeFile(join(folder, temporary(alive, 'c')), '');
    await writeFile(join(folder, temporary(alive, 'd')), '');
    await writeFile(join(folder, `${name}-tmp-123`), 'of another program');
    await writeFile(join(root, `config.cyberbackup-temp-${2 ** 30}-${'e'.repeat(16)}`), '');
    const now = Date.UTC(2030, 0, 1);
    await utimes(join(folder, temporary(alive, 'c')), now / 1000, now / 1000);
    await utimes(join(folder, temporary(alive, 'd')), now / 1000 - 2 * 86_400, now / 1000 - 2 * 86_400);

    let removedMeanwhile: string[] = [];
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 100);
      removedMeanwhile = await store.removeLeftovers(now);
      yield bytes.subarray(100);
    }
    await store.put({ type: 'data', name }, { stream: slowly() });
    expect(removedMeanwhile.length).toBe(4);
    expect((await readdir(folder)).sort()).toEqual([name, `${name}-tmp-123`, temporary(alive, 'c')].sort());
    expect(await readdir(root)).not.toContain(`config.cyberbackup-temp-${2 ** 30}-${'e'.repeat(16)}`);
    expect((await store.get({ type: 'data', name })).equals(bytes)).toBe(true);
  });

  it('creates config once, whoever comes first', async () => {
    const root = await freshFolder();
    const store = new LocalStore(root, { addon });
    await store.create();
    const results = await Promise.all([1, 2, 3, 4].map((seed) => kindOf(store.put({ type: 'config', name: '' }, sampleBytes(155, seed)))));
    expect(results.sort()).toEqual(['exists', 'exists', 'exists', 'succeeded']);
    expect((await readdir(root)).filter((entry) => entry.startsWith('config'))).toEqual(['config']);
  });
});
