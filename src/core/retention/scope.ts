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
  const wanted = likenessOf(snapshots, selection.snapshot_id);
  return wanted === undefined ? [] : snapshots.filter((one) => likeness(one) === wanted);
}

/**
 * Each scope once, the last of those that mean the same: the backups of a plan bring one each, that differ in the snapshot
 * that others are to be like. One whose snapshot is gone means nothing any more. `snapshots`: all of the repository.
 */
export function distinctScopes(scopes: readonly RetentionScope[], snapshots: readonly StoredSnapshot[]): RetentionScope[] {
  const distinct = new Map<string, RetentionScope>();
  for (const scope of scopes) {
    const { selection, policy, group_by } = scope;
    const like = selection.by === 'like' ? likenessOf(snapshots, selection.snapshot_id) : selection;
    if (like === undefined) continue;
    const key = JSON.stringify([like, Object.entries(policy).toSorted(([a], [b]) => (a < b ? -1 : 1)), group_by.toSorted()]);
    distinct.delete(key);
    distinct.set(key, scope);
  }
  return [...distinct.values()];
}

function likenessOf(snapshots: readonly StoredSnapshot[], id: string): string | undefined {
  // A pin or another tag may have given it a new id meanwhile.
  const model = snapshots.find((one) => one.id === id) ?? snapshots.find(({ snapshot }) => snapshot.original === id);
  return model === undefined ? undefined : likeness(model);
}

function likeness({ snapshot: { hostname = '', paths, tags = [] } }: StoredSnapshot): string {
  return JSON.stringify([hostname, paths.toSorted(), tags.filter((tag) => tag !== pinTag).toSorted()]);
}
