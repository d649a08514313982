/** What a person reads about a frozen group: what is odd, what is safe, and how to go on. */
import { describeGroup, type GroupBy } from '../../core/retention/groups.ts';
import type { FrozenGroup, Oddity, OddityCode } from '../../core/retention/guard/oddity.ts';
import { Failure } from '../../shared/errors.ts';
import { formatCounted, shortId } from '../output/format.ts';
import { visibleText } from '../output/visible-text.ts';

const idsShown = 8;

const sentences: Readonly<Record<OddityCode, (oddity: Oddity) => string>> = {
  'time-in-future': () => 'has a time in the future',
  'time-before-parent': () => 'is older than the snapshot that it continues',
  'time-after-arrival': () => 'claims to be made after the storage received it',
  'arrived-out-of-order': () => 'arrived long after snapshots of later times',
  'time-before-seen': () => 'is new, but of a time before the newest one seen earlier',
  'too-many-new': ({ endangered = [] }) => `came faster than usual, and would push out ${formatCounted(endangered.length, 'good snapshot')}`,
  'many-files-changed': ({ share = 0, usual = 0 }) => `changed or lost ${percent(share)} of the files at once (until then at most ${percent(usual)})`,
  'data-incompressible': ({ share = 0, usual = 0 }) => `stored new data that does not compress, as encrypted files do not (${percent(share)} left, until then at most ${percent(usual)})`,
};

export function frozenLines({ key, oddities }: FrozenGroup, by: GroupBy): string[] {
  const name = describeGroup(key, by);
  return [
    `Odd snapshots${name === '' ? '' : ` of ${visibleText(name)}`}; its snapshots are frozen until you have looked:`,
    ...oddities.map((oddity) => `  ${oddity.snapshots.slice(0, idsShown).map(shortId).join(', ')}${oddity.snapshots.length > idsShown ? ` and ${oddity.snapshots.length - idsShown} more` : ''}: ${oddity.snapshots.length === 1 ? '' : 'each '}${sentences[oddity.code](oddity)}`),
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

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
