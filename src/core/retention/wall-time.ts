/**
 * The time of a snapshot as its clock showed it. Rules divide time into hours, days, weeks, months and years of the zone
 * that stands in the snapshot, wherever the program runs: that is how restic divides it.
 */
import { parseTime } from '../repository/times.ts';

export interface WallTime {
  /** Nanoseconds since the epoch. */
  readonly instant: bigint;
  /** Seconds east of UTC. */
  readonly offset: number;
}

const millisecondsPerDay = 86_400_000;

/** `text`: a time that a snapshot holds, so a valid one. */
export function wallTime(text: string): WallTime {
  const zone = /([+-])(\d\d):(\d\d)$/.exec(text);
  const seconds = zone === null ? 0 : Number(zone[2]) * 3600 + Number(zone[3]) * 60;
  return { instant: parseTime(text) ?? 0n, offset: zone?.[1] === '-' ? -seconds : seconds };
}

/** Whether this machine's zone had this distance from UTC at that time. Written as Z it never counts as such. */
export function isLocalZone(milliseconds: number, offset: number): boolean {
  return offset !== 0 && new Date(milliseconds).getTimezoneOffset() * -60 === offset;
}

export type Bucket = (time: WallTime) => number;

function shown({ instant, offset }: WallTime): Date {
  return new Date(Number(instant / 1_000_000_000n) * 1000 + offset * 1000);
}

export const year: Bucket = (time) => shown(time).getUTCFullYear();
export const month: Bucket = (time) => monthOf(shown(time));
export const day: Bucket = (time) => dayOf(shown(time));
export const hour: Bucket = (time) => {
  const date = shown(time);
  return dayOf(date) * 100 + date.getUTCHours();
};

/** Weeks of ISO 8601: from Monday, and each belongs to the year of its Thursday. */
export const week: Bucket = (time) => {
  const date = shown(time);
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * millisecondsPerDay);
  const firstOfJanuary = new Date(0).setUTCFullYear(thursday.getUTCFullYear(), 0, 1);
  return thursday.getUTCFullYear() * 100 + Math.floor((thursday.getTime() - firstOfJanuary) / (7 * millisecondsPerDay)) + 1;
};

function monthOf(date: Date): number {
  return date.getUTCFullYear() * 100 + date.getUTCMonth() + 1;
}

function dayOf(date: Date): number {
  return monthOf(date) * 100 + date.getUTCDate();
}
