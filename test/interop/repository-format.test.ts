/**
 * Restic as the judge of every piece of a repository that we write, and as the author of those that we read.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { loadAddon } from '../../src/core/native/load-addon.ts';
import { systemClock } from '../../src/core/platform/clock.ts';
import { restic, resticPassword, resticPrograms } from '../support/restic.ts';
import { LocalStore } from '../../src/core/storage/local-store.ts';
import { IndexWriter } from '../../src/core/repository/index-writer.ts';
import { addKey } from '../../src/core/repository/keys.ts';
import { acquireLock, listLocks } from '../../src/core/repository/lock.ts';
import { createRepository, openRepository, type Repository, type RepositoryPorts } from '../../src/core/repository/repository.ts';
import { encodeSnapshot, listSnapshots, saveSnapshot } from '../../src/core/repository/snapshots.ts';
import { fastDerivation, storeBlobs } from '../../src/core/repository/testing/fast-repository.ts';
import { plainNode } from '../../src/core/repository/plain-node.ts';
import { encodeTree, type TreeNode } from '../../src/core/repository/tree.ts';

const addon = loadAddon();
const password = (): Buffer => Buffer.from(resticPassword);

let folder = '';
let location = '';
let ports: RepositoryPorts;

beforeEach(() => {
  folder = temporaryFolder('repository');
  location = path.join(folder, 'repository');
  ports = { store: new LocalStore(location, { addon }), addon, clock: systemClock };
});

afterEach(async () => {
  await ports.store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Names that test every row of the quoting table, all that a file system takes. */
const oddNames: readonly Buffer[] = [
  'plain', 'a"b', 'a\\b', "it's", '<&>', ' ', '-n', '...', 'äöü', '日本語', '😀', 'a\nb', '\t\r\b\f\u0007\u000b\u0001\u001f\u007f',
  '\u0080\u00a0\u00ad\u200b\u2028\u2029\u3000', '\ue000\ufffd\ufeff', '\u{e0001}\u{10fffd}', 'e\u0301', '\\x41', '\\u0041', '"',
].map((name) => Buffer.from(name));
const invalidNames: readonly Buffer[] = ['ff', '6cff', 'c080', 'eda080', 'f09f98', 'f4908080', 'efbf', '80'].map((hex) => Buffer.from(hex, 'hex'));
/** Restic 0.14 has the table of Unicode 13 and quotes this one. */
const newInUnicode15 = Buffer.from('\u0378\u{1fabd}\u{11b00}');
const names = [...oddNames, newInUnicode15, ...invalidNames];

const isOld = (program: string): boolean => restic(program, location, ['version']).startsWith('restic 0.14');

function node(name: Buffer, members: Partial<TreeNode>): TreeNode {
  const time = 1_704_164_645_120_000_000n;
  const numbers = { gid: 4294967294, inode: 2n ** 63n + 5n, deviceId: 2n ** 40n + 1n, links: 1n };
  return plainNode(name, { mode: 420, mtime: time, atime: time, ctime: time + 1n, user: 'root', ...numbers, content: Buffer.alloc(0), ...members });
}

/** Writes one snapshot with every kind of node by hand, without the archiver. */
async function writeSnapshot(repository: Repository): Promise<{ snapshot: string; trees: Buffer[] }> {
  const { packId, records, ids } = await storeBlobs(repository, 'data', [Buffer.from('hello'), Buffer.alloc(1000, 7)]);
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = ids;
  const other = { content: null, links: 0n };
  const inner = encodeTree([
    ...names.map((name) => node(name, {})),
    node(Buffer.from('content'), { content: Buffer.concat([first, second, first]), size: 1010n, mode: 13631999 }),
    node(Buffer.from('link'), { ...other, type: 'symlink', mode: 134218239, links: 1n, linkTarget: Buffer.from('../<x>') }),
    node(Buffer.from('raw link'), { ...other, type: 'symlink', mode: 134218239, links: 1n, linkTarget: Buffer.from('61ff62c3a4', 'hex') }),
    node(Buffer.from('fifo'), { ...other, type: 'fifo', mode: 33554816 }),
    node(Buffer.from('device'), { ...other, type: 'chardev', mode: 69206400, device: 259n, links: 1n }),
    node(Buffer.from('attributes'), { xattrs: [{ name: Buffer.from('user.b'), value: Buffer.from([0, 1]) }, { name: Buffer.from('user.a'), value: Buffer.alloc(0) }] }),
    node(Buffer.from('windows'), { genericAttributes: '{"windows.creation_time":{"LowDateTime":1,"HighDateTime":2},"windows.file_attributes":32}' }),
    node(Buffer.from('old'), { mtime: -62_135_596_800n * 1_000_000_000n, atime: -1n, ctime: 0n }),
  ]);
  const root = encodeTree([node(Buffer.from('folder'), { ...other, type: 'dir', mode: 2147484141, subtree: addon.sha256(inner) })]);
  const trees = await storeBlobs(repository, 'tree', [inner, root]);
  const writer = new IndexWriter(repository);
  await writer.addPack(packId, records);
  await writer.addPack(trees.packId, trees.records);
  await writer.flush();
  const snapshot = await saveSnapshot(repository, {
    time: '2024-01-02T03:04:05.12Z',
    tree: addon.sha256(root).toString('hex'),
    paths: ['/folder', '/<ü>'],
    hostname: 'h',
    username: 'u',
    uid: 5,
    tags: ['t'],
    program_version: 'cyberbackup test',
  });
  return { snapshot, trees: [inner, root] };
}

const statusOf = (program: string, args: readonly string[]): { status: number | null; stderr: string } => {
  const env = { PATH: process.env['PATH'], HOME: folder, RESTIC_REPOSITORY: location, RESTIC_PASSWORD: resticPassword };
  const { status, stderr } = spawnSync(program, ['--no-cache', ...args], { env, encoding: 'utf8' });
  return { status, stderr };
};

describe.each(resticPrograms())('judged by the $name', ({ program }) => {
  it.each([1, 2] as const)('what we write in version %d is healthy and canonical', async (version) => {
    const repository = await createRepository(ports, { password: password(), version, kdf: fastDerivation });
    const { snapshot, trees } = await writeSnapshot(repository);
    expect(JSON.parse(restic(program, location, ['cat', 'config']))).toEqual({ version, id: repository.config.id, chunker_polynomial: repository.config.polynomial.toString(16) });
    expect(JSON.parse(restic(program, location, ['cat', 'snapshot', snapshot]))).toMatchObject({ paths: ['/folder', '/<ü>'], uid: 5, tags: ['t'] });
    for (const tree of trees) expect(restic(program, location, ['cat', 'blob', addon.sha256(tree).toString('hex')])).toBe(tree.toString());
    restic(program, location, ['check', '--read-data']);
    expect(restic(program, location, ['ls', snapshot]).split('\n').length).toBeGreaterThan(names.length);
    expect(restic(program, location, ['dump', snapshot, '/folder/content'])).toBe(`hello${'\u0007'.repeat(1000)}hello`);
    // Re-encodes every tree and refuses those that do not get the same bytes again; 0.14 does not have it.
    if (!isOld(program)) restic(program, location, ['rewrite', '--dry-run', '--exclude', 'nothing at all', snapshot]);
    await repository.close();
  });

  it.each(['1', '2'])('what restic writes in version %s is read, and its trees are encoded again byte for byte', async (version) => {
    const source = path.join(folder, 'source');
    const written = isOld(program) ? names.filter((name) => !name.equals(newInUnicode15)) : names;
    makeOddFolder(source, written);
    // Restic 0.14 stored no raw targets, only the replacement character.
    if (!isOld(program)) symlinkSync(Buffer.from('61ff62', 'hex'), path.join(source, 'raw link'));
    restic(program, location, ['init', '--repository-version', version]);
    restic(program, location, ['backup', source, '--tag', 'odd']);
    const repository = await openRepository(ports, { password: password() });
    expect(repository.config.version).toBe(Number(version));
    await repository.loadIndex();
    const [stored] = await listSnapshots(repository);
    expect(stored?.snapshot).toMatchObject({ paths: [source], tags: ['odd'] });
    const json = await repository.readUnpacked('snapshot', stored?.id ?? '');
    // Restic writes local time, which in the tests is UTC.
    if (stored !== undefined) expect(encodeSnapshot(stored.snapshot).toString()).toBe(json.toString());
    const found: Buffer[] = [];
    const pending = [stored?.snapshot.tree ?? ''];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      const bytes = await repository.readBlob('tree', Buffer.from(id, 'hex'));
      const { nodes } = await repository.readTree(Buffer.from(id, 'hex'));
      expect(encodeTree(nodes).equals(bytes), `tree ${id}`).toBe(true);
      for (const { name, subtree } of nodes) {
        found.push(name);
        if (subtree !== null) pending.push(subtree.toString('hex'));
      }
    }
    for (const name of written) expect(found).toContainEqual(name);
    await repository.close();
  });

  it('a password added by one opens it with the other', async () => {
    const repository = await createRepository(ports, { password: password(), kdf: fastDerivation });
    await addKey(repository, Buffer.from('zweites Paßwort'), { kdf: fastDerivation });
    expect(restic(program, location, ['cat', 'masterkey'], { password: 'zweites Paßwort' })).toBe(restic(program, location, ['cat', 'masterkey']));
    const passwordFile = path.join(folder, 'third');
    writeFileSync(passwordFile, 'third password');
    restic(program, location, ['key', 'add', '--new-password-file', passwordFile]);
    await expect(openRepository(ports, { password: Buffer.from('third password') })).resolves.toBeDefined();
  });

  it('restic waits for our locks as its own', async () => {
    const repository = await createRepository(ports, { password: password(), kdf: fastDerivation });
    await writeSnapshot(repository);
    const exclusive = await acquireLock(repository, { exclusive: true });
    await exclusive.confirmed;
    const refused = statusOf(program, ['snapshots']);
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain('already locked');
    await exclusive.release();
    const shared = await acquireLock(repository, { exclusive: false });
    await shared.confirmed;
    expect(statusOf(program, ['snapshots']).status).toBe(0);
    expect(statusOf(program, ['check']).status).not.toBe(0);
    expect(statusOf(program, ['unlock']).status).toBe(0);
    expect(readdirSync(path.join(location, 'locks'))).toHaveLength(1);
    await shared.release();
    expect(statusOf(program, ['check']).status).toBe(0);
  });

  it('we wait for restic’s locks', async () => {
    const repository = await createRepository(ports, { password: password(), kdf: fastDerivation });
    const env = { PATH: process.env['PATH'], HOME: folder, RESTIC_REPOSITORY: location, RESTIC_PASSWORD: resticPassword };
    const child = spawn(program, ['--no-cache', 'backup', '--stdin'], { env, stdio: ['pipe', 'ignore', 'ignore'] });
    const ended = once(child, 'close');
    while (child.exitCode === null && readdirSync(path.join(location, 'locks')).filter((name) => name.length === 64).length === 0) await setTimeout(20);
    expect(await listLocks(repository)).toMatchObject([{ record: { exclusive: false, pid: child.pid } }]);
    await expect(acquireLock(repository, { exclusive: true, removeStale: true })).rejects.toMatchObject({ code: 'REPOSITORY_LOCKED', message: expect.stringContaining(`process ${child.pid}`) as string });
    const shared = await acquireLock(repository, { exclusive: false });
    await shared.confirmed;
    await shared.release();
    child.stdin?.end('content');
    await ended;
    expect(child.exitCode).toBe(0);
    const after = await acquireLock(repository, { exclusive: true });
    await after.confirmed;
    await after.release();
  });
});

/** Files with odd names, a nested folder, links, a pipe, attributes where the file system has them, and devices for root. */
function makeOddFolder(source: string, written: readonly Buffer[]): void {
  const at = (name: string | Buffer): Buffer => Buffer.concat([Buffer.from(`${source}/`), Buffer.from(name as string)]);
  mkdirSync(path.join(source, 'nested', 'deep', 'empty'), { recursive: true });
  for (const [index, name] of written.entries()) writeFileSync(at(name), index % 2 === 0 ? '' : `content ${index}`);
  writeFileSync(path.join(source, 'nested', 'mode'), 'x', { mode: 0o4751 });
  symlinkSync('../target<&>', at('link'));
  execFileSync('mkfifo', [path.join(source, 'pipe')]);
  execFileSync('ln', [path.join(source, 'nested', 'mode'), path.join(source, 'hard link')]);
  // Neither exists everywhere; without them the rest is still judged.
  spawnSync('setfattr', ['-n', 'user.test', '-v', 'a "value"', path.join(source, 'nested', 'mode')]);
  spawnSync('mknod', [path.join(source, 'device'), 'c', '1', '3']);
  expect(readFileSync(path.join(source, 'hard link'), 'utf8')).toBe('x');
}
