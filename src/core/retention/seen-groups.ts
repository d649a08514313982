/**
 * What a forget may remember as seen: the groups that it was applied to, and where those are parts of a group by host and
 * paths, all of it. Otherwise the snapshots that it passed over, as those of the same folders with other tags, would look as
 * if they had come later with earlier times.
 */
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { defaultGroupBy, groupSnapshots, type SnapshotGroup } from './groups.ts';
import type { Guard } from './guard/guard.ts';
import type { RetentionPolicy } from './policy.ts';

/** `snapshots`: all of the repository. A group that as a whole is odd under the policy is not among the results. */
export function seenGroups(snapshots: readonly StoredSnapshot[], looked: readonly SnapshotGroup[], guard: Guard, policy: RetentionPolicy): SnapshotGroup[] {
  const ids = new Set(looked.flatMap((group) => group.snapshots.map(({ id }) => id)));
  const isPart = (group: SnapshotGroup): boolean => group.snapshots.some(({ id }) => ids.has(id)) && !group.snapshots.every(({ id }) => ids.has(id));
  const wholes = groupSnapshots(snapshots, defaultGroupBy).filter((group) => isPart(group) && guard.frozen(group, policy) === undefined);
  return [...looked, ...wholes];
}
