/** Groups in which the guard finds oddities. */
import type { Guard } from './guard/guard.ts';
import type { FrozenGroup } from './guard/oddity.ts';
import type { SnapshotGroup } from './groups.ts';
import type { RetentionPolicy } from './policy.ts';

export interface GroupFrozen {
  readonly group: SnapshotGroup;
  readonly frozen: FrozenGroup;
}

/** Without a policy nothing can be pushed out: then nothing is too many. */
export function frozenGroups(groups: readonly SnapshotGroup[], guard: Guard, policy?: RetentionPolicy): GroupFrozen[] {
  return groups.flatMap((group) => {
    const frozen = guard.frozen(group, policy);
    return frozen === undefined ? [] : [{ group, frozen }];
  });
}
