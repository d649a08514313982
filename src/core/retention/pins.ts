/**
 * Pins: snapshots that no rule and no id makes go (decision 14).
 *
 * A pin is a tag, so that it travels with the repository, and restic's users protect the same snapshots with
 * `--keep-tag pinned`.
 */
import type { Snapshot } from '../repository/snapshots.ts';

export const pinTag = 'pinned';

export function isPinned({ tags = [] }: Pick<Snapshot, 'tags'>): boolean {
  return tags.includes(pinTag);
}
