/**
 * Finding folders that no snapshot leads to, and making a snapshot of them: what a snapshot removed by mistake, or lost
 * with its file, has left behind.
 *
 * Vocabulary: a *root* is a tree that is neither the root of a snapshot nor a folder in any other tree.
 *
 * Invariants: packs that no index lists are listed before anything is looked for, since a lost index may be why folders
 * are lost; the new snapshot is written only when that index and its own tree are durable; nothing is removed.
 */
import { Failure } from '../../shared/errors.ts';
import { readRecords } from '../repository/index-writer.ts';
import type { Lock } from '../repository/lock.ts';
import { plainNode } from '../repository/plain-node.ts';
import type { Repository } from '../repository/repository.ts';
import { listSnapshots, saveSnapshot, type Snapshot } from '../repository/snapshots.ts';
import { formatTime, instantFromMilliseconds } from '../repository/times.ts';
import { TreeReader } from '../repository/tree-reader.ts';
import { encodeTree, type TreeNode } from '../repository/tree.ts';
import { withBlobWriter } from './blob-writer.ts';
import { listUnlistedPacks } from './unlisted-packs.ts';

export const recoverTag = 'recovered';

export interface RecoverProgress {
  readonly treesDone: number;
  readonly treesTotal: number;
}

export interface RecoverPorts {
  readonly lock: Pick<Lock, 'confirmed' | 'signal'>;
  readonly hostname: string;
  readonly username: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RecoverProgress) => void;
}

export interface Recovered {
  /** Ids of the roots, 64 hex digits, sorted; the snapshot has each as a folder named by its first digits. */
  readonly roots: readonly string[];
  /** Of the new snapshot; absent where there is no root. */
  readonly snapshotId?: string;
  /** Packs that no index listed, and were listed now. */
  readonly listedPacks: number;
  /** Trees and packs that could not be read. */
  readonly damaged: readonly Failure[];
}

/** Needs the index. Failures are those of storage and lock. */
export async function recover(repository: Repository, ports: RecoverPorts): Promise<Recovered> {
  const { signal, lock } = ports;
  await lock.confirmed;
  const { listed, damaged: damagedPacks } = await listUnlistedPacks(repository, signal);
  const { roots, damaged } = await findRoots(repository, ports);
  const found = { roots: roots.map((id) => id.toString('hex')), listedPacks: listed, damaged: [...damagedPacks, ...damaged] };
  if (roots.length === 0) return found;
  const time = instantFromMilliseconds(repository.clock.now());
  const tree = encodeTree(folders(roots, time));
  await withBlobWriter({ repository, lock, signal }, (writer) => writer.write('tree', tree));
  const snapshot: Snapshot = { time: formatTime(time), tree: repository.addon.sha256(tree).toString('hex'), paths: ['/recover'], hostname: ports.hostname, username: ports.username, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, tags: [recoverTag] };
  return { ...found, snapshotId: await saveSnapshot(repository, snapshot, signal) };
}

/** As many as are read with one look ahead. */
const treesAhead = 64;

/** Every tree is read, since any may lead to any other. */
async function findRoots(repository: Repository, { signal, onProgress }: RecoverPorts): Promise<{ readonly roots: Buffer[]; readonly damaged: Failure[] }> {
  const trees = treeIds(repository);
  const reached = new Set<string>();
  const unreadable = new Set<string>();
  const damaged: Failure[] = [];
  const reader = new TreeReader(repository, signal);
  for (const [done, id] of trees.entries()) {
    onProgress?.({ treesDone: done, treesTotal: trees.length });
    reader.prefetch(trees.slice(done, done + treesAhead));
    try {
      const { nodes } = await reader.read(id);
      for (const { subtree } of nodes) if (subtree !== null) reached.add(subtree.toString('latin1'));
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
      damaged.push(error);
      unreadable.add(id.toString('latin1'));
    }
  }
  onProgress?.({ treesDone: trees.length, treesTotal: trees.length });
  const unreadableSnapshots: { name: string; failure: Failure }[] = [];
  for (const { snapshot } of await listSnapshots(repository, signal, { tolerateDamage: true, damaged: unreadableSnapshots })) reached.add(Buffer.from(snapshot.tree, 'hex').toString('latin1'));
  damaged.push(...unreadableSnapshots.map(({ failure }) => failure));
  const isRoot = (id: Buffer): boolean => !reached.has(id.toString('latin1')) && !unreadable.has(id.toString('latin1'));
  return { roots: trees.filter(isRoot).sort((a, b) => Buffer.compare(a, b)), damaged };
}

/** Each once, pack by pack, so that neighbours are read together. */
function treeIds({ index }: Repository): Buffer[] {
  const found = new Map<string, Buffer>();
  const packs = index.packIds();
  for (let at = 0; at < packs.length; at += 32) {
    for (const { type, id } of readRecords(index.packRecords(packs.subarray(at, at + 32)))) if (type === 'tree') found.set(id.toString('latin1'), id);
  }
  return [...found.values()];
}

const shortName = 8;

/** As restic makes them; a name that two roots share is written out. */
function folders(roots: readonly Buffer[], time: bigint): TreeNode[] {
  const names = roots.map((id) => id.toString('hex').slice(0, shortName));
  return roots.map((subtree, i) => {
    const name = names[i] ?? '';
    const isShared = names.indexOf(name) !== names.lastIndexOf(name);
    return plainNode(isShared ? subtree.toString('hex') : name, { type: 'dir', mode: 0o755, mtime: time, atime: time, ctime: time, subtree });
  });
}
