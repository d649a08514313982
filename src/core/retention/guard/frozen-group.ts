/**
 * What the guard found odd in a group as one thing that a person is shown and confirms.
 *
 * Invariant: a confirmation stands for these reasons of these snapshots, in whatever order they were found: it differs as
 * soon as another snapshot or another reason comes in.
 */
import { createHash } from 'node:crypto';
import { groupText, type GroupKey } from '../groups.ts';
import type { FrozenGroup, Oddity } from './oddity.ts';

export function frozenGroup(key: GroupKey, oddities: readonly Oddity[]): FrozenGroup {
  const facts = oddities.map(({ code, snapshots }) => JSON.stringify([code, ...snapshots.toSorted()])).toSorted();
  return { key, oddities, confirmation: createHash('sha256').update(JSON.stringify([groupText(key), facts])).digest('hex').slice(0, 8) };
}

/** What two looks at snapshots of one key found: every reason once, with the snapshots of both. `ids`: of all of them, by time. */
export function unitedFrozen(one: FrozenGroup, other: FrozenGroup, ids: readonly string[]): FrozenGroup {
  const all = [...one.oddities, ...other.oddities];
  const united = (code: string): Oddity[] => {
    const same = all.filter((oddity) => oddity.code === code);
    const among = (lists: readonly (readonly string[])[]): string[] => ids.filter((id) => lists.some((list) => list.includes(id)));
    const endangered = same.flatMap((oddity) => (oddity.endangered === undefined ? [] : [oddity.endangered]));
    // Of shares the worst is told.
    return same.toSorted((a, b) => (b.share ?? 0) - (a.share ?? 0)).slice(0, 1).map((worst) => ({ ...worst, snapshots: among(same.map(({ snapshots }) => snapshots)), ...(endangered.length === 0 ? {} : { endangered: among(endangered) }) }));
  };
  return frozenGroup(one.key, [...new Set(all.map(({ code }) => code))].flatMap(united));
}
