/**
 * Writing the changed copies of snapshots, and removing what they replace.
 *
 * Invariants: called only when every tree of the copies is durable and listed; an old snapshot is removed only after its
 * copy was stored, read back from the storage, and found to have its root tree.
 */
import { Failure } from '../../shared/errors.ts';
import { damaged } from '../repository/damage.ts';
import { loadNamed } from '../repository/named-objects.ts';
import type { Repository } from '../repository/repository.ts';
import { decodeSnapshot, removeSnapshot, saveSnapshot, type Snapshot, type StoredSnapshot } from '../repository/snapshots.ts';
import { openUnpacked } from '../repository/unpacked-files.ts';

/** What became of a snapshot. */
export type Replacement =
  | { readonly old: StoredSnapshot; readonly outcome: 'unchanged' }
  /** `snapshot`: the changed copy, `id` its name unless it is a dry run; `removed`: the old one is gone, or would be. */
  | { readonly old: StoredSnapshot; readonly outcome: 'replaced'; readonly snapshot: Snapshot; readonly id?: string; readonly removed: boolean }
  /** Nothing of it could be kept: it is gone without a copy, or would be. */
  | { readonly old: StoredSnapshot; readonly outcome: 'removed' };

/** What is to become of a snapshot: a changed copy, or nothing at all. */
export interface Change {
  readonly old: StoredSnapshot;
  /** Without the marks below; undefined where nothing is left. */
  readonly snapshot: Snapshot | undefined;
}

export interface ReplaceOptions {
  /** Remove the old snapshots; the copies then have no mark of their own. */
  readonly forget: boolean;
  readonly dryRun: boolean;
  /** The tag that tells a copy from its original where both stay. */
  readonly tag: string;
  readonly signal?: AbortSignal | undefined;
}

export async function replaceSnapshots(repository: Repository, changes: readonly Change[], options: ReplaceOptions): Promise<Replacement[]> {
  const replacements: Replacement[] = [];
  for (const change of changes) {
    options.signal?.throwIfAborted();
    replacements.push(await replaceSnapshot(repository, change, options));
  }
  return replacements;
}

async function replaceSnapshot(repository: Repository, { old, snapshot }: Change, { forget, dryRun, tag, signal }: ReplaceOptions): Promise<Replacement> {
  if (snapshot === undefined) {
    if (!dryRun) await removeSnapshot(repository, old.id, signal);
    return { old, outcome: 'removed' };
  }
  const tags = snapshot.tags ?? [];
  const copy: Snapshot = { ...snapshot, original: old.id, tags: forget || tags.includes(tag) ? tags : [...tags, tag] };
  if (dryRun) return { old, outcome: 'replaced', snapshot: copy, removed: forget };
  const id = await saveSnapshot(repository, copy, signal);
  if (forget) {
    await readBack(repository, id, copy, signal);
    await removeSnapshot(repository, old.id, signal);
  }
  return { old, outcome: 'replaced', snapshot: copy, id, removed: forget };
}

/** Asks the storage itself: neither what is in memory nor the cache counts. */
async function readBack(repository: Repository, id: string, written: Snapshot, signal?: AbortSignal): Promise<void> {
  const stored = decodeSnapshot(openUnpacked(repository, await loadNamed(repository, { type: 'snapshot', name: id }, signal)));
  if (stored.tree !== written.tree) throw damaged(`Snapshot ${id} was not stored as it was written`);
  const [location] = repository.index.lookup('tree', Buffer.from(stored.tree, 'hex'));
  if (location === undefined) throw damaged(`The root folder ${stored.tree} of snapshot ${id} is in no index`);
  const { packId, offset, length, uncompressedLength } = location;
  const sealed = await repository.store.get({ type: 'data', name: packId.toString('hex') }, { offset, length }, signal);
  try {
    await repository.addon.decodeBlob(repository.keys, sealed, uncompressedLength, Buffer.from(stored.tree, 'hex'));
  } catch (error) {
    throw new Failure('DAMAGED', { what: `The root folder of the new snapshot ${id} cannot be read back`, safe: 'The old snapshot was kept', next: 'Run `cyberbackup check`, then try again' }, { cause: error });
  }
}
