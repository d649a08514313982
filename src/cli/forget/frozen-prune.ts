/** Prune while snapshots are odd: what was forgotten may be all that is good, so its data stays until a person has looked. */
import { frozenGroups } from '../../core/retention/frozen-groups.ts';
import { defaultGroupBy, groupSnapshots } from '../../core/retention/groups.ts';
import { openGuard } from '../../core/retention/guard/open-guard.ts';
import { listSnapshots } from '../../core/repository/snapshots.ts';
import type { CliContext } from '../context.ts';
import type { Session } from '../session.ts';
import { frozenFailure, frozenLines, refuseStrangeConfirmations } from './frozen-text.ts';

/** Failure RETENTION_FROZEN, after the reasons are named. `confirm`: codes that a person was shown. */
export async function refuseWhileFrozen(context: CliContext, { repository, signal, locked }: Session, confirm: readonly string[]): Promise<void> {
  const arrivals = new Map<string, number>();
  // A damaged snapshot is the prune's own matter: it refuses.
  const snapshots = await listSnapshots(repository, signal, { tolerateDamage: true, received: arrivals });
  const { guard, file } = openGuard(context.home.configuration, repository, { snapshots, arrivals });
  const groups = frozenGroups(groupSnapshots(snapshots, defaultGroupBy), guard);
  refuseStrangeConfirmations(groups, confirm);
  const left = groups.filter(({ frozen }) => !confirm.includes(frozen.confirmation));
  if (left.length > 0) {
    for (const { frozen } of left) for (const line of frozenLines(frozen, defaultGroupBy)) context.terminal.message(line);
    throw frozenFailure(left, 'pruned');
  }
  if (groups.length === 0) return;
  await locked;
  file.write(guard.remembered(groups.map(({ group, frozen }) => ({ group, confirmed: frozen }))));
}
