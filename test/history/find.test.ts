/** `find` on a history of sixty snapshots with odd names: by walking against restic's, and with a catalogue that lacks the newest ten against that. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openCatalogue } from '../../src/core/catalogue/open-catalogue.ts';
import { updateCatalogue } from '../../src/core/catalogue/update-catalogue.ts';
import { systemClock } from '../../src/core/platform/clock.ts';
import { loadAddon } from '../../src/core/native/load-addon.ts';
import { silentLogger } from '../../src/core/platform/logger.ts';
import { createRepository, type Repository } from '../../src/core/repository/repository.ts';
import { storeBlobs } from '../../src/core/repository/testing/fast-repository.ts';
import { plainNode } from '../../src/core/repository/plain-node.ts';
import { IndexWriter } from '../../src/core/repository/index-writer.ts';
import { listSnapshots, saveSnapshot } from '../../src/core/repository/snapshots.ts';
import { encodeTree, type TreeNode } from '../../src/core/repository/tree.ts';
import { openStore } from '../../src/core/storage/open-store.ts';
import { cyberbackup, testEnvironment, testPassword } from '../support/cli.ts';
import { run } from '../support/run-program.ts';
import { hasNewestRestic, newestRestic } from '../support/restic.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { rmSync } from 'node:fs';
import path from 'node:path';

type Folder = Map<string, Folder | TreeNode>;

const place = temporaryFolder('find-history');
const repositoryUrl = path.join(place, 'repository');
const names = ['report.txt', 'Report.TXT', 'Übung', 'übung', 'new\nline', 'bad\xff', '[x]*', 'sp ace', 'foo', 'bar', 'q?', 'back\\slash', '"quoted"'].map((name) => (name === 'bad\xff' ? name : Buffer.from(name).toString('latin1')));
let someBlob = '';
let someTree = '';

/** Choices from a seed. */
function chooser(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
}

beforeAll(async () => {
  const addon = loadAddon();
  const store = openStore(repositoryUrl, { addon, clock: systemClock });
  const repository = await createRepository({ store, addon, clock: systemClock }, { password: Buffer.from(testPassword), kdf: { N: 1024, r: 8, p: 1 }, hostname: 'h', username: 'u' });
  const index = new IndexWriter(repository);
  const pick = chooser(3);
  const root: Folder = new Map();
  const write = async (folder: Folder): Promise<Buffer> => {
    const nodes: TreeNode[] = [];
    for (const [name, value] of folder) {
      const bytes = Buffer.from(name, 'latin1');
      nodes.push(value instanceof Map ? plainNode(bytes, { type: 'dir', mode: 0x8000_01ed, mtime: 1_767_225_600_000_000_000n, subtree: await write(value) }) : { ...value, name: bytes });
    }
    return await stored(repository, index, 'tree', encodeTree(nodes));
  };
  const change = async (folder: Folder, depth: number): Promise<void> => {
    const name = names[pick(names.length)] ?? '';
    const old = folder.get(name);
    const choice = pick(6);
    if (old instanceof Map && choice > 0) await change(old, depth + 1);
    else if (choice === 0) folder.delete(name);
    else if (choice < 3 && depth < 4) folder.set(name, new Map());
    else if (choice === 3) folder.set(name, plainNode(name, { type: 'symlink', mode: 0x0800_01ff, mtime: 1_767_225_600_000_000_000n, links: 1n, linkTarget: Buffer.from('foo') }));
    else {
      const content = await stored(repository, index, 'data', Buffer.from(`content ${pick(20)}`));
      someBlob = content.toString('hex');
      const mtime = 1_767_225_600_000_000_000n + BigInt(pick(60)) * 86_400_000_000_000n;
      folder.set(name, plainNode(name, { mode: 0o4755, mtime, atime: mtime, ctime: mtime, uid: 7, gid: 8, user: 'ü', group: 'g', inode: 5n, deviceId: 6n, size: 9n, links: 1n, content }));
    }
  };
  for (let day = 0; day < 60; day += 1) {
    for (let i = 0; i < 8; i += 1) await change(root, 0);
    const tree = await write(root);
    if (day === 30) someTree = tree.toString('hex');
    await saveSnapshot(repository, { time: new Date(Date.UTC(2026, 0, 1 + day)).toISOString(), tree: tree.toString('hex'), paths: ['/data'], hostname: day % 2 === 0 ? 'a' : 'b', tags: day % 3 === 0 ? ['three'] : [] });
  }
  await index.flush();
  await repository.loadIndex();
  const catalogue = openCatalogue(path.join(testEnvironment(place)['CYBERBACKUP_HOME'] ?? '', 'cache'), repository.config.id, silentLogger);
  await updateCatalogue(catalogue, repository, (await listSnapshots(repository)).slice(0, -10));
  catalogue.close();
  await repository.close();
  await store.close();
});

afterAll(() => rmSync(place, { recursive: true, force: true }));

async function stored(repository: Repository, index: IndexWriter, type: 'data' | 'tree', blob: Buffer): Promise<Buffer> {
  const id = repository.addon.sha256(blob);
  if (repository.index.has(type, id)) return id;
  const { packId, records } = await storeBlobs(repository, type, [blob]);
  await index.addPack(packId, records);
  return id;
}

const questions: readonly (readonly string[])[] = [
  ['foo'],
  ['--json', '*.txt', 'bar'],
  ['--ignore-case', '--long', 'ÜB*', '*.txt'],
  ['--reverse', '/foo/**/bar', 'q\\?'],
  ['--oldest', '2026-01-10', '--newest', '2026-02-01 12:00', 'report*'],
  ['--host', 'a', '--tag', 'three', 'new*', 'sp ace'],
  ['--json', '-s', 'latest', ''],
  ['\\[x\\]*', '[!-z]*', 'back\\\\slash'],
  ['--blob', 'BLOB', '--show-pack-id'],
  ['--tree', 'TREE', '--json'],
];

function argumentsOf(given: readonly string[]): string[] {
  return given.filter((argument) => (argument as string | undefined) !== undefined).map((argument) => argument.replace('BLOB', someBlob).replace('TREE', someTree.slice(0, 8)));
}

it.each(questions)('find %s %s says by walking what it says with the catalogue', async (...given) => {
  const env = testEnvironment(place);
  const walked = await cyberbackup(['--repo', repositoryUrl, '--no-cache', 'find', ...argumentsOf(given)], { env });
  expect(walked).toMatchObject({ stderr: '', code: 0 });
  expect(walked.stdout.length).toBeGreaterThan(3);
  expect(await cyberbackup(['--repo', repositoryUrl, 'find', ...argumentsOf(given)], { env })).toEqual(walked);
});

it.skipIf(!hasNewestRestic).each(questions)('find %s %s says what restic says', async (...given) => {
  const env = testEnvironment(place);
  const theirs = await run(newestRestic(), ['-r', repositoryUrl, '--no-cache', 'find', ...argumentsOf(given)], { env });
  expect(await cyberbackup(['--repo', repositoryUrl, '--no-cache', 'find', ...argumentsOf(given)], { env })).toMatchObject({ stdout: theirs.stdout, code: 0 });
});
