/** A policy with what it is applied to, as jobs and operations give it, in the terms of this folder. */
import type { GroupByFields, RetentionPolicyFields, RetentionScope, RetentionSelection } from '../../shared/contract/schemas/retention.ts';
import type { StoredSnapshot } from '../repository/snapshots.ts';
import { parseDuration, type Duration } from './duration.ts';
import type { ForgetRules } from './forget.ts';
import type { GroupBy } from './groups.ts';
import { pinTag } from './pins.ts';
import { countingRules, withinRules, type RetentionPolicy } from './policy.ts';
import { chooseSnapshots } from './select.ts';

/** No group may lose its last snapshot. */
export function rulesOf({ policy, group_by }: RetentionScope): ForgetRules {
  return { policy: policyOf(policy), groupBy: groupByOf(group_by), allowRemoveAll: false };
}

export function policyOf(fields: RetentionPolicyFields): RetentionPolicy {
  const counts = countingRules.flatMap((rule) => {
    const count = fields[`keep_${rule}`] ?? 0;
    return count === 0 ? [] : [[rule, count] as const];
  });
  const each = withinRules.flatMap((rule) => {
    const text = fields[`keep_within_${rule}`];
    return text === undefined ? [] : [[rule, parseDuration(text)] as const satisfies readonly [string, Duration]];
  });
  return {
    counts: Object.fromEntries(counts),
    ...(fields.keep_within === undefined ? {} : { within: parseDuration(fields.keep_within) }),
    withinEach: Object.fromEntries(each),
    tags: (fields.keep_tags ?? []).map((list) => list.split(',').filter((tag) => tag !== '')),
  };
}

export function groupByOf(fields: GroupByFields): GroupBy {
  return { host: fields.includes('host'), paths: fields.includes('paths'), tags: fields.includes('tags') };
}

/** `snapshots`: all of the repository, by time ascending. Empty where the snapshot that others are to be like is gone. */
export function selectSnapshots(snapshots: readonly StoredSnapshot[], selection: RetentionSelection): readonly StoredSnapshot[] {
  if (selection.by === 'filter') {
    const { hosts, tags, paths } = selection;
    return chooseSnapshots(snapshots, { ids: [], filter: { hostnames: hosts, tags, paths } }).snapshots;
  }
  // A pin or another tag may have given it a new id meanwhile.
  const model = snapshots.find(({ id }) => id === selection.snapshot_id) ?? snapshots.find(({ snapshot }) => snapshot.original === selection.snapshot_id);
  if (model === undefined) return [];
  const wanted = likeness(model);
  return snapshots.filter((one) => likeness(one) === wanted);
}

function likeness({ snapshot: { hostname = '', paths, tags = [] } }: StoredSnapshot): string {
  return JSON.stringify([hostname, paths.toSorted(), tags.filter((tag) => tag !== pinTag).toSorted()]);
}
