/** Prune while snapshots are odd: what was forgotten may be all that is good, so its data stays until a person has looked. */
import { defaultGroupBy, groupSnapshots } from '../../core/retention/groups.ts';
import { listSnapshots } from '../../core/repository/snapshots.ts';
import type { CliContext } from '../context.ts';
import type { Session } from '../session.ts';
import { frozenFailure, frozenLines, refuseStrangeConfirmations } from './frozen-text.ts';
import { openGuard } from './open-guard.ts';

/** Failure RETENTION_FROZEN, after the reasons are named. `confirm`: codes that a person was shown. */
export async function refuseWhileFrozen(context: CliContext, { repository, signal, locked }: Session, confirm: readonly string[]): Promise<void> {
  const arrivals = new Map<string, number>();
  // A damaged snapshot is the prune's own matter: it refuses.
  const snapshots = await listSnapshots(repository, signal, { tolerateDamage: true, received: arrivals });
  const { guard, file } = openGuard(context, repository, { snapshots, arrivals });
  const groups = groupSnapshots(snapshots, defaultGroupBy).flatMap((group) => {
    const frozen = guard.frozen(group);
    return frozen === undefined ? [] : [{ group, frozen }];
  });
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
