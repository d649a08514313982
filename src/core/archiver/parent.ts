/**
 * Which snapshot a backup is compared with (specification section 12).
 *
 * Invariant: a damaged snapshot never stops a backup; without a usable parent every file is read, and what is stored
 * already is still not stored again.
 */
import type { Repository } from '../repository/repository.ts';
import { findSnapshot, listSnapshots, matchesFilter, type StoredSnapshot } from '../repository/snapshots.ts';
import { parseTime } from '../repository/times.ts';
import type { BackupOptions } from './options.ts';

/** `paths`: of the new snapshot; `time`: its instant. Throws `SNAPSHOT_NOT_FOUND` where a named parent does not exist. */
export async function chooseParent(
  repository: Repository,
  options: Pick<BackupOptions, 'parent' | 'force' | 'hostname' | 'stdin'>,
  paths: readonly string[],
  time: bigint,
  signal: AbortSignal,
): Promise<StoredSnapshot | undefined> {
  const selector = options.parent ?? 'auto';
  const hostnames = options.hostname === '' ? [] : [options.hostname];
  if (options.force === true || options.stdin !== undefined || selector === 'none') return undefined;
  if (selector !== 'auto') return findSnapshot(repository, selector, { hostnames, paths }, signal);
  const snapshots = await listSnapshots(repository, signal, { tolerateDamage: true });
  return snapshots.findLast(({ snapshot }) => matchesFilter(snapshot, { hostnames, paths }) && (parseTime(snapshot.time) ?? 0n) <= time);
}
