/**
 * Changing the tags of a snapshot. A snapshot is never changed in place: a copy with the new tags is stored, then the old
 * file removed.
 *
 * Invariants: the copy is durable and has been read back before the old one goes; `original` names the first of all
 * copies; a change that changes nothing writes nothing.
 */
import type { Repository } from '../repository/repository.ts';
import { loadNamed } from '../repository/named-objects.ts';
import { removeSnapshot, saveSnapshot, type StoredSnapshot } from '../repository/snapshots.ts';

/** Either `set`, or `add` and `remove`. Empty texts are no tags. */
export interface TagChange {
  readonly set: readonly string[];
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** The tags after the change, or undefined where nothing changes. As in restic, setting always counts as a change. */
export function changedTags(tags: readonly string[], { set, add, remove }: TagChange): string[] | undefined {
  if (set.length > 0) return [...set];
  const added = add.filter((tag, at) => !tags.includes(tag) && add.indexOf(tag) === at);
  const changed = [...tags, ...added].filter((tag) => !remove.includes(tag));
  return added.length === 0 && changed.length === tags.length ? undefined : changed;
}

/** Resolves with the id of the new snapshot, or undefined where nothing changed. Needs an exclusive lock that is confirmed. */
export async function changeTags(repository: Repository, { id, snapshot }: StoredSnapshot, change: TagChange, signal?: AbortSignal): Promise<string | undefined> {
  const tags = changedTags(snapshot.tags ?? [], change);
  if (tags === undefined) return undefined;
  const replacement = await saveSnapshot(repository, { ...snapshot, tags, original: snapshot.original ?? id }, signal);
  // From the storage itself, past every cache.
  await loadNamed(repository, { type: 'snapshot', name: replacement }, signal);
  if (replacement !== id) await removeSnapshot(repository, id, signal);
  return replacement;
}

/** `a,b` given several times as one list without empty tags. */
export function flattenTags(lists: readonly string[]): string[] {
  return lists.flatMap((list) => list.split(',')).filter((tag) => tag !== '');
}
