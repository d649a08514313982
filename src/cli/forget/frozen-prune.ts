/** Prune while snapshots are odd. */
import { defaultGroupBy } from '../../core/retention/groups.ts';
import { withGuard } from '../../core/retention/guard/open-guard.ts';
import { lookBeforePrune } from '../../core/retention/look-before-prune.ts';
import type { CliContext } from '../context.ts';
import type { Session } from '../session.ts';
import { frozenFailure, frozenLines, refuseStrangeConfirmations } from './frozen-text.ts';

/** Failure RETENTION_FROZEN, after the reasons are named. `confirm`: codes that a person was shown. */
export async function refuseWhileFrozen(context: CliContext, { repository, signal, locked }: Session, confirm: readonly string[]): Promise<void> {
  const { configuration } = context.home;
  const { all, groups } = await lookBeforePrune(configuration, repository, signal);
  refuseStrangeConfirmations(groups, confirm);
  const left = groups.filter(({ frozen }) => !confirm.includes(frozen.confirmation));
  if (left.length > 0) {
    for (const { frozen } of left) for (const line of frozenLines(frozen, defaultGroupBy)) context.terminal.message(line);
    throw frozenFailure(left, 'pruned');
  }
  if (groups.length === 0) return;
  await locked;
  await withGuard(configuration, repository, all, async (_guard, remember) => remember(groups.map(({ group, frozen }) => ({ group, confirmed: frozen }))), signal);
}
