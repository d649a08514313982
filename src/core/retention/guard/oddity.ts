/**
 * What is odd about snapshots, as plain data: events, alerts and sentences are made of it elsewhere.
 *
 * Vocabulary: an *oddity* is one reason to believe that snapshots of a group may be forged or made of spoilt files. It
 * *freezes* the group: no policy removes anything of it until a person has looked and confirmed.
 */
import type { GroupKey } from '../groups.ts';

export const oddityCodes = [
  /** The time is ahead of this machine's clock. */
  'time-in-future',
  /** The time is before that of the snapshot it was compared with. */
  'time-before-parent',
  /** The time is after the storage received the snapshot. */
  'time-after-arrival',
  /** Snapshots of later times had arrived long before. */
  'arrived-out-of-order',
  /** New, but of a time before the newest that was seen earlier. */
  'time-before-seen',
  /** Far more new snapshots than the rhythm until now explains, and good ones would go for them. */
  'too-many-new',
  /** Suddenly a large part of the files is changed or gone. */
  'many-files-changed',
  /** Suddenly the new data does not shrink, as encrypted data does not. */
  'data-incompressible',
] as const;
export type OddityCode = (typeof oddityCodes)[number];

export interface Oddity {
  readonly code: OddityCode;
  /** Full ids of the snapshots that are odd, by time. */
  readonly snapshots: readonly string[];
  /** Of `too-many-new`: full ids of the snapshots that would go for them. */
  readonly endangered?: readonly string[];
  /** Of the last two: the largest share found, and the largest before it, from 0 to 1. */
  readonly share?: number;
  readonly usual?: number;
}

export interface FrozenGroup {
  readonly key: GroupKey;
  readonly oddities: readonly Oddity[];
  /** What confirms exactly these oddities of these snapshots: 8 hex digits. */
  readonly confirmation: string;
}
