/**
 * What the guard finds odd in a repository (decision 14), looked at as a prune would and as each given policy would: only a
 * policy can have good snapshots pushed out.
 *
 * Reading only: what was seen is remembered by forgets, and by a confirmation.
 */
import { frozenGroups, type GroupFrozen } from '../../core/retention/frozen-groups.ts';
import { defaultGroupBy, describeGroup, groupSnapshots, groupText, type GroupBy } from '../../core/retention/groups.ts';
import type { Guard } from '../../core/retention/guard/guard.ts';
import { odditySentence } from '../../core/retention/guard/oddity-sentence.ts';
import { groupByOf, policyOf, selectSnapshots } from '../../core/retention/scope.ts';
import type { StoredSnapshot } from '../../core/repository/snapshots.ts';
import type { RetentionFreeze, RetentionScope } from '../../shared/contract/schemas/retention.ts';

export interface FoundFreeze extends GroupFrozen {
  readonly by: GroupBy;
}

/** `snapshots`: all of the repository, by time ascending. Of a group that is found several times, the look that found most. */
export function findFreezes(snapshots: readonly StoredSnapshot[], guard: Guard, scopes: readonly RetentionScope[]): FoundFreeze[] {
  const found = new Map<string, FoundFreeze>();
  const note = (groups: readonly GroupFrozen[], by: GroupBy): void => {
    for (const one of groups) {
      const key = groupText(one.group.key);
      const before = found.get(key);
      if (before === undefined || before.frozen.oddities.length < one.frozen.oddities.length) found.set(key, { ...one, by });
    }
  };
  note(frozenGroups(groupSnapshots(snapshots, defaultGroupBy), guard), defaultGroupBy);
  for (const { selection, policy, group_by } of scopes) {
    const by = groupByOf(group_by);
    note(frozenGroups(groupSnapshots(selectSnapshots(snapshots, selection), by), guard, policyOf(policy)), by);
  }
  return [...found.values()];
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
