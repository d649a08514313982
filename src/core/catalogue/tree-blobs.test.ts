import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { loadAddon } from '../native/load-addon.ts';
import { systemClock } from '../platform/clock.ts';
import { plainNode } from '../repository/plain-node.ts';
import { createRepository, type Repository } from '../repository/repository.ts';
import { fastDerivation, memoryRepository, storeBlobs, testPassword } from '../repository/testing/fast-repository.ts';
import { encodeTree } from '../repository/tree.ts';
import { LocalStore } from '../storage/local-store.ts';
import { TreeBlobs } from './tree-blobs.ts';

const kinds = ['files', 'memory'] as const;
const addon = loadAddon();
let folder: string;

beforeEach(() => {
  folder = temporaryFolder('tree-blobs');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function newRepository(kind: (typeof kinds)[number]): Promise<Repository> {
  if (kind === 'memory') return (await memoryRepository()).repository;
  return await createRepository({ store: new LocalStore(folder, { addon }), addon, clock: systemClock }, { password: testPassword(), version: 2, kdf: fastDerivation, username: 'tester', hostname: 'testhost' });
}

const tree = (name: string): Buffer => encodeTree([plainNode(name)]);

/** What came of each: its name, or the code of its failure. */
async function read(repository: Repository, ids: readonly Buffer[]): Promise<(string | undefined)[]> {
  const blobs = await new TreeBlobs(repository).read(ids.map((id) => id.toString('hex')));
  return ids.map((id) => {
    const blob = blobs.get(id.toString('hex'));
    return Buffer.isBuffer(blob) ? /"name":"([^"]*)"/.exec(blob.toString())?.[1] : blob?.code;
  });
}

describe.each(kinds)('trees of many packs, in a store of %s', (kind) => {
  it('are all read', async () => {
    const repository = await newRepository(kind);
    const names = Array.from({ length: 30 }, (_, i) => `node ${i}`);
    const ids: Buffer[] = [];
    for (let at = 0; at < names.length; at += 3) ids.push(...(await storeBlobs(repository, 'tree', names.slice(at, at + 3).map(tree))).ids);
    expect(await read(repository, ids)).toEqual(names);
    await repository.close();
  });

  it('are read although an index says an absurd size of one of them', async () => {
    const repository = await newRepository(kind);
    const { ids } = await storeBlobs(repository, 'tree', [tree('good'), tree('better')]);
    const absurd = Buffer.alloc(32, 7);
    const record = Buffer.alloc(48);
    record[0] = 1;
    record.writeUInt32LE(100, 8);
    record.writeUInt32LE(0xffff_fff0, 12);
    absurd.copy(record, 16);
    repository.index.addPack(Buffer.alloc(32, 9), record);
    expect(await read(repository, [...ids, absurd])).toEqual(['good', 'better', 'DAMAGED']);
    await repository.close();
  });
});

it('trees of packs that are gone, short or damaged are named, and the others read', async () => {
  const repository = await newRepository('files');
  const packs: string[] = [];
  const ids: Buffer[] = [];
  for (const name of ['gone', 'short', 'damaged', 'whole']) {
    const stored = await storeBlobs(repository, 'tree', [tree(`${name} 1`), tree(`${name} 2`)]);
    ids.push(...stored.ids);
    const pack = stored.packId.toString('hex');
    packs.push(join(folder, 'data', pack.slice(0, 2), pack));
  }
  const [gone = '', short = '', damaged = ''] = packs;
  rmSync(gone);
  const shortened = readFileSync(short).subarray(0, 50);
  rmSync(short);
  writeFileSync(short, shortened);
  const changed = readFileSync(damaged);
  changed[20] = (changed[20] as number) ^ 1;
  rmSync(damaged);
  writeFileSync(damaged, changed);
  expect(await read(repository, ids)).toEqual(['DAMAGED', 'DAMAGED', 'DAMAGED', 'DAMAGED', 'DAMAGED', 'damaged 2', 'whole 1', 'whole 2']);
  await repository.close();
});
