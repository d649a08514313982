/**
 * Whether a snapshot was copied to a repository before, by restic's rule: a snapshot there stands for the same original
 * and says the same about everything but its parent.
 */
import type { Snapshot, StoredSnapshot } from '../repository/snapshots.ts';
import { parseTime } from '../repository/times.ts';

export class CopiedSnapshots {
  readonly #byOriginal = new Map<string, StoredSnapshot[]>();

  /** `present`: the snapshots of the repository that is copied to. */
  constructor(present: readonly StoredSnapshot[]) {
    for (const stored of present) this.add(stored);
  }

  add(stored: StoredSnapshot): void {
    // Of the same repository, or of the one that this was copied from.
    for (const original of new Set([stored.id, stored.snapshot.original ?? stored.id])) {
      this.#byOriginal.set(original, [...(this.#byOriginal.get(original) ?? []), stored]);
    }
  }

  /** The snapshot that is a copy of this one, if there is any. */
  copyOf({ id, snapshot }: StoredSnapshot): StoredSnapshot | undefined {
    return this.#byOriginal.get(snapshot.original ?? id)?.find((candidate) => isSimilar(candidate.snapshot, snapshot));
  }
}

function isSimilar(a: Snapshot, b: Snapshot): boolean {
  return (
    parseTime(a.time) === parseTime(b.time) &&
    a.tree === b.tree &&
    (a.hostname ?? '') === (b.hostname ?? '') &&
    (a.username ?? '') === (b.username ?? '') &&
    (a.uid ?? 0) === (b.uid ?? 0) &&
    (a.gid ?? 0) === (b.gid ?? 0) &&
    isSameSet(a.paths, b.paths) &&
    isSameSet(a.tags ?? [], b.tags ?? []) &&
    JSON.stringify(a.excludes ?? []) === JSON.stringify(b.excludes ?? [])
  );
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && b.every((item) => a.includes(item));
}
