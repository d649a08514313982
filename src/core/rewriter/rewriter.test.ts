/** What restic cannot be asked about: faults in between, the order of what is written and removed, and cancelling. */
import { describe, expect, it } from 'vitest';
import { memoryRepository, storeBlobs, type MemoryRepository } from '../repository/testing/fast-repository.ts';
import { plainNode } from '../repository/plain-node.ts';
import { listSnapshots, saveSnapshot, type Snapshot } from '../repository/snapshots.ts';
import { encodeTree } from '../repository/tree.ts';
import { StorageError } from '../storage/object-store.ts';
import { withBlobWriter } from './blob-writer.ts';
import { copySnapshots } from './copy.ts';
import { recover } from './recover.ts';
import { repairSnapshots } from './repair-snapshots.ts';
import { rewriteSnapshots, type RewriteOptions } from './rewrite.ts';

const lock = { confirmed: Promise.resolve(), signal: new AbortController().signal };
const purge: RewriteOptions = { excludes: { patterns: ['secret'] }, includes: {}, forget: true, dryRun: false, snapshotSummary: false };

interface Scene extends MemoryRepository {
  /** Of the snapshot. */
  readonly id: string;
  readonly treePack: string;
  /** Of `folder`, and of the root. */
  readonly trees: readonly Buffer[];
}

/** A snapshot of `folder/plain` and `folder/secret`; the packs are in the index in memory alone. Without `content` the pieces of both files are lost. */
async function scene(options: { readonly content: boolean } = { content: true }): Promise<Scene> {
  const made = await memoryRepository();
  const { repository } = made;
  const file = (name: string, content: Buffer): ReturnType<typeof plainNode> => plainNode(name, { content: repository.addon.sha256(content), size: BigInt(content.length) });
  const [plain, secret] = [Buffer.from('plain content'), Buffer.from('secret content')];
  if (options.content) await storeBlobs(repository, 'data', [plain, secret]);
  const inner = encodeTree([file('plain', plain), file('secret', secret)]);
  const root = encodeTree([plainNode('folder', { type: 'dir', subtree: repository.addon.sha256(inner) })]);
  const { packId } = await storeBlobs(repository, 'tree', [inner, root]);
  const snapshot: Snapshot = { time: '2024-01-02T03:04:05+05:30', tree: repository.addon.sha256(root).toString('hex'), paths: ['/folder'], hostname: 'host', tags: ['pinned'] };
  const id = await saveSnapshot(repository, snapshot);
  made.store.history.length = 0;
  return { ...made, id, treePack: packId.toString('hex'), trees: [inner, root] };
}

describe('rewrite --forget', () => {
  it('removes the old snapshot last, after the new one was read back; tags and time stay', async () => {
    const { repository, store, id } = await scene();
    const [result] = await rewriteSnapshots(repository, await listSnapshots(repository), purge, { lock });
    expect(result).toMatchObject({ outcome: 'replaced', removed: true, snapshot: { tags: ['pinned'], time: '2024-01-02T03:04:05+05:30', original: id, summary: { total_files_processed: 1, total_bytes_processed: 13 } } });
    const newId = result?.outcome === 'replaced' ? (result.id ?? '') : '';
    const steps = ['put data/', 'put index/', `put snapshot/${newId}`, `get snapshot/${newId}`, `remove snapshot/${id}`].map((start) => store.history.findIndex((line) => line.startsWith(start)));
    expect(steps).not.toContain(-1);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(store.history.filter((line) => line.startsWith('remove'))).toHaveLength(1);
  });

  it.each(['put data', 'put index', 'put snapshot', 'get snapshot'])('keeps the old snapshot where "%s" fails', async (failing) => {
    const { repository, store, id } = await scene();
    const snapshots = await listSnapshots(repository);
    store.fault = (operation, { type }) => {
      if (`${operation} ${type}` === failing) throw new StorageError('full', 'no room');
    };
    await expect(rewriteSnapshots(repository, snapshots, purge, { lock })).rejects.toMatchObject(failing.endsWith('snapshot') ? { kind: 'full' } : { code: 'STORAGE_FULL' });
    expect(store.names('snapshot')).toContain(id);
  });

  it('refuses a folder that cannot be read, by name, and changes nothing', async () => {
    const { repository, store, treePack } = await scene();
    const snapshots = await listSnapshots(repository);
    store.objects.delete(`data/${treePack}`);
    const before = [...store.objects.keys()];
    await expect(rewriteSnapshots(repository, snapshots, purge, { lock })).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining('The folder "/" cannot be rewritten') });
    expect([...store.objects.keys()]).toEqual(before);
  });

  it('ends when it is cancelled, or when the lock is lost, with the reason', async () => {
    const { repository, store } = await scene();
    const snapshots = await listSnapshots(repository);
    const before = [...store.objects.keys()];
    const reason = new Error('enough');
    await expect(rewriteSnapshots(repository, snapshots, purge, { lock, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(rewriteSnapshots(repository, snapshots, purge, { lock: { confirmed: Promise.resolve(), signal: AbortSignal.abort(reason) } })).rejects.toBe(reason);
    const stopper = new AbortController();
    const work = withBlobWriter({ repository, lock, signal: stopper.signal }, async (writer) => {
      for (let i = 0; ; i += 1) {
        await writer.write('data', Buffer.from(`piece ${i}`));
        if (i === 100) stopper.abort(reason);
      }
    });
    await expect(work).rejects.toBe(reason);
    expect(store.names('snapshot')).toEqual(before.filter((key) => key.startsWith('snapshot/')).map((key) => key.slice(9)));
  });
});

describe('repair snapshots', () => {
  it('takes nothing for lost while the storage cannot be reached, or is gone', async () => {
    const { repository, store, id } = await scene();
    const snapshots = await listSnapshots(repository);
    store.fault = (operation, { type }) => {
      if (operation === 'get' && type === 'data') throw new StorageError('unreachable', 'no route');
    };
    await expect(repairSnapshots(repository, snapshots, { forget: true, dryRun: false }, { lock })).rejects.toMatchObject({ code: 'STORAGE_UNREACHABLE' });
    // A drive that was pulled out: nothing is there, not even the config.
    store.fault = (operation, { type }) => {
      if (operation === 'get' || (operation === 'stat' && type === 'config')) throw new StorageError('not-found', 'nothing');
    };
    await expect(repairSnapshots(repository, snapshots, { forget: true, dryRun: false }, { lock })).rejects.toMatchObject({ kind: 'not-found' });
    expect(store.names('snapshot')).toEqual([id]);
  });

  it('refuses while a pack is in no index', async () => {
    const { repository, store, id } = await scene();
    const snapshots = await listSnapshots(repository);
    // Nothing is in an index file.
    await repository.loadIndex();
    await expect(repairSnapshots(repository, snapshots, { forget: false, dryRun: false }, { lock })).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining('is in no index, and may hold what seems to be lost') });
    expect(store.names('snapshot')).toEqual([id]);
  });

  it('names each loss and keeps the rest', async () => {
    const { repository, id } = await scene({ content: false });
    const [result] = await repairSnapshots(repository, await listSnapshots(repository), { forget: false, dryRun: true }, { lock });
    expect(result?.replacement).toMatchObject({ outcome: 'replaced', snapshot: { tags: ['pinned', 'repaired'], original: id } });
    expect(result?.losses.map(({ path, kind, bytesLeft }) => [path.toString(), kind, bytesLeft])).toEqual([
      ['/folder/plain', 'content', 0],
      ['/folder/secret', 'content', 0],
    ]);
  });
});

describe('recover', () => {
  it('lists packs that no index has, names those it cannot read, and removes nothing', async () => {
    const { repository, store, id } = await scene();
    store.objects.delete(`snapshot/${id}`);
    const broken = Buffer.from('not a pack at all');
    const name = repository.addon.sha256(broken).toString('hex');
    store.plant('data', name, broken);
    const before = [...store.objects.keys()];
    await repository.loadIndex();
    const found = await recover(repository, { lock, hostname: 'h', username: 'u' });
    expect(found).toMatchObject({ listedPacks: 2, roots: [expect.stringMatching(/^[0-9a-f]{64}$/)], damaged: [{ code: 'DAMAGED', message: expect.stringContaining(name) }] });
    expect([...store.objects.keys()]).toEqual(expect.arrayContaining(before));
    const [made] = await listSnapshots(repository);
    expect(made).toMatchObject({ id: found.snapshotId, snapshot: { tags: ['recovered'], paths: ['/recover'], hostname: 'h', username: 'u' } });
  });
});

describe('copy', () => {
  it('names the file whose piece is lost, and leaves no snapshot', async () => {
    const { repository } = await scene({ content: false });
    const target = await memoryRepository();
    await expect(copySnapshots(repository, target.repository, await listSnapshots(repository), { lock })).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringMatching(/The file [0-9a-f]{8}:\/folder\/plain cannot be copied: its piece/) });
    expect(target.store.names('snapshot')).toEqual([]);
  });

  it('copies the pieces that a run without its end did not bring', async () => {
    const { repository, trees } = await scene();
    const { repository: target } = await memoryRepository();
    await storeBlobs(target, 'tree', trees);
    const snapshots = await listSnapshots(repository);
    expect(await copySnapshots(repository, target, snapshots, { lock })).toMatchObject({ blobs: 2, bytes: 27, snapshots: [{ outcome: 'copied' }] });
    expect(await copySnapshots(repository, target, snapshots, { lock })).toMatchObject({ blobs: 0, snapshots: [{ outcome: 'present' }] });
  });
});
