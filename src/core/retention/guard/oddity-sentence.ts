/** An oddity as a sentence about its snapshots, which stand before it. */
import type { Oddity, OddityCode } from './oddity.ts';

const idsShown = 8;

const sentences: Readonly<Record<OddityCode, (oddity: Oddity) => string>> = {
  'time-in-future': () => 'has a time in the future',
  'time-before-parent': () => 'is older than the snapshot that it continues',
  'time-after-arrival': () => 'claims to be made after the storage received it',
  'arrived-out-of-order': () => 'arrived long after snapshots of later times',
  'time-before-seen': () => 'is new, but of a time before the newest one seen earlier',
  'too-many-new': ({ endangered = [] }) => `came faster than usual, and would push out ${endangered.length} good snapshot${endangered.length === 1 ? '' : 's'}`,
  'many-files-changed': ({ share = 0, usual = 0 }) => `changed or lost ${percent(share)} of the files at once (until then at most ${percent(usual)})`,
  'data-incompressible': ({ share = 0, usual = 0 }) => `stored new data that does not compress, as encrypted files do not (${percent(share)} left, until then at most ${percent(usual)})`,
};

/** `4c9bdfe4, 811ea0ab: each has a time in the future`. */
export function odditySentence(oddity: Oddity): string {
  const { snapshots } = oddity;
  const named = snapshots.slice(0, idsShown).map((id) => id.slice(0, 8)).join(', ');
  const more = snapshots.length > idsShown ? ` and ${snapshots.length - idsShown} more` : '';
  return `${named}${more}: ${snapshots.length === 1 ? '' : 'each '}${sentences[oddity.code](oddity)}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
