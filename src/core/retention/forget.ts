/**
 * Forgetting snapshots: what a policy or a person removes.
 *
 * Vocabulary: a *plan* says for every group what stays and what goes; nothing is removed by making one. The data of
 * forgotten snapshots stays until a prune.
 *
 * Invariants: a plan is made of all snapshots or not at all; a frozen group loses nothing; a pinned snapshot is never in
 * what goes; no group loses its last snapshot unless that is asked for. Removing needs an exclusive lock.
 */
import { Failure } from '../../shared/errors.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { applyPolicy, type Kept } from './apply-policy.ts';
import { describeGroup, groupSnapshots, type GroupBy, type SnapshotGroup } from './groups.ts';
import type { Guard } from './guard/guard.ts';
import type { FrozenGroup } from './guard/oddity.ts';
import { isPinned } from './pins.ts';
import { isEmptyPolicy, type RetentionPolicy } from './policy.ts';

export interface PlannedGroup {
  readonly group: SnapshotGroup;
  /** Newest first, as is `remove`. */
  readonly keep: readonly Kept<StoredSnapshot>[];
  readonly remove: readonly StoredSnapshot[];
  /** Set where the guard found oddities: then `remove` is what would go after they are confirmed. */
  readonly frozen?: FrozenGroup;
}

export interface ForgetRules {
  readonly policy: RetentionPolicy;
  readonly groupBy: GroupBy;
  /** Without it no group may lose its last snapshot. */
  readonly allowRemoveAll: boolean;
}

/** `snapshots`: those that the policy is applied to. `now`: milliseconds since the epoch. Failure RETENTION_REFUSED. */
export function planForget(snapshots: readonly StoredSnapshot[], { policy, groupBy, allowRemoveAll }: ForgetRules, guard: Guard, now: number): PlannedGroup[] {
  if (isEmptyPolicy(policy) && !allowRemoveAll) {
    throw new Failure('RETENTION_REFUSED', { what: 'No policy was specified, no snapshots will be removed', safe: 'Nothing was changed', next: 'Say what is kept, as in --keep-daily 7 --keep-weekly 4, or name snapshots by their ids' });
  }
  return groupSnapshots(snapshots, groupBy).map((group) => {
    const { keep, remove } = applyPolicy(group.snapshots, policy, now);
    if (keep.length === 0 && !allowRemoveAll) {
      throw new Failure('RETENTION_REFUSED', {
        what: `Refusing to delete the last snapshot of the snapshot group "${describeGroup(group.key, groupBy)}"`,
        safe: 'No snapshot was removed',
        next: 'Keep one with --keep-last 1, or allow it with --unsafe-allow-remove-all',
      });
    }
    const frozen = guard.frozen(group, policy);
    return { group, keep, remove, ...(frozen === undefined ? {} : { frozen }) };
  });
}

/** Failure SNAPSHOT_PINNED, which names each. */
export function refusePinned(snapshots: readonly StoredSnapshot[]): void {
  const pinned = snapshots.filter(({ snapshot }) => isPinned(snapshot)).map(({ id }) => id.slice(0, 8));
  if (pinned.length === 0) return;
  throw new Failure('SNAPSHOT_PINNED', {
    what: `${pinned.length === 1 ? `Snapshot ${pinned[0]} is` : `Snapshots ${pinned.join(', ')} are`} pinned`,
    safe: 'No snapshot was removed',
    next: `If ${pinned.length === 1 ? 'it' : 'they'} may go, run \`cyberbackup unpin ${pinned.join(' ')}\` first, then forget the new ${pinned.length === 1 ? 'id' : 'ids'} that it prints`,
  });
}
