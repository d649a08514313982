/**
 * What is kept: the rules, each of which may keep a snapshot on its own account.
 *
 * Vocabulary: a *counting* rule keeps the newest of each hour, day and so on until its number is used up; a *within* rule
 * does so back to a distance from the newest snapshot. Names, order and sentences are restic's.
 */
import { formatDuration, isZero, type Duration } from './duration.ts';

export const countingRules = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type CountingRule = (typeof countingRules)[number];
export const withinRules = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type WithinRule = (typeof withinRules)[number];

export const unlimited = -1;

export interface RetentionPolicy {
  /** Numbers from 1 on, or `unlimited`. */
  readonly counts: Readonly<Partial<Record<CountingRule, number>>>;
  readonly within?: Duration;
  readonly withinEach: Readonly<Partial<Record<WithinRule, Duration>>>;
  /** A snapshot with all tags of one list is kept; the empty list means snapshots without tags. */
  readonly tags: readonly (readonly string[])[];
}

export const emptyPolicy: RetentionPolicy = { counts: {}, withinEach: {}, tags: [] };

/** Without any rule: everything would go. */
export function isEmptyPolicy({ counts, within, withinEach, tags }: RetentionPolicy): boolean {
  return tags.length === 0 && countingRules.every((rule) => (counts[rule] ?? 0) === 0) && isNone(within) && withinRules.every((rule) => isNone(withinEach[rule]));
}

function isNone(duration: Duration | undefined): boolean {
  return duration === undefined || isZero(duration);
}

/** What restic prints after "Applying Policy: ". */
export function describePolicy(policy: RetentionPolicy): string {
  const counted = countingRules.flatMap((rule) => {
    const count = policy.counts[rule] ?? 0;
    return count === 0 ? [] : [`${count === unlimited ? 'all' : count} ${rule === 'last' ? 'latest' : rule}`];
  });
  const within = withinRules.flatMap((rule) => {
    const duration = policy.withinEach[rule];
    return duration === undefined || isZero(duration) ? [] : [`${rule} snapshots within ${formatDuration(duration)}`];
  });
  const listed = [...(counted.length === 0 ? [] : [`${counted.join(', ')} snapshots`]), ...within].join(', ');
  const parts = [
    listed,
    policy.tags.length === 0 ? '' : `all snapshots with tags [${policy.tags.map(tagListText).join(' ')}]`,
    policy.within === undefined || isZero(policy.within) ? '' : `all snapshots within ${formatDuration(policy.within)} of the newest`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'remove' : `keep ${parts.join(' and ')}`;
}

export function tagListText(tags: readonly string[]): string {
  return `[${tags.join(', ')}]`;
}
