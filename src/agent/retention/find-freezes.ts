/**
 * What the guard finds odd in a repository (decision 14), looked at as a prune would and as each given policy would: only a
 * policy can have good snapshots pushed out.
 *
 * Invariant: one freeze a key of a group, with everything that any look found in snapshots of that key; so nobody confirms,
 * with what was shown of them, something that was not.
 *
 * Reading only: what was seen is remembered by forgets, and by a confirmation.
 */
import { frozenGroups, type GroupFrozen } from '../../core/retention/frozen-groups.ts';
import { defaultGroupBy, describeGroup, groupSnapshots, groupText, type GroupBy, type SnapshotGroup } from '../../core/retention/groups.ts';
import { unitedFrozen } from '../../core/retention/guard/frozen-group.ts';
import type { Guard } from '../../core/retention/guard/guard.ts';
import { odditySentence } from '../../core/retention/guard/oddity-sentence.ts';
import type { FrozenGroup } from '../../core/retention/guard/oddity.ts';
import { groupByOf, policyOf, selectSnapshots } from '../../core/retention/scope.ts';
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import type { RetentionFreeze, RetentionScope } from '../../shared/contract/schemas/retention.ts';

export interface FoundFreeze extends GroupFrozen {
  readonly by: GroupBy;
}

/** `snapshots`: all of the repository, by time ascending. */
export function findFreezes(snapshots: readonly StoredSnapshot[], guard: Guard, scopes: readonly RetentionScope[]): FoundFreeze[] {
  const found = new Map<string, FoundFreeze>();
  const note = (groups: readonly GroupFrozen[], by: GroupBy): void => {
    for (const one of groups) {
      const key = groupText(one.group.key);
      const before = found.get(key);
      found.set(key, before === undefined ? { ...one, by } : united(before, one, snapshots));
    }
  };
  note(frozenGroups(groupSnapshots(snapshots, defaultGroupBy), guard), defaultGroupBy);
  for (const { selection, policy, group_by } of scopes) {
    const by = groupByOf(group_by);
    note(frozenGroups(groupSnapshots(selectSnapshots(snapshots, selection), by), guard, policyOf(policy)), by);
  }
  return [...found.values()];
}

/** What was found first keeps its name. */
function united({ group, frozen, by }: FoundFreeze, other: GroupFrozen, snapshots: readonly StoredSnapshot[]): FoundFreeze {
  const ids = new Set([...group.snapshots, ...other.group.snapshots].map(({ id }) => id));
  const all = snapshots.filter(({ id }) => ids.has(id));
  return { by, group: { key: group.key, snapshots: all }, frozen: unitedFrozen(frozen, other.frozen, all.map(({ id }) => id)) };
}

/**
 * What a confirmation lets be remembered: the group, or only the odd snapshots that were shown of it, where another freeze
 * finds some of the group odd that were not among them.
 */
export function confirmedGroup({ group, frozen }: FoundFreeze, found: readonly FoundFreeze[]): SnapshotGroup {
  const odd = (one: FrozenGroup): string[] => one.oddities.flatMap(({ snapshots }) => snapshots);
  const shown = new Set(odd(frozen));
  const others = new Set(found.flatMap((other) => (other.frozen === frozen ? [] : odd(other.frozen))).filter((id) => !shown.has(id)));
  if (!group.snapshots.some(({ id }) => others.has(id))) return group;
  return { key: group.key, snapshots: group.snapshots.filter(({ id }) => shown.has(id)) };
}

/** `since`: milliseconds since the epoch. */
export function shownFreeze({ group: { key }, frozen, by }: FoundFreeze, since: number): RetentionFreeze {
  return { group: shownKey(key), name: describeGroup(key, by), since: new Date(since).toISOString(), ...shownFrozen(frozen) };
}

export function shownKey({ host, paths, tags }: GroupFrozen['group']['key']): RetentionFreeze['group'] {
  return { host, paths: paths === null ? null : [...paths], tags: tags === null ? null : [...tags] };
}

export function shownFrozen({ oddities, confirmation }: GroupFrozen['frozen']): Pick<RetentionFreeze, 'oddities' | 'confirmation'> {
  return {
    confirmation,
    oddities: oddities.map((oddity) => ({ ...oddity, snapshots: [...oddity.snapshots], ...(oddity.endangered === undefined ? {} : { endangered: [...oddity.endangered] }), sentence: odditySentence(oddity) })) as RetentionFreeze['oddities'],
  };
}
