/**
 * Snapshots: one file per backup (specification section 12).
 *
 * Vocabulary: a snapshot's *id* is the name of its file. A *selector* is the start of an id, or `latest`.
 *
 * Invariants: members are written in restic's order and left out where restic leaves them out; unknown members are
 * ignored when reading, so rewriting a snapshot drops them. A snapshot is written only after everything it needs is
 * durable and listed in an index.
 */
import { Failure } from '../../shared/errors.ts';
import { mapConcurrently } from '../platform/concurrently.ts';
import { jsonString, jsonStrings } from './canonical-json.ts';
import { damaged } from './damage.ts';
import type { DamagedObject, LoadOptions } from './load-options.ts';
import { listObjects } from './named-objects.ts';
import type { Repository } from './repository.ts';
import { readSnapshot, summaryCounts, summaryTimes } from './snapshot-reader.ts';
import { parseTime } from './times.ts';

/** Read and opened in one go, where the store can do that; while one batch is taken in, the next is under way. */
const batchSize = 128;
const batchesAtOnce = 2;

export interface SnapshotSummary {
  backup_start: string;
  backup_end: string;
  files_new: number;
  files_changed: number;
  files_unmodified: number;
  dirs_new: number;
  dirs_changed: number;
  dirs_unmodified: number;
  /** Blobs newly stored. */
  data_blobs: number;
  tree_blobs: number;
  /** Plaintext bytes of those. */
  data_added: number;
  /** Their bytes in the repository. */
  data_added_packed: number;
  total_files_processed: number;
  total_bytes_processed: number;
}

export interface Snapshot {
  /** Start of the backup; a time text (times.ts). */
  time: string;
  /** Id of the snapshot compared against; it may no longer exist. */
  parent?: string;
  /** Id of the root tree, 64 hex digits. */
  tree: string;
  paths: string[];
  hostname?: string;
  username?: string;
  uid?: number;
  gid?: number;
  excludes?: string[];
  tags?: string[];
  /** Id of the snapshot that this one is an edited copy of. */
  original?: string;
  program_version?: string;
  summary?: SnapshotSummary;
}

export interface StoredSnapshot {
  readonly id: string;
  readonly snapshot: Snapshot;
}

export function encodeSnapshot(snapshot: Snapshot): Buffer {
  const members = [`"time":${jsonString(snapshot.time)}`];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) members.push(`"${name}":${value}`);
  };
  const text = (value: string | undefined): string | undefined => (value === undefined || value === '' ? undefined : jsonString(value));
  const count = (value: number | undefined): string | undefined => (value === undefined || value === 0 ? undefined : value.toString());
  const list = (value: readonly string[] | undefined): string | undefined => (value === undefined || value.length === 0 ? undefined : jsonStrings(value));
  add('parent', text(snapshot.parent));
  add('tree', jsonString(snapshot.tree));
  add('paths', jsonStrings(snapshot.paths));
  add('hostname', text(snapshot.hostname));
  add('username', text(snapshot.username));
  add('uid', count(snapshot.uid));
  add('gid', count(snapshot.gid));
  add('excludes', list(snapshot.excludes));
  add('tags', list(snapshot.tags));
  add('original', text(snapshot.original));
  add('program_version', text(snapshot.program_version));
  if (snapshot.summary !== undefined) add('summary', summaryText(snapshot.summary));
  return Buffer.from(`{${members.join(',')}}`, 'utf8');
}

function summaryText(summary: SnapshotSummary): string {
  const times = summaryTimes.map((name) => `"${name}":${jsonString(summary[name])}`);
  const counts = summaryCounts.map((name) => `"${name}":${summary[name]}`);
  return `{${[...times, ...counts].join(',')}}`;
}

/** Failure DAMAGED for a text that is no snapshot. */
export function decodeSnapshot(json: Uint8Array): Snapshot {
  return readSnapshot(json);
}

export interface ListSnapshotsOptions extends LoadOptions {
  /** Gets the damaged snapshots that are left out. */
  readonly damaged?: DamagedObject[];
  /** Gets, by id, when the store received a snapshot, in milliseconds since the epoch, where its lists tell. */
  readonly received?: Map<string, number>;
}

/** All snapshots, by time ascending. A damaged one throws Failure DAMAGED; with `tolerateDamage` it is left out and logged. */
export async function listSnapshots(repository: Repository, signal?: AbortSignal, options: ListSnapshotsOptions = {}): Promise<StoredSnapshot[]> {
  const listed = await listObjects(repository.store, 'snapshot', signal);
  for (const { name, received } of listed) if (received !== undefined) options.received?.set(name, received);
  const names = listed.map(({ name }) => name);
  const together = await loadTogether(repository, names, signal);
  const load = async (name: string): Promise<StoredSnapshot | undefined> => {
    try {
      return await loadSnapshot(repository, name, signal);
    } catch (error) {
      if (options.tolerateDamage !== true || !(error instanceof Failure) || error.code !== 'DAMAGED') throw error;
      repository.logger.warn({ snapshot: name, error: error.text.what }, 'a snapshot is damaged');
      options.damaged?.push({ name, failure: error });
      return undefined;
    }
  };
  const loaded = await mapConcurrently(names.filter((name) => !together.has(name)), repository.store.smallOperations, load, signal);
  await repository.cache?.keepOnly('snapshot', new Set(names));
  return sortedByTime([...together.values(), ...loaded.filter((stored) => stored !== undefined)]);
}

/** Those that can be read many at a time, by name; a damaged one is left to be read alone, which says what is wrong with it. */
async function loadTogether(repository: Repository, names: readonly string[], signal?: AbortSignal): Promise<Map<string, StoredSnapshot>> {
  const loaded = new Map<string, StoredSnapshot>();
  const batches = Array.from({ length: Math.ceil(names.length / batchSize) }, (_, i) => names.slice(i * batchSize, (i + 1) * batchSize));
  const load = async (batch: readonly string[]): Promise<void> => {
    const texts = await repository.readTogether('snapshot', batch);
    for (const [i, id] of batch.entries()) {
      const text = texts[i];
      const snapshot = text === undefined ? undefined : decodedOrDamaged(text);
      if (snapshot !== undefined) loaded.set(id, { id, snapshot });
    }
  };
  await mapConcurrently(batches, batchesAtOnce, load, signal);
  return loaded;
}

/** Undefined for a text that is no snapshot. */
function decodedOrDamaged(text: Buffer): Snapshot | undefined {
  try {
    return decodeSnapshot(text);
  } catch (error) {
    if (error instanceof Failure && error.code === 'DAMAGED') return undefined;
    throw error;
  }
}

function sortedByTime(snapshots: readonly StoredSnapshot[]): StoredSnapshot[] {
  const keyed = snapshots.map((stored) => ({ instant: parseTime(stored.snapshot.time) ?? 0n, stored }));
  keyed.sort((a, b) => (a.instant < b.instant ? -1 : a.instant > b.instant ? 1 : a.stored.id < b.stored.id ? -1 : 1));
  return keyed.map(({ stored }) => stored);
}

async function loadSnapshot(repository: Repository, id: string, signal?: AbortSignal): Promise<StoredSnapshot> {
  const json = await repository.readUnpacked('snapshot', id, signal);
  try {
    return { id, snapshot: decodeSnapshot(json) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw damaged(`Snapshot ${id} is damaged: ${error.text.what}`, { cause: error });
  }
}

/** The snapshot that a selector names; the filter applies to `latest` only. Failure SNAPSHOT_NOT_FOUND, also for an ambiguous start of an id. */
export async function findSnapshot(repository: Repository, selector: string, filter: SnapshotFilter = {}, signal?: AbortSignal): Promise<StoredSnapshot> {
  if (selector === 'latest') return latestSnapshot(repository, filter, signal);
  if (!/^[0-9a-f]{1,64}$/.test(selector)) {
    throw notFound(`"${selector}" is neither "latest" nor the start of a snapshot's id`);
  }
  const names = (await listObjects(repository.store, 'snapshot', signal)).map(({ name }) => name).filter((name) => name.startsWith(selector));
  const [name] = names;
  if (name === undefined) throw notFound(`No snapshot's id starts with ${selector}`);
  if (names.length > 1) throw notFound(`${names.length} snapshots' ids start with ${selector}: ${names.sort().map((id) => id.slice(0, 12)).join(', ')}`);
  return loadSnapshot(repository, name, signal);
}

async function latestSnapshot(repository: Repository, filter: SnapshotFilter, signal?: AbortSignal): Promise<StoredSnapshot> {
  const damagedSnapshots: DamagedObject[] = [];
  const all = await listSnapshots(repository, signal, { tolerateDamage: true, damaged: damagedSnapshots });
  const latest = all.findLast(({ snapshot }) => matchesFilter(snapshot, filter));
  const [first] = damagedSnapshots;
  if (first !== undefined) {
    // The damaged one may be the latest: an older one must not be taken for it in silence.
    const next = latest === undefined ? undefined : `Name the snapshot by its id; the latest that can be read is ${latest.id.slice(0, 12)} of ${latest.snapshot.time}`;
    throw damaged(first.failure.text.what, { cause: first.failure, ...(next === undefined ? {} : { next }) });
  }
  if (latest === undefined) throw notFound(all.length === 0 ? 'The repository has no snapshot' : 'No snapshot matches the host, paths and tags asked for');
  return latest;
}

function notFound(what: string): Failure {
  return new Failure('SNAPSHOT_NOT_FOUND', { what, safe: 'Nothing was changed', next: 'List the snapshots with `cyberbackup snapshots` and name one of them' });
}

/** Which snapshots are meant, by host, paths and tags, as in restic's options. */
export interface SnapshotFilter {
  /** One of them; the empty list: any host. */
  readonly hostnames?: readonly string[];
  /** All of them must be among the snapshot's paths. */
  readonly paths?: readonly string[];
  /** At least one item must match; an item is tags joined by commas, all of which the snapshot must have. The empty item matches a snapshot without tags. */
  readonly tags?: readonly string[];
}

export function matchesFilter(snapshot: Snapshot, { hostnames = [], paths = [], tags = [] }: SnapshotFilter): boolean {
  if (hostnames.length > 0 && !hostnames.includes(snapshot.hostname ?? '')) return false;
  if (!paths.every((path) => snapshot.paths.includes(path))) return false;
  return tags.length === 0 || tags.some((item) => hasTags(snapshot.tags ?? [], item));
}

function hasTags(present: readonly string[], item: string): boolean {
  return item === '' ? present.length === 0 : item.split(',').every((tag) => present.includes(tag));
}

/** Stores a snapshot; resolves with its id. Everything it needs must be durable. */
export function saveSnapshot(repository: Repository, snapshot: Snapshot, signal?: AbortSignal): Promise<string> {
  return repository.writeUnpacked('snapshot', encodeSnapshot(snapshot), signal);
}

export function removeSnapshot(repository: Repository, id: string, signal?: AbortSignal): Promise<void> {
  return repository.store.remove({ type: 'snapshot', name: id }, signal);
}
