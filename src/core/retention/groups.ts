/** Groups of snapshots: policies are applied to each on its own. The keys are restic's, in its JSON too. */
import type { StoredSnapshot } from '../repository/snapshots.ts';

export interface GroupBy {
  readonly host: boolean;
  readonly paths: boolean;
  readonly tags: boolean;
}

export const defaultGroupBy: GroupBy = { host: true, paths: true, tags: false };

/** What the snapshots of a group have in common; what they were not grouped by is null, or for the host empty. */
export interface GroupKey {
  readonly tags: readonly string[] | null;
  readonly host: string;
  readonly paths: readonly string[] | null;
}

export interface SnapshotGroup {
  readonly key: GroupKey;
  readonly snapshots: readonly StoredSnapshot[];
}

/** In the order of their keys. As in restic, what is grouped by is sorted in the snapshots too. */
export function groupSnapshots(snapshots: readonly StoredSnapshot[], by: GroupBy): SnapshotGroup[] {
  const groups = new Map<string, { key: GroupKey; snapshots: StoredSnapshot[] }>();
  // Snapshots have few different lists: each is sorted once.
  const sorted = new SortedLists();
  for (const stored of snapshots) {
    const own = sortMembers(stored, by, sorted);
    const key = keyOf(own, by);
    const text = groupText(key);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, { key, snapshots: [own] });
    else group.snapshots.push(own);
  }
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

/** The same text for the same key. */
export function groupText({ host, paths, tags }: GroupKey): string {
  return JSON.stringify([host, paths, tags]);
}

/** For people, as restic names a group. */
export function describeGroup({ host, paths, tags }: GroupKey, by: GroupBy): string {
  const parts = [
    by.tags ? `tags [${(tags ?? []).join(', ')}]` : '',
    by.host ? `host ${host}` : '',
    by.paths ? `path [${(paths ?? []).join(', ')}]` : '',
  ].filter((part) => part !== '');
  return parts.join(', ');
}

function keyOf({ snapshot }: StoredSnapshot, by: GroupBy): GroupKey {
  return { tags: by.tags ? (snapshot.tags ?? null) : null, host: by.host ? (snapshot.hostname ?? '') : '', paths: by.paths ? snapshot.paths : null };
}

function sortMembers(stored: StoredSnapshot, by: GroupBy, sorted: SortedLists): StoredSnapshot {
  const { snapshot, id } = stored;
  const tags = by.tags && snapshot.tags !== undefined ? sorted.of(snapshot.tags) : snapshot.tags;
  const paths = by.paths ? sorted.of(snapshot.paths) : snapshot.paths;
  if (tags === snapshot.tags && paths === snapshot.paths) return stored;
  return { id, snapshot: { ...snapshot, ...(tags === undefined ? {} : { tags }), paths } };
}

class SortedLists {
  /** Undefined for a list that is in order. */
  readonly #lists = new Map<string, string[] | undefined>();

  /** By their UTF-8, as Go sorts; UTF-16 puts the characters beyond U+FFFF elsewhere. A list that is in order is handed back. */
  of(texts: string[]): string[] {
    if (texts.length < 2) return texts;
    const key = JSON.stringify(texts);
    if (!this.#lists.has(key)) {
      const sorted = texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      this.#lists.set(key, sorted.every((text, at) => text === texts[at]) ? undefined : sorted);
    }
    return this.#lists.get(key) ?? texts;
  }
}
