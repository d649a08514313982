/** A snapshot as programs get it: as stored, with its id; the names are restic's. */
import type { Snapshot, StoredSnapshot } from './snapshots.ts';

export type SnapshotJson = Snapshot & { readonly id: string; readonly short_id: string };

export function snapshotJson({ id, snapshot }: StoredSnapshot): SnapshotJson {
  return { ...snapshot, id, short_id: id.slice(0, 8) };
}
