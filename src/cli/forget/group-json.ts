/** A group of a forget for programs: restic's members, and `frozen` where the guard found oddities. */
import { snapshotJson, type SnapshotJson } from '../../core/repository/snapshot-json.ts';
import type { PlannedGroup } from '../../core/retention/forget.ts';
import type { FrozenGroup } from '../../core/retention/guard/oddity.ts';

export interface GroupJson {
  readonly tags: readonly string[] | null;
  readonly host: string;
  readonly paths: readonly string[] | null;
  readonly keep: readonly SnapshotJson[] | null;
  readonly remove: readonly SnapshotJson[] | null;
  readonly reasons: readonly { readonly snapshot: SnapshotJson; readonly matches: readonly string[] }[] | null;
  readonly frozen?: Omit<FrozenGroup, 'key'>;
}

/** `stays`: the group is frozen, and nothing of it goes. */
export function groupJson({ group, keep, remove, frozen }: PlannedGroup, stays: boolean): GroupJson {
  const kept = stays ? group.snapshots.toReversed() : keep.map(({ item }) => item);
  return {
    ...group.key,
    keep: orNull(kept.map(snapshotJson)),
    remove: stays ? null : orNull(remove.map(snapshotJson)),
    reasons: orNull(keep.map(({ item, reasons }) => ({ snapshot: snapshotJson(item), matches: reasons }))),
    ...(frozen === undefined ? {} : { frozen: { oddities: frozen.oddities, confirmation: frozen.confirmation } }),
  };
}

/** restic writes no empty lists here. */
function orNull<Item>(list: readonly Item[]): readonly Item[] | null {
  return list.length === 0 ? null : list;
}
