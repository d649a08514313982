/**
 * Cutting out of snapshots what is lost: folders whose tree cannot be read become empty, files lose the pieces that no
 * index lists. Whatever is left can be restored.
 *
 * Invariants: only what the index and the packs really have not counts as lost: storage that cannot be reached ends the
 * work, and so does a pack that no index lists. Pieces of files are looked up, not read (damaged packs are first taken out of the index).
 */
import { Failure } from '../../shared/errors.ts';
import type { Repository } from '../repository/repository.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import type { TreeNode } from '../repository/tree.ts';
import { withBlobWriter } from './blob-writer.ts';
import { replaceSnapshots, type Change, type Replacement } from './replace-snapshots.ts';
import type { RewriterRunPorts } from './rewrite.ts';
import { TreeRewriter, type Rule, type Verdict } from './tree-rewriter.ts';

export const repairTag = 'repaired';

/** One thing that a snapshot loses. Told once, for the first snapshot that has it: later ones share the folder. */
export interface Loss {
  /** Absolute in the snapshot; raw bytes. */
  readonly path: Buffer;
  readonly kind: 'folder' | 'content' | 'size' | 'entry' | 'snapshot';
  /** Bytes that a file has left; for `content` and `size`. */
  readonly bytesLeft?: number;
  /** Why, in the words of what was found. */
  readonly reason: string;
}

export interface RepairedSnapshot {
  readonly replacement: Replacement;
  readonly losses: readonly Loss[];
}

export interface RepairSnapshotsOptions {
  /** Remove the damaged snapshots once their copies are stored. */
  readonly forget: boolean;
  readonly dryRun: boolean;
}

/**
 * Repairs the given snapshots; needs the index and an exclusive lock, since a snapshot whose root is lost goes in any
 * case. One result for each, in order.
 */
export async function repairSnapshots(repository: Repository, snapshots: readonly StoredSnapshot[], { forget, dryRun }: RepairSnapshotsOptions, ports: RewriterRunPorts): Promise<RepairedSnapshot[]> {
  const { signal, onProgress } = ports;
  const losses: Loss[][] = [];
  let treesRead = 0;
  const changesOf = async (store: (tree: Buffer) => Promise<void>, stopped: AbortSignal | undefined): Promise<Change[]> => {
    let told: Loss[] = [];
    const rule = repairingRule(repository, (loss) => void told.push(loss));
    const rewriter = new TreeRewriter({ repository, store, signal: stopped, onTree: () => void (treesRead += 1) }, rule);
    const changes: Change[] = [];
    for (const [done, old] of snapshots.entries()) {
      onProgress?.({ snapshotsDone: done, snapshotsTotal: snapshots.length, treesRead });
      told = [];
      losses.push(told);
      const { id } = await rewriter.rewrite(Buffer.from(old.snapshot.tree, 'hex'));
      const tree = id?.toString('hex');
      if (tree === undefined) changes.push({ old, snapshot: undefined });
      else if (tree !== old.snapshot.tree) changes.push({ old, snapshot: { ...old.snapshot, tree } });
    }
    onProgress?.({ snapshotsDone: snapshots.length, snapshotsTotal: snapshots.length, treesRead });
    return changes;
  };
  const changes = dryRun
    ? await changesOf(() => Promise.resolve(), signal)
    : await withBlobWriter({ repository, lock: ports.lock, signal }, (writer, stopped) => changesOf((tree) => writer.write('tree', tree), stopped));
  await ports.lock.confirmed;
  if (!dryRun && changes.length > 0) await requireWholeView(repository, signal);
  const replaced = await replaceSnapshots(repository, changes, { forget, dryRun, tag: repairTag, signal });
  const byOld = new Map(replaced.map((replacement) => [replacement.old, replacement]));
  return snapshots.map((old, i) => ({ replacement: byOld.get(old) ?? { old, outcome: 'unchanged' }, losses: losses[i] ?? [] }));
}

/** Refuses where what seems lost may not be: a place that is gone altogether, as a drive that was pulled out, or packs that no index lists. */
async function requireWholeView({ store, index }: Repository, signal?: AbortSignal): Promise<void> {
  await store.stat({ type: 'config', name: '' }, signal);
  for await (const { name } of store.list('data', signal)) {
    if (index.packRecords(Buffer.from(name, 'hex')).length > 0) continue;
    throw new Failure('DAMAGED', { what: `Pack ${name} is in no index, and may hold what seems to be lost`, safe: 'No snapshot was changed or removed', next: 'Run `cyberbackup repair index`, then the same command again' });
  }
}

function repairingRule(repository: Repository, tell: (loss: Loss) => void): Rule {
  return {
    heedsPaths: false,
    node: (node, path) => (node.type === 'file' ? repairedFile(repository, node, path, tell) : 'keep'),
    refusedNode({ fault }, path) {
      tell({ path: absolute(path), kind: 'entry', reason: fault });
      return 'drop';
    },
    keepsEmptyFolder: () => true,
    unreadableTree(path, failure) {
      tell({ path: absolute(path), kind: path.length === 0 ? 'snapshot' : 'folder', reason: failure.text.what });
      return path.length === 0 ? undefined : 'empty';
    },
  };
}

function repairedFile({ index }: Repository, node: TreeNode, path: readonly string[], tell: (loss: Loss) => void): Verdict {
  const content = node.content ?? Buffer.alloc(0);
  const left: Buffer[] = [];
  let size = 0;
  for (let at = 0; at < content.length; at += 32) {
    const id = content.subarray(at, at + 32);
    const length = index.plainLength('data', id);
    if (length < 0) continue;
    left.push(id);
    size += length;
  }
  const lost = content.length / 32 - left.length;
  if (lost > 0) tell({ path: absolute(path), kind: 'content', bytesLeft: size, reason: `${lost} of ${content.length / 32} pieces are in no index` });
  else if (BigInt(size) !== node.size) tell({ path: absolute(path), kind: 'size', bytesLeft: size, reason: `its pieces have ${size} bytes and not ${node.size}` });
  else if (node.content !== null) return 'keep';
  return { ...node, content: Buffer.concat(left), size: BigInt(size) };
}

function absolute(path: readonly string[]): Buffer {
  return Buffer.from(`/${path.join('/')}`, 'latin1');
}
