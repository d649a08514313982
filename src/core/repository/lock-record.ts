/**
 * What a lock file says (specification section 14), and when it is stale.
 */
import { hostName, userName } from '../platform/identity.ts';
import { isProcessAlive } from '../platform/process-alive.ts';
import { jsonString } from './canonical-json.ts';
import { formatTime, instantFromMilliseconds, parseTime } from './times.ts';

export interface LockRecord {
  /** When it was written; a time text (times.ts). */
  readonly time: string;
  readonly exclusive: boolean;
  readonly hostname: string;
  readonly username: string;
  readonly pid: number;
  /** 0 on Windows. */
  readonly uid: number;
  readonly gid: number;
}

const staleAge = 30n * 60n * 1_000_000_000n;
/** Names that many machines have: they do not tell that a process id is one of ours. */
const sharedHostnames: ReadonlySet<string> = new Set(['', 'localhost', 'localhost.localdomain']);

/** The record of this process. `now`: milliseconds since the epoch. */
export function ownRecord(exclusive: boolean, hostname: string, now: number): LockRecord {
  return {
    time: formatTime(instantFromMilliseconds(now)),
    exclusive,
    hostname,
    username: userName(),
    pid: process.pid,
    // Windows has no such ids; restic writes none there either.
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
  };
}

export function encodeLock({ time, exclusive, hostname, username, pid, uid, gid }: LockRecord): Buffer {
  const owner = `${uid === 0 ? '' : `,"uid":${uid}`}${gid === 0 ? '' : `,"gid":${gid}`}`;
  return Buffer.from(`{"time":${jsonString(time)},"exclusive":${exclusive},"hostname":${jsonString(hostname)},"username":${jsonString(username)},"pid":${pid}${owner}}`);
}

/** Throws an Error for a text that is no lock. */
export function decodeLock(json: Buffer): LockRecord {
  const value: unknown = JSON.parse(json.toString('utf8'));
  if (typeof value !== 'object' || value === null) throw new Error('it is no JSON object');
  const { time, exclusive = false, hostname = '', username = '', pid = 0, uid = 0, gid = 0 } = value as Record<string, unknown>;
  if (typeof time !== 'string' || parseTime(time) === undefined) throw new Error('its time is missing or wrong');
  if (typeof exclusive !== 'boolean' || typeof hostname !== 'string' || typeof username !== 'string') throw new Error('a member has a wrong type');
  if (typeof pid !== 'number' || typeof uid !== 'number' || typeof gid !== 'number') throw new Error('a member has a wrong type');
  return { time, exclusive, hostname, username, pid, uid, gid };
}

/**
 * The rule of restic's `unlock`: written more than 30 minutes ago (a running program refreshes every 5), or by a process
 * of this host that no longer exists. It trusts the clock of the writer; a time in the future is not stale.
 */
export function isStale(record: LockRecord, now: number, hostname = hostName()): boolean {
  const age = instantFromMilliseconds(now) - (parseTime(record.time) ?? 0n);
  if (age > staleAge) return true;
  return record.hostname === hostname && !sharedHostnames.has(hostname) && !isProcessAlive(record.pid);
}
