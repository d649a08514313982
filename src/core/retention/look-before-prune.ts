/**
 * What freezes a prune: what was forgotten may be all that is good while snapshots are odd, so its data stays until a person
 * has looked. A prune knows no rules, so no snapshot is one too many for it.
 */
import type { Repository } from '../repository/repository.ts';
import { listSnapshots } from '../repository/snapshots.ts';
import { frozenGroups, type GroupFrozen } from './frozen-groups.ts';
import { defaultGroupBy, groupSnapshots } from './groups.ts';
import { openGuard } from './guard/open-guard.ts';
import type { AllSnapshots } from './load-snapshots.ts';

/** `folder`: that of the configuration. Groups are by host and paths. Failure CONFIGURATION. */
export async function lookBeforePrune(folder: string, repository: Repository, signal: AbortSignal): Promise<{ readonly all: AllSnapshots; readonly groups: readonly GroupFrozen[] }> {
  const arrivals = new Map<string, number>();
  // A damaged snapshot is the prune's own matter: it refuses.
  const snapshots = await listSnapshots(repository, signal, { tolerateDamage: true, received: arrivals });
  const all = { snapshots, arrivals };
  return { all, groups: frozenGroups(groupSnapshots(snapshots, defaultGroupBy), openGuard(folder, repository, all)) };
}
