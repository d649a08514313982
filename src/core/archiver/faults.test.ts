/** What a backup does when files, folders, storage or people get in its way. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newestRestic } from '../../../test/support/restic.ts';
import type { Addon } from '../native/addon.ts';
import { systemClock } from '../platform/clock.ts';
import { acquireLock } from '../repository/lock.ts';
import type { Repository } from '../repository/repository.ts';
import { listSnapshots } from '../repository/snapshots.ts';
import { formatTime, instantFromMilliseconds } from '../repository/times.ts';
import { StorageError } from '../storage/object-store.ts';
import { withScan } from './testing/with-scan.ts';
import { altered } from './testing/altered-store.ts';
import { Place } from './testing/place.ts';

let place: Place;
let repository: Repository;

beforeEach(async () => {
  place = new Place();
  repository = await place.open();
});

afterEach(() => place.close());

const at = (...names: string[]): string => path.join(place.source, ...names);
const newest = newestRestic();

async function stored(): Promise<string[]> {
  const { stdout } = await place.restic(newest, ['ls', 'latest']);
  return stdout.split('\n').filter((line) => line.startsWith('/source/')).map((line) => line.slice('/source/'.length)).sort();
}

describe('files that get in the way', () => {
  beforeEach(() => {
    mkdirSync(at('folder'));
    for (const name of ['a', 'bad', 'folder/c', 'z']) writeFileSync(at(name), name);
  });

  it('names a file that cannot be opened and stores the rest', async () => {
    const { repository: watched } = await place.withReference({ fault: (file) => (file.endsWith('/bad') ? { code: 'EACCES', during: 'open' } : undefined) });
    const summary = await place.backup(watched);
    expect(summary).toMatchObject({ errors: 1, files_new: 3, total_files_processed: 3 });
    expect(place.errors).toMatchObject([{ during: 'archival', message: expect.stringContaining('permission denied') as string }]);
    expect(place.errors[0]?.item.toString()).toBe(at('bad'));
    expect(await stored()).toEqual(['a', 'folder', 'folder/c', 'z']);
    await place.check(newest, '--read-data');
  });

  it('reads once more after a passing read error, and names a lasting one', async () => {
    const once = await place.withReference({ fault: (file, attempt) => (file.endsWith('/bad') && attempt === 1 ? { code: 'EIO', during: 'read' } : undefined) });
    expect(await place.backup(once.repository)).toMatchObject({ errors: 0, files_new: 4 });
    const always = await place.withReference({ fault: (file) => (file.endsWith('/bad') ? { code: 'EIO', during: 'read' } : undefined) });
    expect(await place.backup(always.repository, { force: true })).toMatchObject({ errors: 1, files_new: 3 });
    expect(always.engines[0]?.reads.filter((file) => file.endsWith('/bad'))).toHaveLength(2);
    expect(await stored()).toEqual(['a', 'folder', 'folder/c', 'z']);
  });

  it('stores a file that changed while it was read, and names it', async () => {
    const { repository: watched } = await place.withReference({ fault: (file) => (file.endsWith('/bad') ? 'changed' : undefined) });
    expect(await place.backup(watched)).toMatchObject({ errors: 1, files_new: 4 });
    expect(place.errors[0]?.message).toContain('changed');
    expect(await stored()).toContain('bad');
  });

  it('names what vanishes between scan and read, file or folder', async () => {
    const scanFolder: Addon['scanFolder'] = async (...args) => {
      const scan = await repository.addon.scanFolder(...args);
      rmSync(at('bad'), { force: true });
      rmSync(at('folder'), { force: true, recursive: true });
      return scan;
    };
    const addon = { ...repository.addon, scanFolder };
    const watched = await place.reopen({ addon });
    expect(await place.backup(watched)).toMatchObject({ errors: 2, files_new: 2 });
    expect(place.errors.map(({ item }) => item.toString()).sort()).toEqual([at('bad'), at('folder')]);
    expect(place.errors[0]?.message).toContain('vanished');
    expect(await stored()).toEqual(['a', 'z']);
    await place.check(newest);
  });

  it('leaves out a folder that cannot be listed, as restic does', async () => {
    const addon = withScan(repository.addon, async (path, options) => {
      if (Buffer.from(path).toString() === at('folder')) throw Object.assign(new Error('opendir'), { code: 'EACCES' });
      return repository.addon.scanDirectory(path, options);
    });
    expect(await place.backup(await place.reopen({ addon }))).toMatchObject({ errors: 1, files_new: 3 });
    expect(await stored()).toEqual(['a', 'bad', 'z']);
  });

  it('keeps an entry whose attributes cannot be read, and leaves out one without metadata', async () => {
    const addon = withScan(repository.addon, async (path, options) =>
      (await repository.addon.scanDirectory(path, options)).map((entry) => {
        const name = entry.name.toString();
        if (name === 'a') return { ...entry, failure: { code: 'EIO', message: 'broken', during: 'xattr' as const } };
        if (name === 'bad') return { ...entry, mode: 0, failure: { code: 'EIO', message: 'broken', during: 'stat' as const } };
        return name === 'z' ? { ...entry, mode: 0, failure: { code: 'ENOENT', message: 'gone', during: 'stat' as const } } : entry;
      }),
    );
    expect(await place.backup(await place.reopen({ addon }))).toMatchObject({ errors: 2, files_new: 2 });
    expect(await stored()).toEqual(['a', 'folder', 'folder/c']);
  });

  it('names a target that does not exist; without any there is no snapshot', async () => {
    const gone = Buffer.from(at('gone'));
    expect(await place.backup(repository, { targets: [gone, Buffer.from(at('a'))] })).toMatchObject({ errors: 1, files_new: 1 });
    const [snapshot] = await listSnapshots(repository);
    expect(snapshot?.snapshot.paths).toEqual([at('a')]);
    await expect(place.backup(repository, { targets: [gone] })).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' });
    await expect(place.backup(repository, { targets: [] })).rejects.toMatchObject({ code: 'USAGE' });
    expect(await listSnapshots(repository)).toHaveLength(1);
    expect(await locks()).toEqual([]);
  });
});

async function locks(): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of repository.store.list('lock')) found.push(name);
  return found;
}

describe('storage that gets in the way', () => {
  beforeEach(() => {
    for (let i = 0; i < 20; i++) writeFileSync(at(`file ${i}`), `content ${i}`);
  });

  it.each([
    ['data', 'full', 'STORAGE_FULL'],
    ['data', 'denied', 'STORAGE_DENIED'],
    ['index', 'unreachable', 'STORAGE_UNREACHABLE'],
    ['snapshot', 'permanent', 'STORAGE_FAILED'],
    ['lock', 'denied', 'STORAGE_DENIED'],
  ] as const)('a put of %s that fails as %s ends the backup without a snapshot', async (type, kind, code) => {
    let puts = 0;
    const store = altered(repository.store, {
      async put(handle, body, signal) {
        if (handle.type === type && ++puts >= (type === 'data' ? 5 : 1)) throw new StorageError(kind, 'scripted');
        return repository.store.put(handle, body, signal);
      },
    });
    const broken = (await place.withReference({}, store)).repository;
    await expect(place.backup(broken)).rejects.toMatchObject({ code });
    expect(await listSnapshots(repository)).toEqual([]);
    expect(await locks()).toEqual([]);
    expect(await place.backup(repository)).toMatchObject({ files_new: 20, errors: 0 });
    await place.check(newest, '--read-data');
  });

  it('stops before the first pack is uploaded while another program holds the repository', async () => {
    const lock = await acquireLock(repository, { exclusive: true });
    await expect(place.backup(repository)).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED' });
    await lock.release();
    await place.backup(repository);
  });

  it.each([
    ['a conflicting lock', 'REPOSITORY_LOCKED'],
    ['no answer', 'STORAGE_FAILED'],
  ])('stops without index and snapshot when the second look at the locks finds %s', async (found, code) => {
    let looks = 0;
    const store = altered(repository.store, {
      async *list(type, signal) {
        if (type === 'lock' && ++looks === 2) {
          if (found === 'no answer') throw new StorageError('permanent', 'second look');
          const other = { time: formatTime(instantFromMilliseconds(systemClock.now())), exclusive: true, hostname: 'other', username: 'other', pid: 1 };
          await repository.writeUnpacked('lock', Buffer.from(JSON.stringify(other)));
        }
        yield* repository.store.list(type, signal);
      },
    });
    await expect(place.backup(await place.reopen({ store }))).rejects.toMatchObject({ code });
    expect(await listSnapshots(repository)).toEqual([]);
    expect(await names('index')).toEqual([]);
    expect(await locks()).toHaveLength(found === 'no answer' ? 0 : 1);
  });

  async function names(type: 'index' | 'data'): Promise<string[]> {
    const found: string[] = [];
    for await (const { name } of repository.store.list(type)) found.push(name);
    return found;
  }

  it('goes on with a damaged parent, by reading again', async () => {
    await place.backup(repository);
    const other = path.join(place.root, 'other');
    const trees = await repository.loadIndex().then(() => listSnapshots(repository));
    const location = repository.index.lookup('tree', Buffer.from(trees[0]?.snapshot.tree ?? '', 'hex'))[0];
    const pack = path.join(place.repositoryPath, 'data', location?.packId.toString('hex').slice(0, 2) ?? '', location?.packId.toString('hex') ?? '');
    renameSync(pack, other);
    const summary = await place.backup(repository);
    renameSync(other, pack);
    expect(summary).toMatchObject({ files_new: 20, data_blobs: 0, errors: 0 });
    await place.check(newest);
  });
});

describe('interruption', () => {
  it('leaves a valid repository, at whatever moment', async () => {
    for (let i = 0; i < 60; i++) {
      mkdirSync(at(`folder ${i % 7}`), { recursive: true });
      writeFileSync(at(`folder ${i % 7}`, `file ${i}`), Buffer.alloc(50_000, i));
    }
    let interrupted = 0;
    for (let turn = 0; turn < 24; turn++) {
      // Seeded by the turn: after so many storage operations the user has had enough.
      const limit = 1 + ((turn * 7) % 31);
      const abort = new AbortController();
      let operations = 0;
      const count = (): void => {
        if (++operations === limit) abort.abort();
      };
      const store = altered(repository.store, {
        put(handle, body, signal) {
          count();
          return repository.store.put(handle, body, signal);
        },
        get(handle, range, signal) {
          count();
          return repository.store.get(handle, range, signal);
        },
        getInto(handle, offset, memory, signal) {
          count();
          return repository.store.getInto(handle, offset, memory, signal);
        },
      });
      const target = turn % 2 === 0 ? await place.reopen({ store }) : (await place.withReference({ queueLength: 3 }, store)).repository;
      writeFileSync(at(`turn ${turn}`), Buffer.alloc(10_000, turn));
      try {
        await place.backup(target, {}, { signal: abort.signal });
      } catch (error) {
        expect(error).toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
        interrupted += 1;
      }
      expect(await locks()).toEqual([]);
    }
    expect(interrupted).toBeGreaterThan(10);
    await place.backup(repository);
    await place.check(newest, '--read-data');
    const summary = await place.backup(repository);
    expect(summary).toMatchObject({ files_unmodified: 84, data_blobs: 0 });
  });

  it('is heeded before anything is done', async () => {
    const abort = new AbortController();
    abort.abort();
    await expect(place.backup(repository, {}, { signal: abort.signal, clock: systemClock })).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
