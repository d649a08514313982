/** What a person reads about a frozen group: what is odd, what is safe, and how to go on. */
import { describeGroup, type GroupBy } from '../../core/retention/groups.ts';
import { odditySentence } from '../../core/retention/guard/oddity-sentence.ts';
import type { FrozenGroup } from '../../core/retention/guard/oddity.ts';
import { Failure } from '../../shared/errors.ts';
import { visibleText } from '../output/visible-text.ts';

export function frozenLines({ key, oddities }: FrozenGroup, by: GroupBy): string[] {
  const name = describeGroup(key, by);
  return [
    `Odd snapshots${name === '' ? '' : ` of ${visibleText(name)}`}; its snapshots are frozen until you have looked:`,
    ...oddities.map((oddity) => `  ${odditySentence(oddity)}`),
  ];
}

/** A group that a command leaves alone. */
export interface LeftGroup {
  readonly frozen?: FrozenGroup;
}

/** After everything else is done. `what`: what did not happen to these groups. */
export function frozenFailure(groups: readonly LeftGroup[], what: 'forgotten' | 'pruned'): Failure {
  const codes = groups.flatMap(({ frozen }) => (frozen === undefined ? [] : [`--confirm ${frozen.confirmation}`]));
  const [one, those] = groups.length === 1 ? ['A group of snapshots has', 'that group'] : [`${groups.length} groups of snapshots have`, 'those groups'];
  return new Failure('RETENTION_FROZEN', {
    what: `${one} odd snapshots, named above; somebody may have forged them or spoilt your files`,
    safe: what === 'forgotten' ? `No snapshot of ${those} was removed, and nothing was pruned` : 'Nothing was pruned',
    next: `Look at them with \`cyberbackup ls ID\`; remove what is not yours with \`cyberbackup forget ID\`; if all is yours, run the same command with ${codes.join(' ')}`,
  });
}

/** A confirmation is for what was seen: if that has changed since, nothing is done with it. */
export function refuseStrangeConfirmations(groups: readonly LeftGroup[], confirm: readonly string[]): void {
  const known = new Set(groups.map(({ frozen }) => frozen?.confirmation));
  const strange = confirm.filter((code) => !known.has(code));
  if (strange.length === 0) return;
  throw new Failure('RETENTION_FROZEN', {
    what: `${strange.join(', ')} confirms nothing that is odd now: the snapshots have changed since it was shown, or were confirmed already`,
    safe: 'Nothing was removed',
    next: 'Run the command without --confirm to see what is odd',
  });
}
