/**
 * Purging paths from history, and correcting host and time: each snapshot concerned gets a changed copy.
 *
 * Order of work: every tree first; when all are durable and listed, the snapshots; each old one last, if at all. What is
 * interrupted before the snapshots leaves trees that prune removes, and nothing else.
 *
 * Invariants: a tag travels with its snapshot, so what is pinned stays pinned; a snapshot from which nothing is taken is
 * not copied.
 */
import { Failure } from '../../shared/errors.ts';
import type { Lock } from '../repository/lock.ts';
import type { Repository } from '../repository/repository.ts';
import type { Snapshot, SnapshotSummary, StoredSnapshot } from '../repository/snapshots.ts';
import { withBlobWriter } from './blob-writer.ts';
import { keepingRule, pathRule, type PathRules } from './path-rule.ts';
import { replaceSnapshots, type Change, type Replacement } from './replace-snapshots.ts';
import { TreeRewriter } from './tree-rewriter.ts';

export const rewriteTag = 'rewrite';

export interface RewriteOptions extends PathRules {
  /** Remove the old snapshots. */
  readonly forget: boolean;
  /** Change nothing, and tell what would be changed. */
  readonly dryRun: boolean;
  readonly newHost?: string;
  /** A time text (times.ts). */
  readonly newTime?: string;
  /** Count the files of snapshots that do not say how many they have. */
  readonly snapshotSummary: boolean;
}

export interface RewriterProgress {
  readonly snapshotsDone: number;
  readonly snapshotsTotal: number;
  readonly treesRead: number;
}

export interface RewriterRunPorts {
  readonly lock: Pick<Lock, 'confirmed' | 'signal'>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RewriterProgress) => void;
  /** For `$NAME` in pattern files; default: the environment of the process. */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * Rewrites the given snapshots; needs the index, and an exclusive lock to `forget`. One replacement for each, in order.
 * Failures: USAGE (nothing asked for, a bad pattern), DAMAGED (a folder that cannot be read, named: nothing was changed),
 * and those of storage and lock.
 */
export async function rewriteSnapshots(repository: Repository, snapshots: readonly StoredSnapshot[], options: RewriteOptions, ports: RewriterRunPorts): Promise<Replacement[]> {
  const rule = await pathRule(options, ports.environment ?? process.env);
  const hasMetadata = options.newHost !== undefined || options.newTime !== undefined;
  if (rule === undefined && !hasMetadata && !options.snapshotSummary) {
    throw new Failure('USAGE', { what: 'Nothing is to be rewritten', safe: 'Nothing was changed', next: 'Name what to exclude or include, or a new host or time' });
  }
  const { signal, onProgress } = ports;
  const counts = rule !== undefined || options.snapshotSummary;
  let treesRead = 0;
  const changesOf = async (store: (tree: Buffer) => Promise<void>, stopped: AbortSignal | undefined): Promise<(Change | undefined)[]> => {
    const tell = (snapshotsDone: number): void => onProgress?.({ snapshotsDone, snapshotsTotal: snapshots.length, treesRead });
    const rewriter = new TreeRewriter({ repository, store, signal: stopped, onTree: () => void (treesRead += 1) }, rule ?? keepingRule);
    const changes: (Change | undefined)[] = [];
    for (const [done, old] of snapshots.entries()) {
      tell(done);
      changes.push(counts ? await rewritten(rewriter, old, options) : { old, snapshot: withMetadata(old.snapshot, options) });
    }
    tell(snapshots.length);
    return changes;
  };
  const changes = options.dryRun
    ? await changesOf(() => Promise.resolve(), signal)
    : await withBlobWriter({ repository, lock: ports.lock, signal }, (writer, stopped) => changesOf((tree) => writer.write('tree', tree), stopped));
  await ports.lock.confirmed;
  const replaced = await replaceSnapshots(repository, changes.filter((change) => change !== undefined), { forget: options.forget, dryRun: options.dryRun, tag: rewriteTag, signal });
  const byOld = new Map(replaced.map((replacement) => [replacement.old, replacement]));
  return snapshots.map((old) => byOld.get(old) ?? { old, outcome: 'unchanged' });
}

/** Undefined where nothing changes. */
async function rewritten(rewriter: TreeRewriter, old: StoredSnapshot, options: RewriteOptions): Promise<Change | undefined> {
  const { snapshot } = old;
  const { id, isEmpty, files, bytes } = await rewriter.rewrite(Buffer.from(snapshot.tree, 'hex'));
  // As restic: what includes nothing is left alone.
  if (id === undefined || (isEmpty && includesOnly(options))) return undefined;
  const tree = id.toString('hex');
  const { summary } = snapshot;
  const hasMetadata = options.newHost !== undefined || options.newTime !== undefined;
  if (tree === snapshot.tree && summary?.total_files_processed === files && summary.total_bytes_processed === bytes && !hasMetadata) return undefined;
  return { old, snapshot: withMetadata({ ...snapshot, tree, summary: { ...(summary ?? emptySummary), total_files_processed: files, total_bytes_processed: bytes } }, options) };
}

function includesOnly({ includes }: RewriteOptions): boolean {
  return Object.values(includes).some((patterns) => patterns.length > 0);
}

function withMetadata(snapshot: Snapshot, { newHost, newTime }: RewriteOptions): Snapshot {
  return { ...snapshot, ...(newHost === undefined ? {} : { hostname: newHost }), ...(newTime === undefined ? {} : { time: newTime }) };
}

/** Of a snapshot about whose making nothing is known; the time is Go's zero. */
const emptySummary: SnapshotSummary = {
  backup_start: '0001-01-01T00:00:00Z',
  backup_end: '0001-01-01T00:00:00Z',
  files_new: 0,
  files_changed: 0,
  files_unmodified: 0,
  dirs_new: 0,
  dirs_changed: 0,
  dirs_unmodified: 0,
  data_blobs: 0,
  tree_blobs: 0,
  data_added: 0,
  data_added_packed: 0,
  total_files_processed: 0,
  total_bytes_processed: 0,
};
