/** Reading the JSON of a snapshot: types are checked member by member, what is unknown is ignored. */
import { damaged } from './damage.ts';
import type { Snapshot, SnapshotSummary } from './snapshots.ts';
import { parseTime } from './times.ts';

/** The members of a summary, in the order of the file. */
export const summaryTimes = ['backup_start', 'backup_end'] as const;
export const summaryCounts = [
  'files_new',
  'files_changed',
  'files_unmodified',
  'dirs_new',
  'dirs_changed',
  'dirs_unmodified',
  'data_blobs',
  'tree_blobs',
  'data_added',
  'data_added_packed',
  'total_files_processed',
  'total_bytes_processed',
] as const;

type Members = Readonly<Record<string, unknown>>;

/** Failure DAMAGED. */
export function readSnapshot(json: Uint8Array): Snapshot {
  const members = parse(json);
  const snapshot: Snapshot = { time: time(members, 'time'), tree: id(members, 'tree') ?? fail('its tree is missing'), paths: texts(members, 'paths') ?? [] };
  assign(snapshot, 'parent', id(members, 'parent'));
  assign(snapshot, 'hostname', text(members, 'hostname'));
  assign(snapshot, 'username', text(members, 'username'));
  assign(snapshot, 'uid', count(members, 'uid'));
  assign(snapshot, 'gid', count(members, 'gid'));
  assign(snapshot, 'excludes', texts(members, 'excludes'));
  assign(snapshot, 'tags', texts(members, 'tags'));
  assign(snapshot, 'original', id(members, 'original'));
  assign(snapshot, 'program_version', text(members, 'program_version'));
  assign(snapshot, 'summary', summary(members));
  return snapshot;
}

function assign<Key extends keyof Snapshot>(snapshot: Snapshot, key: Key, value: Snapshot[Key] | undefined): void {
  if (value !== undefined) snapshot[key] = value;
}

function fail(why: string, cause?: unknown): never {
  throw damaged(`It is no valid snapshot: ${why}`, { cause });
}

function parse(json: Uint8Array): Members {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8'));
  } catch (error) {
    fail('it is no JSON', error);
  }
  if (typeof value !== 'object' || value === null) fail('it is no JSON object');
  return value as Members;
}

function text(members: Members, name: string): string | undefined {
  const value = members[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : fail(`its ${name} is no text`);
}

function texts(members: Members, name: string): string[] | undefined {
  const value = members[name];
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : fail(`its ${name} is no list of texts`);
}

function count(members: Members, name: string): number | undefined {
  const value = members[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : fail(`its ${name} is no number`);
}

function time(members: Members, name: string): string {
  const value = text(members, name);
  return value !== undefined && parseTime(value) !== undefined ? value : fail(`its ${name} is missing or wrong`);
}

function id(members: Members, name: string): string | undefined {
  const value = text(members, name);
  return value === undefined || /^[0-9a-f]{64}$/.test(value) ? value : fail(`its ${name} is no id`);
}

function summary(members: Members): SnapshotSummary | undefined {
  const value = members.summary;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') fail('its summary is no object');
  const parts = value as Members;
  const read: Record<string, string | number> = {};
  for (const name of summaryTimes) read[name] = time(parts, name);
  for (const name of summaryCounts) read[name] = count(parts, name) ?? 0;
  return read as unknown as SnapshotSummary;
}
