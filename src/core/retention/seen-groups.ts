/**
 * What a forget may remember as seen: the groups that it was applied to, and where those are parts of a group by host and
 * paths, the rest of it. Otherwise the snapshots that it passed over, as those of the same folders with other tags, would look as
 * if they had come later with earlier times.
 *
 * Invariants: nothing is remembered beside a group that is frozen, nor of a whole that is odd in more than what was just
 * confirmed; and of what was passed over nothing that may be a flood, whichever policy ran: it is counted by the policy that
 * is meant for it, and not before.
 */
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { defaultGroupBy, groupSnapshots, type SnapshotGroup } from './groups.ts';
import type { Guard } from './guard/guard.ts';
import type { RetentionPolicy } from './policy.ts';

export interface LookedAt {
  /** That the forget is applied to, oddities confirmed or without any. */
  readonly free: readonly SnapshotGroup[];
  /** That it leaves alone. */
  readonly frozen: readonly SnapshotGroup[];
  /** Ids of snapshots in oddities that a person has confirmed for this very forget. */
  readonly confirmed?: readonly string[];
}

/** `snapshots`: all of the repository. */
export function seenGroups(snapshots: readonly StoredSnapshot[], { free, frozen, confirmed = [] }: LookedAt, guard: Guard, policy: RetentionPolicy): SnapshotGroup[] {
  const [looked, left, known] = [idsOf(free), idsOf(frozen), new Set(confirmed)];
  if (looked.size === snapshots.length) return [...free];
  const isPart = (group: SnapshotGroup): boolean => group.snapshots.some(({ id }) => looked.has(id)) && !group.snapshots.every(({ id }) => looked.has(id));
  const isSound = (group: SnapshotGroup): boolean =>
    !group.snapshots.some(({ id }) => left.has(id)) && (guard.frozen(group, policy)?.oddities ?? []).every((oddity) => oddity.snapshots.every((id) => known.has(id)));
  const wholes = groupSnapshots(snapshots, defaultGroupBy).filter((group) => isPart(group) && isSound(group));
  const passedOver = groupSnapshots(wholes.flatMap((group) => group.snapshots), { host: true, paths: true, tags: true }).filter((lineage) => !guard.isFlooded(lineage));
  return [...free, ...passedOver];
}

function idsOf(groups: readonly SnapshotGroup[]): Set<string> {
  return new Set(groups.flatMap((group) => group.snapshots.map(({ id }) => id)));
}
