import { describe, expect, it } from 'vitest';
import { loadAddon } from '../native/load-addon.ts';
import { systemClock } from '../platform/clock.ts';
import { listKeys } from './keys.ts';
import { openRepository, type Repository } from './repository.ts';
import { findSnapshot, listSnapshots } from './snapshots.ts';
import { knownPassword, knownRepository } from './testing/known-repository.ts';
import { encodeTree } from './tree.ts';

const open = (): Promise<Repository> => openRepository({ store: knownRepository(), addon: loadAddon(), clock: systemClock }, { password: Buffer.from(knownPassword) });
const id = (hex: string): Buffer => Buffer.from(hex, 'hex');

describe('the repository of specification section 21.2', () => {
  it('has its config and key', async () => {
    const repository = await open();
    expect(repository.config).toEqual({ version: 2, id: '3f474df4e8a83ff1b3dd0d35d43f085454d1a49ca18e34b45496b75829b2bfed', polynomial: 0x3da3358b4dc173n });
    expect(repository.keyName).toBe('efd2208b578bf8335d98c22b04afed21cc68c28db2924e314330f5140b9cd5fd');
    expect(await listKeys(repository)).toEqual({
      keys: [{ id: repository.keyName, created: '2024-01-02T03:04:05Z', username: 'spec', hostname: 'spec', current: true }],
      damaged: [],
    });
    await repository.close();
  });

  it('has its snapshot', async () => {
    const repository = await open();
    const expected = {
      id: '7dc29be42bbabf4198e54e0deb526723ecb2a21089ea7027895133e64e68cb28',
      snapshot: { time: '2024-01-02T03:04:06Z', tree: '0082e7842d0b6335c4a30728099eb23542a3b42ca85bd2a5e799c04281da849b', paths: ['/dir'], hostname: 'spec', username: 'root', program_version: 'spec 1' },
    };
    expect(await listSnapshots(repository)).toEqual([expected]);
    expect(await findSnapshot(repository, 'latest')).toEqual(expected);
    expect(await findSnapshot(repository, '7dc2')).toEqual(expected);
  });

  it('has its index, trees and data', async () => {
    const repository = await open();
    expect(await repository.loadIndex()).toEqual({ files: 1, damaged: [] });
    expect([repository.index.blobCount, repository.index.packCount]).toEqual([4, 2]);
    const root = await repository.readTree(id('0082e7842d0b6335c4a30728099eb23542a3b42ca85bd2a5e799c04281da849b'));
    expect(root.nodes.map(({ name, type }) => [name.toString(), type])).toEqual([['dir', 'dir']]);
    const dir = await repository.readTree(root.nodes[0]?.subtree ?? Buffer.alloc(0));
    expect(dir.nodes.map(({ name, type, mode, size, linkTarget }) => [name, type, mode, size, linkTarget?.toString()])).toEqual([
      [Buffer.from('a.txt'), 'file', 420, 104n, undefined],
      [Buffer.from('b'), 'file', 384, 120n, undefined],
      [Buffer.from([0x6c, 0xff]), 'symlink', 134218239, 0n, 'a.txt'],
    ]);
    const content = dir.nodes[1]?.content ?? Buffer.alloc(0);
    const pieces = await Promise.all([content.subarray(0, 32), content.subarray(32, 64)].map((blob) => repository.readBlob('data', blob)));
    expect(repository.addon.sha256(Buffer.concat(pieces)).toString('hex')).toBe('1c0d50a056baa0dc50b3edac66dbeacb3c7e249e8edac3bf5eee16643ab80488');
    expect(pieces[1]?.toString()).toBe('hello, world\n'.repeat(8));
  });

  it('has trees that are encoded again byte for byte', async () => {
    const repository = await open();
    await repository.loadIndex();
    for (const hex of ['0082e7842d0b6335c4a30728099eb23542a3b42ca85bd2a5e799c04281da849b', '824cfc2517f199a1bbd306e8007c7108d5a446ea2dc6460e923ed955c146c1a2']) {
      const { nodes } = await repository.readTree(id(hex));
      expect(repository.addon.sha256(encodeTree(nodes)).toString('hex')).toBe(hex);
    }
  });
});
