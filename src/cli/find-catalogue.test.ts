/** `find` beside the catalogue that the application has made, and commands that fail while they print. */
import { readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCatalogue } from '../core/catalogue/open-catalogue.ts';
import { updateCatalogue } from '../core/catalogue/update-catalogue.ts';
import { silentLogger } from '../core/platform/logger.ts';
import { IndexWriter } from '../core/repository/index-writer.ts';
import { plainNode } from '../core/repository/plain-node.ts';
import type { Repository } from '../core/repository/repository.ts';
import { listSnapshots, saveSnapshot } from '../core/repository/snapshots.ts';
import { storeBlobs } from '../core/repository/testing/fast-repository.ts';
import { encodeTree, type TreeNode } from '../core/repository/tree.ts';
import { CliWorld, password, type Outcome } from './testing/cli-process.ts';
import { insideRepository, makeTestRepository } from './testing/test-repository.ts';

const world = new CliWorld();
const repository = world.path('repository');
const env = { CYBERBACKUP_PASSWORD: password, CYBERBACKUP_REPOSITORY: repository };
const find = (...args: string[]): Promise<Outcome> => world.run(['find', ...args], { env });
/** The file that holds the tree of a folder, alone. */
const packs = new Map<string, string>();

async function storeTree(opened: Repository, index: IndexWriter, ...nodes: readonly TreeNode[]): Promise<Buffer> {
  const { ids: [id = Buffer.alloc(0)], packId, records } = await storeBlobs(opened, 'tree', [encodeTree(nodes)]);
  await index.addPack(packId, records);
  packs.set(id.toString('hex'), join(repository, 'data', packId.toString('hex').slice(0, 2), packId.toString('hex')));
  return id;
}

let spared = '';
let other = '';

async function save(opened: Repository, day: number, file: string): Promise<void> {
  const index = new IndexWriter(opened);
  const good = await storeTree(opened, index, plainNode(file));
  const [left, right] = [await storeTree(opened, index, plainNode(`left-${day}`)), await storeTree(opened, index, plainNode(`right-${day}`))];
  spared = packs.get(left.toString('hex')) ?? '';
  other = packs.get(right.toString('hex')) ?? '';
  const root = await storeTree(opened, index, plainNode('0-early'), plainNode('a', { type: 'dir', subtree: good }), plainNode('left', { type: 'dir', subtree: left }), plainNode('right', { type: 'dir', subtree: right }));
  await index.flush();
  await saveSnapshot(opened, { time: `2026-01-0${day}T00:00:00Z`, tree: root.toString('hex'), paths: ['/data'], hostname: 'a' });
}

beforeAll(async () => {
  await makeTestRepository(repository);
  await insideRepository(repository, async (opened) => {
    await opened.loadIndex();
    await save(opened, 1, 'wanted');
    await opened.loadIndex();
    const catalogue = openCatalogue(join(world.home, 'cache'), opened.config.id, silentLogger);
    await updateCatalogue(catalogue, opened, await listSnapshots(opened));
    catalogue.close();
  });
});

afterAll(() => world.dispose());

describe('find with a catalogue', () => {
  it('does not read a folder that holds nothing, however damaged that is', async () => {
    const bytes = readFileSync(spared);
    writeFileSync(spared, Buffer.alloc(bytes.length));
    try {
      const outcome = await find('wanted');
      expect(outcome).toMatchObject({ code: 0, stderr: '' });
      expect(outcome.stdout).toContain('/a/wanted\n');
      const walked = await world.run(['--no-cache', 'find', 'wanted'], { env });
      expect(walked.stdout).toBe(outcome.stdout);
      expect(walked.code).toBe(1);
      expect(walked.stderr).toContain('/left of snapshot');
      expect((await find('left-*')).stderr).toContain('/left of snapshot');
    } finally {
      writeFileSync(spared, bytes);
    }
  });

  it('reads no index where nothing can be found, unless a snapshot is not in the catalogue', async () => {
    const folder = join(repository, 'index');
    const damagedFile = join(folder, '0'.repeat(64));
    writeFileSync(damagedFile, 'nonsense');
    try {
      expect(await find('nobody')).toEqual({ code: 0, stdout: '', stderr: '' });
      expect((await find('wanted')).stderr).toContain('00000000');
      expect((await world.run(['--no-cache', 'find', 'nobody'], { env })).stderr).toContain('00000000');
      await insideRepository(repository, async (opened) => {
        await opened.loadIndex(undefined, { tolerateDamage: true });
        await save(opened, 2, 'wanted-later');
      });
      const later = await find('wanted-later');
      expect(later.stdout).toContain('/a/wanted-later\n');
      expect(later.stderr).toContain('00000000');
    } finally {
      rmSync(damagedFile);
    }
  });
});

describe('what was found before the repository fails', () => {
  it.each([
    ['lines', []],
    ['JSON', ['--json']],
  ])('is printed by find, as %s', async (_, flags) => {
    renameSync(other, `${other}.kept`);
    symlinkSync(other, other);
    try {
      for (const outcome of [await world.run(['--no-cache', 'find', ...flags, '0-early'], { env }), await world.run(['--no-cache', 'find', ...flags, '--tree', rootOfNewest(), '00000000'], { env })]) {
        expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('ELOOP') as string });
        expect(outcome.stdout).not.toBe('');
      }
    } finally {
      rmSync(other);
      renameSync(`${other}.kept`, other);
    }
  });

  it('is printed by list', async () => {
    const all = await world.run(['list', 'packs'], { env });
    const [last = ''] = readdirSync(join(repository, 'data')).toSorted().reverse();
    const folder = join(repository, 'data', last);
    renameSync(folder, `${folder}-kept`);
    symlinkSync(folder, folder);
    try {
      const outcome = await world.run(['list', 'packs'], { env });
      expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('ELOOP') as string });
      expect(outcome.stdout).not.toBe('');
      expect(all.stdout.startsWith(outcome.stdout)).toBe(true);
    } finally {
      rmSync(folder);
      renameSync(`${folder}-kept`, folder);
    }
  });
});

function rootOfNewest(): string {
  return [...packs.keys()].at(-1) ?? '';
}
