/** What goes into a snapshot and under which names, against restic with the same options. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newestRestic } from '../support/restic.ts';
import type { RunResult } from '../support/run-program.ts';
import type { Addon, DirectoryEntry } from '../../src/core/native/addon.ts';
import type { Repository } from '../../src/core/repository/repository.ts';
import type { BackupOptions } from '../../src/core/archiver/options.ts';
import { Place, restics } from '../../src/core/archiver/testing/place.ts';

let place: Place;
let repository: Repository;

// One repository for all: each test looks at its own, newest snapshot.
beforeAll(async () => {
  place = new Place();
  repository = await place.open();
});

beforeEach(() => {
  rmSync(place.source, { recursive: true, force: true });
  mkdirSync(place.source);
});

afterAll(() => place.close());

const at = (...names: string[]): string => path.join(place.source, ...names);
const newest = newestRestic();
/** The distribution's restic may be older than a behaviour; the newest one is there where CYBERBACKUP_PEERS names its folder. */
const newestIsHere = restics.length > 1;

function write(...files: string[]): void {
  for (const file of files) {
    mkdirSync(path.dirname(at(file)), { recursive: true });
    writeFileSync(at(file), `content of ${file}`);
  }
}

/** The newest snapshot's tree, and the paths in it. */
async function newestSnapshot(): Promise<{ readonly tree: string; readonly names: string[] }> {
  const { stdout } = await place.restic(newest, ['ls', '--json', 'latest']);
  const [snapshot, ...nodes] = stdout.trim().split('\n').map((line) => JSON.parse(line) as { tree: string; path: string });
  return { tree: snapshot?.tree ?? '', names: nodes.map((node) => node.path).sort() };
}

const listed = async (): Promise<string[]> => (await newestSnapshot()).names;

/** Both programs, one after the other: the same names and the same root tree. */
async function compare(options: Partial<BackupOptions>, args: readonly string[], folder = place.root): Promise<string[]> {
  await place.backup(repository, { folder, force: true, ...options });
  const ours = await newestSnapshot();
  const answer = await place.restic(newest, ['backup', '--force', ...args], { cwd: folder });
  expect(answer.code, answer.stderr).toBe(0);
  expect(await newestSnapshot()).toEqual(ours);
  return ours.names;
}

const targets = (...names: string[]): Buffer[] => names.map((name) => Buffer.from(name));

describe('targets give the tree that restic gives', () => {
  beforeEach(() => {
    write('a/one', 'a/b/two', 'b/three', 'x/f', 'y/x/g');
    symlinkSync('a', at('link'));
    symlinkSync('a/one', at('file link'));
  });

  it.each([
    ['relative', ['source/a', 'source/b/three'], '.'],
    ['.', ['.'], 'source'],
    ['..', ['..'], 'source/a'],
    ['./.. and a name', ['./..', 'one'], 'source/a'],
    ['.. dropped', ['../b', 'one'], 'source/a'],
    ['equal names in two folders', ['x/f', 'y/../x', 'y/x'], 'source'],
    ['equal names from two folders', ['x', '../x'], 'source/y'],
    ['a target inside another', ['source', 'source/a/b/two'], '.'],
    ['the same twice', ['source/a', './source/a/'], '.'],
    ['a link itself', ['link', 'file link'], 'source'],
    ['through a link', ['link/one', 'link/b'], 'source'],
    ['a file only', ['a/one'], 'source'],
  ] as const)('%s', async (_, names, folder) => {
    // Reading a folder through restic does not change it, but the repository lies beside the source.
    await compare({ targets: targets(...names) }, names, path.join(place.root, folder));
  });

  it('stores what a target inside another reaches through a link', async () => {
    mkdirSync(path.join(place.root, 'elsewhere'));
    writeFileSync(path.join(place.root, 'elsewhere/f'), 'f');
    symlinkSync('../elsewhere', at('outside'));
    await place.backup(repository, { targets: targets('source', 'source/outside/f'), folder: place.root });
    expect(await listed()).toContain('/source/outside/f');
    await place.check(newest);
  });
});

describe('excludes leave out what restic leaves out', () => {
  it('by pattern, from the command line and from a file', async () => {
    write('a/keep.txt', 'a/drop.tmp', 'a/deep/drop.tmp', 'cache/x', 'Thumbs.DB', 'z/keep');
    const file = path.join(place.root, 'patterns');
    writeFileSync(file, '# temporary\n*.tmp\n');
    const names = await compare(
      { targets: targets('source'), excludes: { patterns: [`${place.source}/cache`], insensitivePatterns: ['thumbs.db'], patternFiles: [file] } },
      ['--exclude', `${place.source}/cache`, '--iexclude', 'thumbs.db', '--exclude-file', file, 'source'],
    );
    expect(names).toEqual(['/source', '/source/a', '/source/a/deep', '/source/a/keep.txt', '/source/z', '/source/z/keep']);
  });

  it('folders with a tag file', async () => {
    const signature = 'Signature: 8a477f597d28d172789f06886806bc55';
    write('cache/x', 'cache/deep/y', 'false/x', 'no/x', 'header/x', 'other/x', 'both/x');
    writeFileSync(at('cache/CACHEDIR.TAG'), `${signature}\nmore`);
    writeFileSync(at('false/CACHEDIR.TAG'), 'Signature: other');
    writeFileSync(at('no/.nobackup'), '');
    writeFileSync(at('header/.skip'), 'yes, skip');
    writeFileSync(at('other/.skip'), 'no');
    writeFileSync(at('both/CACHEDIR.TAG'), signature);
    writeFileSync(at('both/.nobackup'), '');
    const names = await compare(
      { targets: targets('source'), excludes: { caches: true, ifPresent: ['.nobackup', '.skip:yes'] } },
      ['--exclude-caches', '--exclude-if-present', '.nobackup', '--exclude-if-present', '.skip:yes', 'source'],
    );
    expect(names).toContain('/source/cache/CACHEDIR.TAG');
    expect(names).not.toContain('/source/cache/x');
    expect(names).not.toContain('/source/header/x');
  });

  it('large files', async () => {
    write('small');
    writeFileSync(at('exact'), Buffer.alloc(1024));
    writeFileSync(at('large'), Buffer.alloc(1025));
    const names = await compare({ targets: targets('source'), excludes: { largerThan: 1024 } }, ['--exclude-larger-than', '1K', 'source']);
    expect(names).toEqual(['/source', '/source/exact', '/source/small']);
  });

  it.each([
    ['a folder', ['source/a', 'source/b'], ['source/b'], ['--exclude', 'source/b'], ['', '/a', '/a/f', '/b']],
    ['below another target', ['source', 'source/b/f'], ['f'], ['--exclude', 'f'], ['', '/a', '/b', '/b/deep', '/b/deep/g', '/b/f']],
    ['on the way to a target', ['source', 'source/b/deep'], ['source/b'], ['--exclude', 'source/b'], ['', '/a', '/a/f', '/b', '/b/deep', '/f']],
  ] as const)('but not what is named as a target (restic since 0.17): %s', async (_, names, patterns, args, expected) => {
    write('a/f', 'b/f', 'b/deep/g', 'f');
    const options = { targets: targets(...names), excludes: { patterns } };
    if (newestIsHere) await compare(options, [...args, ...names]);
    else await place.backup(repository, { folder: place.root, force: true, ...options });
    expect(await listed()).toEqual(expected.map((name) => `/source${name}`));
  });

  it('but not targets for their size or place', async () => {
    write('large', 'cache/x');
    writeFileSync(at('cache/CACHEDIR.TAG'), 'Signature: 8a477f597d28d172789f06886806bc55');
    const names = ['source/large', 'source/cache/x'];
    const options = { targets: targets(...names), excludes: { largerThan: 1, caches: true } };
    if (newestIsHere) await compare(options, ['--exclude-larger-than', '1b', '--exclude-caches', ...names]);
    else await place.backup(repository, { folder: place.root, force: true, ...options });
    expect(await listed()).toEqual(['/source', '/source/cache', '/source/cache/x', '/source/large']);
  });

  it('other file systems, keeping the place where they are mounted', async () => {
    write('here/f', 'mounted/f', 'mounted/deep/g', 'file');
    const moved = <T extends DirectoryEntry>(entry: T, folder: Uint8Array): T =>
      Buffer.from(folder).toString().startsWith(at('mounted')) || entry.name.toString() === 'mounted' ? { ...entry, device: entry.device + 1n } : entry;
    const scanDirectory: Addon['scanDirectory'] = async (folder, options) => (await repository.addon.scanDirectory(folder, options)).map((entry) => moved(entry, folder));
    const statPath: Addon['statPath'] = async (file, options) => moved(await repository.addon.statPath(file, options), file);
    const two = await place.reopen({ addon: { ...repository.addon, scanDirectory, statPath } });
    await place.backup(two, { oneFileSystem: true });
    expect(await listed()).toEqual(['/source', '/source/file', '/source/here', '/source/here/f', '/source/mounted']);
    await place.backup(two, { targets: targets('source', 'source/mounted/deep'), folder: place.root, oneFileSystem: true });
    expect(await listed()).toContain('/source/mounted/deep/g');
    await place.check(newest);
  });
});

describe('sizes of folders', () => {
  it('goes 2,000 levels deep, beyond PATH_MAX', async () => {
    const names = 'a very deep folder';
    execFileSync(process.execPath, ['-e', `for (let i = 0; i < 2000; i++) { fs.mkdirSync('${names}'); process.chdir('${names}'); } fs.writeFileSync('bottom', 'here')`], { cwd: place.source });
    const summary = await place.backup(repository, { parent: 'none' });
    expect(place.errors).toEqual([]);
    expect(summary).toMatchObject({ dirs_new: 2001, files_new: 1 });
    expect(await place.backup(repository)).toMatchObject({ dirs_unmodified: 2001, files_unmodified: 1 });
    await place.check(newest);
    // Deeper than what Node's own removal goes.
    execFileSync('rm', ['-rf', place.source]);
  });

  it('takes 6,000 entries in one folder', async () => {
    mkdirSync(at('wide'));
    for (let i = 0; i < 6000; i++) writeFileSync(at('wide', `${i}`), '');
    expect(await place.backup(repository, { parent: 'none' })).toMatchObject({ files_new: 6000, errors: 0 });
    expect(await place.backup(repository)).toMatchObject({ files_unmodified: 6000, tree_blobs: 0 });
  });
});

describe('standard input', () => {
  it('is stored as restic stores it', async () => {
    const input = path.join(place.root, 'input');
    writeFileSync(input, 'from a program\n');
    const descriptor = openSync(input, 'r');
    const time = Date.UTC(2026, 1, 3, 4, 5, 6, 789);
    const summary = await place.backup(repository, { targets: [], stdin: { filename: 'dumps/base.sql', descriptor }, time });
    closeSync(descriptor);
    expect(summary).toMatchObject({ files_new: 1, dirs_new: 1, data_blobs: 1, tree_blobs: 2, total_bytes_processed: 15 });
    const { stdout } = await place.restic(newest, ['dump', summary.snapshot_id ?? '', '/dumps/base.sql']);
    expect(stdout).toBe('from a program\n');
    const blob = await place.restic(newest, ['cat', 'blob', await place.tree(newest, summary.snapshot_id)]);
    const stamp = '2026-02-03T04:05:06.789Z';
    expect(JSON.parse(blob.stdout)).toEqual({ nodes: [{ name: 'dumps', type: 'dir', mode: 2147484141, mtime: stamp, atime: stamp, ctime: stamp, uid: 0, gid: 0, content: null, subtree: expect.any(String) as string }] });
    await place.check(newest, '--read-data');
  });

  it('needs a name', async () => {
    await expect(place.backup(repository, { targets: [], stdin: { filename: '/..', descriptor: 0 } })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('a dry run', () => {
  it('says what would be stored and stores nothing', async () => {
    write('only here', 'b/only here too');
    const list = (kind: string): Promise<RunResult> => place.restic(newest, ['list', kind]);
    const before = [await list('packs'), await list('index'), await list('snapshots'), await list('locks')];
    const dry = await place.backup(repository, { dryRun: true });
    expect(dry).toMatchObject({ files_new: 2, errors: 0 });
    expect(dry.snapshot_id).toBeUndefined();
    expect([await list('packs'), await list('index'), await list('snapshots'), await list('locks')]).toEqual(before);
    expect(await place.backup(repository)).toMatchObject({ data_blobs: dry.data_blobs, tree_blobs: dry.tree_blobs, data_added: dry.data_added });
  });
});

describe('the parent', () => {
  it('is the newest of this host with all targets, the one named, or none', async () => {
    write('a/f', 'b/f');
    const [paths, hostname] = [targets('source/a', 'source/b'), 'parents'];
    const day = (n: number): number => Date.UTC(2026, 0, n);
    const both = await place.backup(repository, { targets: paths, hostname, time: day(1) });
    const one = await place.backup(repository, { targets: targets('source/a'), hostname, time: day(2) });
    const elsewhere = await place.backup(repository, { targets: paths, hostname: 'other', time: day(3) });
    const later = await place.backup(repository, { targets: paths, hostname, time: day(20), parent: 'none' });
    const parentOf = async (options: Partial<BackupOptions>): Promise<unknown> => {
      const summary = await place.backup(repository, { targets: paths, hostname, ...options });
      const { stdout } = await place.restic(newest, ['cat', 'snapshot', summary.snapshot_id ?? '']);
      return (JSON.parse(stdout) as { parent?: string }).parent;
    };
    expect(one.files_unmodified).toBe(1);
    expect(elsewhere.files_new).toBe(2);
    expect(later.files_new).toBe(2);
    expect(await parentOf({ time: day(10) })).toBe(both.snapshot_id);
    expect(await parentOf({ time: day(30) })).toBe(later.snapshot_id);
    expect(await parentOf({ parent: elsewhere.snapshot_id?.slice(0, 16) ?? '' })).toBe(elsewhere.snapshot_id);
    expect(await parentOf({ force: true })).toBeUndefined();
    await expect(parentOf({ parent: 'ffff' })).rejects.toMatchObject({ code: 'SNAPSHOT_NOT_FOUND' });
  });
});
